import { isFinalOrder, type OrderProblem, type OrderStatus } from './order.ts';
import type { Waiting } from './waiting.ts';

/** The removal of texts from a carrier that hosts them; the number itself stays where it is. */
export interface RemovalState {
  readonly status: OrderStatus;
  /** RFC 3339 UTC; when this status began. */
  readonly since: string;
  readonly problems: readonly OrderProblem[];
}

export type RemovalEvent =
  | { readonly type: 'checked'; readonly problems: readonly OrderProblem[] }
  | { readonly type: 'cancel-requested' }
  /** The texts wait, and the carrier is asked to let them go. */
  | { readonly type: 'asked' }
  /** The carrier hosts none of them any more, or will not stop for some. */
  | { readonly type: 'stopped'; readonly refused?: OrderProblem }
  /** It is settled where each number's texts go. @property failed so many are where they were */
  | { readonly type: 'settled'; readonly failed: number };

export function newRemoval(at: string): RemovalState {
  return { status: 'checking', since: at, problems: [] };
}

/** Once the carrier has been asked, it cannot be taken back: texts are enabled again by an order of their own. */
export function canCancelRemoval(state: RemovalState): boolean {
  return state.status === 'checking';
}

/**
 * What a removal becomes when something happens. Total: what means nothing in a state leaves it, and a final state never changes.
 * @param at RFC 3339 UTC
 */
export function nextRemoval(state: RemovalState, event: RemovalEvent, at: string): RemovalState {
  if (isFinalOrder(state.status)) return state;
  const to = (status: OrderStatus, problems = state.problems): RemovalState => ({ status, since: at, problems });
  switch (event.type) {
    case 'checked':
      return state.status === 'checking' && event.problems.length > 0 ? to('failed', event.problems) : state;
    case 'cancel-requested':
      return canCancelRemoval(state) ? to('cancelled') : state;
    case 'asked':
      return state.status === 'checking' ? to('submitted') : state;
    case 'stopped':
      return state.status === 'submitted' ? to('activating', event.refused ? [event.refused] : []) : state;
    case 'settled':
      if (state.status !== 'activating') return state;
      if (event.failed === 0) return to('completed');
      return to('failed', [
        ...state.problems,
        { code: 'numbers-failed', message: `The texts of ${event.failed} of the numbers are where they were.` },
      ]);
  }
}

/** A carrier that has not let the texts go after this long is slow: a person should ask it. Milliseconds. */
export const removalOverdueMs = 24 * 3600_000;

/** Describes what a removal waits for; undefined when it has ended. @param proofDeadlineMs as in `PortTerms` */
export function waitingOfRemoval(state: RemovalState, proofDeadlineMs: number): Waiting | undefined {
  const after = (ms: number) => new Date(Date.parse(state.since) + ms).toISOString();
  switch (state.status) {
    case 'checking':
      return { what: 'the checks before anything is asked of the carrier', since: state.since };
    case 'submitted':
      return {
        what: 'the carrier to stop routing the texts; they wait',
        since: state.since,
        until: after(removalOverdueMs),
        next: 'the removal is raised as overdue',
      };
    case 'activating':
      return {
        what: 'proof that the texts go by the next carrier',
        since: state.since,
        until: after(proofDeadlineMs),
        next: 'a person is asked to look at both carriers',
      };
    default:
      return undefined;
  }
}
