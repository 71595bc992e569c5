import type { OrderState } from './order.ts';

/** What a port waits for, for people: what, since when, until when, and what happens then. */
export interface Waiting {
  readonly what: string;
  /** RFC 3339 UTC. */
  readonly since: string;
  readonly until?: string;
  readonly next?: string;
}

const day = 24 * 3600_000;

/** A port that nobody mends is given up after this long. */
export const patienceMs = 30 * day;
/** An order without an answer is shown as overdue after this long (reference: porting, timers: non-simple ports take four business days). */
export const answerOverdueMs = 7 * day;

/** What was agreed for a port as a whole, as far as it decides what it waits for. */
export interface PortTerms {
  readonly activation?: 'automatic' | 'on-demand';
  /** Without proof for this long after the agreed date a person is asked; milliseconds. */
  readonly proofDeadlineMs?: number;
}

/** Describes what an order waits for; undefined when it has ended. */
export function waitingOf(order: OrderState, terms: PortTerms = {}): Waiting | undefined {
  const after = (ms: number) => new Date(Date.parse(order.since) + ms).toISOString();
  switch (order.status) {
    case 'draft':
    case 'checking':
      return { what: 'the checks before submission', since: order.since };
    case 'action-required':
      return {
        what: 'a supplement that mends the problems',
        since: order.since,
        until: after(patienceMs),
        next: 'the port is given up',
      };
    case 'exception':
      return {
        what: 'a supplement that answers the losing carrier',
        since: order.since,
        until: after(patienceMs),
        next: 'the port is given up',
      };
    case 'submitted':
      return {
        what: 'the losing carrier to confirm a date',
        since: order.since,
        until: after(answerOverdueMs),
        next: 'the order is raised as overdue',
      };
    case 'foc-confirmed':
      if (terms.activation === 'on-demand') return { what: 'somebody to activate the order', since: order.since };
      return {
        what: 'the agreed date',
        since: order.since,
        ...(order.focAt && { until: order.focAt, next: 'the numbers move' }),
      };
    case 'activating':
      return {
        what: 'proof that calls and texts of every number have moved',
        since: order.since,
        ...(order.focAt &&
          terms.proofDeadlineMs !== undefined && {
            until: new Date(Date.parse(order.focAt) + terms.proofDeadlineMs).toISOString(),
            next: 'a person is asked to look at both carriers',
          }),
      };
    case 'cancel-pending':
      return { what: 'the carrier to confirm the cancellation', since: order.since };
    case 'completed':
    case 'cancelled':
    case 'failed':
      return undefined;
  }
}
