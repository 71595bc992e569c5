import smpp, { type PDU } from 'smpp';
import type { PartAnswer } from '../carrier.ts';
import type { SmppConfig } from './config.ts';
import { idOfAnswer } from './receipt-id.ts';

const nameOfStatus = new Map(Object.entries(smpp.errors).map(([name, status]) => [status, name]));

const throttled = 0x58;
/** How long nothing is written to a carrier that said that it is too much; SMPP says nothing about it. */
export const throttlePauseMs = 1_000;

/** `command_status` as we write codes: `0x58`, `0x0A`, `0x0400`. */
export function codeOfStatus(status: number): string {
  const digits = status.toString(16).toUpperCase();
  return `0x${digits.padStart(digits.length <= 2 ? 2 : 4, '0')}`;
}

/** What a `submit_sm_resp`, or a `generic_nack` in its place, says of one segment. */
export function readAnswer(pdu: PDU, receiptId: SmppConfig['receiptId']): PartAnswer {
  const status = pdu.command_status;
  if (status !== 0) {
    return {
      outcome: 'rejected',
      code: codeOfStatus(status),
      detail: nameOfStatus.get(status) ?? 'a status of the carrier’s own',
      ...(status === throttled && { retryAfterMs: throttlePauseMs }),
    };
  }
  const id = typeof pdu.message_id === 'string' ? pdu.message_id.trim() : '';
  // Without an id only the reference in its receipt can tell what became of it.
  if (id === '') return { outcome: 'ambiguous', reason: 'accepted by the carrier without an id' };
  const carrierMessageId = idOfAnswer(id, receiptId);
  return { outcome: 'accepted', carrierMessageId, ...(id !== carrierMessageId && { givenId: id }) };
}
