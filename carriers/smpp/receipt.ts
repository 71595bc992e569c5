import type { Zone } from 'luxon';
import type { ReceiptState } from '../../domain/message.ts';
import { decodeText } from './alphabet.ts';
import type { SmppConfig } from './config.ts';
import type { DeliveryPdu } from './delivery-pdu.ts';
import { receiptDate } from './receipt-date.ts';
import { idOfReceipt } from './receipt-id.ts';
import states from './receipt-states.json' with { type: 'json' };
import { type ReceiptText, readReceiptText } from './receipt-text.ts';

/** What a receipt says, in our terms. */
export interface Receipt {
  readonly carrierMessageId?: string;
  readonly userMessageReference?: number;
  readonly state: ReceiptState;
  readonly code?: string;
  /** RFC 3339 UTC. */
  readonly doneAt?: string;
  readonly textStart?: string;
}

export type ReceiptSettings = Pick<SmppConfig, 'receiptId' | 'defaultAlphabet'> & { readonly zone: Zone };

const byWord: Readonly<Record<string, string | undefined>> = states.words;
const byNumber: Readonly<Record<string, string | undefined>> = states.numbers;

/** Bits 5-2 of `esm_class` (SMPP 3.4 §5.2.12): receipt, intermediate notification. */
const messageTypeBits = 0x3c;
const receiptTypes = [0x04, 0x20];

/**
 * Reads a receipt from its text (SMPP 3.4 appendix B) and its TLVs, whichever are there. A state that we don't know is `UNKNOWN`.
 * Some carriers leave `esm_class` 0; then the id of a submitted text together with a state gives a receipt away.
 * @returns undefined when the PDU is no receipt
 */
export function readReceipt(pdu: DeliveryPdu, settings: ReceiptSettings): Receipt | undefined {
  const declared = receiptTypes.includes(pdu.esmClass & messageTypeBits);
  if (!declared && pdu.receiptedMessageId === undefined) return undefined;
  const text = readReceiptText(pdu.octets);
  if (!declared && pdu.messageState === undefined && (text.id === undefined || text.state === undefined))
    return undefined;
  // The setting describes the id as the carrier writes it in the text; where there is none, the TLV's.
  const id = text.id ?? pdu.receiptedMessageId;
  const code = codeOf(pdu, text);
  const doneAt = receiptDate(text.doneDate ?? '', settings.zone);
  const textStart = text.text && decodeText(text.text, pdu.dataCoding, settings.defaultAlphabet);
  return {
    ...(id !== undefined && { carrierMessageId: idOfReceipt(id, settings.receiptId) }),
    ...(pdu.userMessageReference !== undefined && { userMessageReference: pdu.userMessageReference }),
    state: stateOf(pdu, text),
    ...(code !== undefined && { code }),
    ...(doneAt !== undefined && { doneAt }),
    ...(textStart && { textStart }),
  };
}

function stateOf(pdu: DeliveryPdu, text: ReceiptText): ReceiptState {
  const word = byWord[text.state?.toUpperCase() ?? ''];
  return (word ?? byNumber[String(pdu.messageState)] ?? 'UNKNOWN') as ReceiptState;
}

/** `err:` as the carrier writes it, else the network's own number from the TLV; zero means no error. */
function codeOf(pdu: DeliveryPdu, text: ReceiptText): string | undefined {
  const code = text.error ?? pdu.networkError?.code.toString();
  return code === undefined || /^0+$/.test(code) ? undefined : code;
}
