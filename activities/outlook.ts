import type { Standing } from '../store/messages.ts';
import type { Outlook } from './interfaces.ts';

/**
 * A receipt may come this much later than the end of a text's validity, or as much as it has been learnt that receipts of its route take;
 * then the text ends as `unknown`.
 */
const receiptGraceMs = 30_000;
/** A claim without an answer for this long will not get one any more. */
export const answerPatienceMs = 15_000;

/**
 * When something has to be decided about a text at the latest.
 * @returns undefined when it is not with a workflow any more.
 */
export function dueAt(message: Standing): Date | undefined {
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
      return message.allowDuplicate && answerDue < message.expiresAt ? answerDue : afterGrace(message);
    }
    case 'submitted':
      return afterGrace(message);
    default:
      return undefined;
  }
}

function afterGrace({ expiresAt, route }: Standing): Date {
  return new Date(expiresAt.getTime() + Math.max(receiptGraceMs, route?.receiptTimeoutMs ?? 0));
}

/** What is left to do for a workflow's texts, as they stand in the store. */
export function outlookOf(messages: readonly Standing[], now: Date): Outlook {
  const due = messages.flatMap((message) => dueAt(message) ?? []);
  const queued = messages.filter((message) => message.status === 'queued' && message.expiresAt > now);
  const next = due.length > 0 ? Math.min(...due.map((at) => at.getTime())) : undefined;
  return {
    open: due.length,
    carriers: [...new Set(queued.flatMap((message) => message.route?.carrier ?? []))],
    reviewDue: next !== undefined && next <= now.getTime(),
    ...(next !== undefined && { nextAt: new Date(next).toISOString() }),
  };
}
