import { finalReceiptStates, type MessageStatus } from './message.ts';
import type { Attempt, PartProgress } from './message-progress.ts';

/** What tells whether a carrier is to be asked about a text. */
export interface Inquirable {
  readonly status: MessageStatus;
  readonly acceptedAt: Date;
  readonly expiresAt: Date;
  readonly attempts: readonly Attempt[];
  /** How long receipts of its route take, in milliseconds, as far as that has been learnt (domain/route-choice). */
  readonly route?: { readonly receiptTimeoutMs?: number };
}

/** A receipt may come this much later than the end of a text's validity. */
export const receiptGraceMs = 30_000;
/** What the last question may take; then a text ends as `unknown` without an answer. */
export const inquiryPatienceMs = 60_000;

/** A receipt is waited for at least so long before its carrier is asked for the first time. */
const leastSilenceMs = 60_000;
/** Else for this part of the time that the text is valid: who pays for a text of four hours can wait an hour for news. */
const silentPart = 0.25;

/**
 * When the carrier of a text's last attempt is to be asked what became of it: once after a silence, and once more before the text ends as
 * `unknown`. Only where the carrier has given an id: what it never answered it can't be asked about (SMPP 3.4 §4.8).
 * @returns undefined when there is nothing (more) to ask
 */
export function inquiryDueAt(text: Inquirable): Date | undefined {
  if (text.status !== 'submitted' && text.status !== 'claimed') return undefined;
  const attempt = text.attempts.at(-1);
  if (!attempt || openParts(attempt).length === 0) return undefined;
  const last = text.expiresAt.getTime() + receiptGraceMs;
  if (!attempt.askedAt) {
    const validMs = text.expiresAt.getTime() - text.acceptedAt.getTime();
    const silence = Math.max(leastSilenceMs, silentPart * validMs, text.route?.receiptTimeoutMs ?? 0);
    return new Date(Math.min(last, (attempt.answeredAt ?? attempt.claimedAt).getTime() + silence));
  }
  return attempt.askedAt.getTime() < last ? new Date(last) : undefined;
}

/** The segments that the carrier has named and said nothing final about, with the place that each has in its attempt. */
export function openParts({ parts = [] }: Attempt): (PartProgress & { readonly carrierMessageId: string })[] {
  return parts.filter(
    (part): part is PartProgress & { readonly carrierMessageId: string } =>
      part.carrierMessageId !== undefined && !(part.state && finalReceiptStates.includes(part.state)),
  );
}
