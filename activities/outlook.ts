import type { Carrier } from '../carriers/carrier.ts';
import { inquiryDueAt, inquiryPatienceMs, receiptGraceMs } from '../domain/inquiry.ts';
import type { Standing } from '../store/messages.ts';
import type { Outlook } from './interfaces.ts';

/**
 * A text that is not valid for so long any more is not written: carriers count a validity in whole seconds (SMPP 3.4 §7.1.1.2), so it could be
 * delivered after we have said that it expired.
 */
export const leastValidityMs = 1000;
/** A claim without an answer for this long will not get one any more. */
export const answerPatienceMs = 15_000;

/** Whether a carrier can be asked what became of a text (carriers/message-inquiry.ts). */
export type CanBeAsked = (carrier: string) => boolean;

export const canBeAsked =
  (carriers: ReadonlyMap<string, Carrier>): CanBeAsked =>
  (carrier) =>
    carriers.get(carrier)?.inquiry !== undefined;

/**
 * When something has to be decided about a text at the latest.
 * @returns undefined when it is not with a workflow any more.
 */
export function dueAt(message: Standing, asks: CanBeAsked): Date | undefined {
  switch (message.status) {
    case 'accepted':
      return new Date(0);
    case 'queued':
      return message.expiresAt;
    case 'retrying':
      return message.retryAt ?? new Date(0);
    case 'claimed': {
      const claimedAt = message.attempts.at(-1)?.claimedAt ?? message.acceptedAt;
      const answerDue = new Date(claimedAt.getTime() + answerPatienceMs);
      // Silence is ambiguous: only who allowed a duplicate gets another try.
      return message.allowDuplicate && answerDue < message.expiresAt ? answerDue : endAt(message, asks);
    }
    case 'submitted':
      return endAt(message, asks);
    default:
      return undefined;
  }
}

/** When a text of which nothing is heard ends as `unknown`: after its receipt could still have come, and its carrier has been asked. */
function endAt(message: Standing, asks: CanBeAsked): Date {
  const patience = askAt(message, asks) ? inquiryPatienceMs : 0;
  // Receipts of its route take so long, as far as that has been learnt (domain/route-choice).
  const grace = Math.max(receiptGraceMs, message.route?.receiptTimeoutMs ?? 0);
  return new Date(message.expiresAt.getTime() + grace + patience);
}

function askAt(message: Standing, asks: CanBeAsked): Date | undefined {
  const carrier = message.attempts.at(-1)?.carrier;
  return carrier !== undefined && asks(carrier) ? inquiryDueAt(message) : undefined;
}

/** What is left to do for a workflow's texts, as they stand in the store. */
export function outlookOf(messages: readonly Standing[], now: Date, asks: CanBeAsked): Outlook {
  const due = messages.flatMap((message) => dueAt(message, asks) ?? []);
  const toAsk = messages.flatMap((message) => {
    const at = askAt(message, asks);
    return at ? { at, carrier: message.attempts.at(-1)?.carrier } : [];
  });
  const asked = toAsk.filter(({ at }) => at <= now).flatMap(({ carrier }) => carrier ?? []);
  const queued = messages.filter(
    (message) => message.status === 'queued' && message.expiresAt.getTime() - now.getTime() >= leastValidityMs,
  );
  const validUntil = queued.reduce<Date | undefined>(
    (last, { expiresAt }) => (last && last >= expiresAt ? last : expiresAt),
    undefined,
  );
  const sender = mostFrequent(queued.flatMap((message) => message.route?.sender.key ?? []));
  const nextDecision = earliest(due);
  // What is to be asked by now stands among the inquiries: it is no moment to wait for.
  const next = earliest([...due, ...toAsk.map(({ at }) => at).filter((at) => at > now)]);
  return {
    open: due.length,
    carriers: [...new Set(queued.flatMap((message) => message.route?.carrier ?? []))],
    reviewDue: nextDecision !== undefined && nextDecision <= now,
    ...(asked.length > 0 && { inquiries: [...new Set(asked)] }),
    ...(next && { nextAt: next.toISOString() }),
    ...(validUntil && { validUntil: validUntil.toISOString() }),
    ...(sender !== undefined && { sender }),
  };
}

/** @returns undefined of no values */
export function mostFrequent(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function earliest(moments: readonly Date[]): Date | undefined {
  return moments.reduce<Date | undefined>((first, at) => (first && first <= at ? first : at), undefined);
}
