/** The fields of a receipt's text (SMPP 3.4 appendix B) that we use, as the carrier wrote them. */
export interface ReceiptText {
  readonly id?: string;
  readonly state?: string;
  readonly doneDate?: string;
  readonly error?: string;
  /** The first octets of the text that the receipt is about, in the carrier's alphabet. */
  readonly text?: Buffer;
}

/** A field is empty when the next one follows at once, so its value holds no colon. */
const field = (name: string) => new RegExp(`(?:^|\\s)${name}:\\s*([^\\s:]+)(?=\\s|$)`, 'i');
const fields = { id: field('id'), state: field('stat'), doneDate: field('done date'), error: field('err') };
const textField = /(?:^|\s)text:/i;

/** Receipts are written in ASCII whatever `data_coding` says: read as GSM-7, an `_` in an id would become `§`. */
export function readReceiptText(octets: Buffer): ReceiptText {
  const ascii = octets.toString('latin1');
  const text = textField.exec(ascii);
  const head = text ? ascii.slice(0, text.index) : ascii;
  return {
    id: fields.id.exec(head)?.[1],
    state: fields.state.exec(head)?.[1],
    doneDate: fields.doneDate.exec(head)?.[1],
    error: fields.error.exec(head)?.[1],
    text: text ? octets.subarray(text.index + text[0].length) : undefined,
  };
}
