import type { Fate, FinalState, Segment } from '../network/segment.ts';
import type { SmppQuirks } from '../world/networks.ts';
import { writeAddress } from './addresses.ts';
import type { PduFields } from './library.ts';

const RECEIPT_ESM_CLASS = 0x04;
/** SMPP 3.4 §5.2.28. */
export const MESSAGE_STATES: Readonly<Record<FinalState | 'ENROUTE', number>> = {
  ENROUTE: 1,
  DELIVRD: 2,
  EXPIRED: 3,
  DELETED: 4,
  UNDELIV: 5,
  REJECTD: 8,
};
const NETWORK_TYPE_GSM = 3;

/** A delivery receipt as a deliver_sm: the text of SMPP 3.4 appendix B, with the carrier's own liberties. */
export function receiptPdu(
  segment: Segment,
  fate: Fate,
  receiptedId: string,
  quirks: SmppQuirks,
  times: { readonly submittedAt: number; readonly doneAt: number },
): PduFields {
  const source = writeAddress(segment.to);
  const destination = writeAddress(segment.from);
  const delivered = fate.state === 'DELIVRD';
  const error = fate.code ?? '000';
  const body = [
    quirks.receiptInTlvs ? '' : `id:${receiptedId} `,
    `sub:001 dlvrd:${delivered ? '001' : '000'}`,
    ` submit date:${date(times.submittedAt, quirks)} done date:${date(times.doneAt, quirks)}`,
    quirks.receiptInTlvs ? '' : ` stat:${fate.state} err:${error}`,
    ` text:${segment.text.replace(/[^\x20-\x7e]/g, '?').slice(0, 20)}`,
  ].join('');
  const fields: PduFields = {
    source_addr_ton: source.ton,
    source_addr_npi: source.npi,
    source_addr: source.address,
    dest_addr_ton: destination.ton,
    dest_addr_npi: destination.npi,
    destination_addr: destination.address,
    esm_class: RECEIPT_ESM_CLASS,
    data_coding: 0,
    short_message: Buffer.from(body, 'ascii'),
  };
  if (quirks.receiptInTlvs) {
    fields.receipted_message_id = receiptedId;
    fields.message_state = MESSAGE_STATES[fate.state];
    if (!delivered) fields.network_error_code = networkError(error);
  }
  if (quirks.echoesReference) fields.user_message_reference = segment.userMessageReference;
  if (fields.user_message_reference === undefined) delete fields.user_message_reference;
  return fields;
}

/** SMPP 3.4 §5.3.2.31: the network type, then its error as 16 bits. */
function networkError(code: string): Buffer {
  const octets = Buffer.from([NETWORK_TYPE_GSM, 0, 0]);
  octets.writeUInt16BE((Number.parseInt(code, 10) || 0) & 0xffff, 1);
  return octets;
}

/** `YYMMDDhhmm` in the carrier's own zone. */
function date(at: number, { receiptTimeZone }: SmppQuirks): string {
  const hours = Number(receiptTimeZone.slice(0, 3));
  return new Date(at + hours * 3_600_000).toISOString().replace(/\D/g, '').slice(2, 12);
}
