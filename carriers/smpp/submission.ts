import smpp, { type PDU } from 'smpp';
import type { Submission } from '../carrier.ts';
import { toAddress } from './address.ts';
import type { SmppConfig } from './config.ts';
import { encodeParts } from './parts.ts';

/** A receipt is wanted, on success and on failure (SMPP 3.4 §5.2.17). */
const receiptWanted = 1;

/** The `submit_sm` of each part of a text. The parts share the low bits of the first reference as their concatenation reference. */
export function toSubmitPdus(submission: Submission, config: SmppConfig): PDU[] {
  const source = toAddress(submission.from, config);
  const destination = toAddress(submission.to, config);
  const { references } = submission;
  return encodeParts(submission.text, references[0] ?? 0, config).map(
    (part, index) =>
      new smpp.PDU('submit_sm', {
        source_addr_ton: source.ton,
        source_addr_npi: source.npi,
        source_addr: source.digits,
        dest_addr_ton: destination.ton,
        dest_addr_npi: destination.npi,
        destination_addr: destination.digits,
        esm_class: part.esmClass,
        validity_period: relativePeriod(submission.validityMs),
        registered_delivery: receiptWanted,
        data_coding: part.dataCoding,
        short_message: part.octets,
        ...(references[index] !== undefined && { user_message_reference: references[index] }),
      }),
  );
}

/**
 * YYMMDDhhmmss000R, relative to the carrier's clock (SMPP 3.4 §7.1.1.2), never longer than asked for: a month is counted as 31 days.
 * @param ms at least a second is written, because zero means the carrier's default
 */
export function relativePeriod(ms: number): string {
  const total = Math.max(1, Math.floor(ms / 1000));
  const days = Math.floor(total / 86_400);
  const months = Math.floor(days / 31);
  const fields = [
    Math.floor(months / 12),
    months % 12,
    days % 31,
    Math.floor(total / 3600) % 24,
    Math.floor(total / 60) % 60,
    total % 60,
  ];
  return `${fields.map((field) => String(Math.min(field, 99)).padStart(2, '0')).join('')}000R`;
}
