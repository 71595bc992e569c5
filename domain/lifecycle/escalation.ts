import { plus } from './moment.ts';
import type { OrderState } from './order.ts';

/** A deadline that has passed, put before people: a problem of the order, a step of its timeline, a word to who is late. */
export interface Escalation {
  /** What is late; also the code of the problem. */
  readonly code: EscalationCode;
  readonly message: string;
  /** RFC 3339 UTC, of the last time. */
  readonly at: string;
  /** How many times so far. */
  readonly count: number;
}

export type EscalationCode =
  | 'checks-overdue'
  | 'not-mended'
  | 'answer-overdue'
  | 'concurrence-overdue'
  | 'conflict-unresolved'
  | 'date-unknown'
  | 'activation-missed'
  | 'move-overdue'
  | 'foc-dead'
  | 'proof-overdue'
  | 'cancellation-unanswered'
  | 'unknown-carrier-state';

const day = 24 * 3600_000;
const longestPauseMs = 28 * day;

/** Milliseconds until it is said again: a day, then twice as long each time, at most four weeks. @param count so far, from 1 */
function pauseAfter(count: number): number {
  return Math.min(longestPauseMs, day * 2 ** Math.min(count - 1, 10));
}

/** When an escalation is repeated, RFC 3339 UTC. */
export function repeatedAt({ at, count }: Escalation): string {
  return plus(at, pauseAfter(count));
}

/** The order goes on: what it waited for has come, or it waits for something else. */
export function hasMoved(before: OrderState, after: OrderState): boolean {
  return (
    before.status !== after.status ||
    before.focAt !== after.focAt ||
    (before.unknownSince === undefined) !== (after.unknownSince === undefined) ||
    before.concurrence !== after.concurrence ||
    before.ported !== after.ported ||
    before.submittedAt !== after.submittedAt
  );
}
