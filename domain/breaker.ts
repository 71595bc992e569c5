import type { DeliveryClass } from './delivery-codes.ts';
import facts from './facts/breaker.json' with { type: 'json' };

/** What is known of a carrier for all processes; in the store. */
export interface BreakerState {
  /** Nothing but probes goes to the carrier while it is open. */
  readonly open: boolean;
  /** When probes may go; only while open. */
  readonly until?: Date;
  /** How often it has been opened without having been closed in between; the pause doubles with it. */
  readonly openings: number;
  readonly reason?: BreakerReason;
}

/** `unreachable`: who holds the carrier's slots has no connection. Texts find other routes; it ends as soon as somebody has one. */
export type BreakerReason = 'failing' | 'slow' | 'probe-failed' | 'unreachable';

export const closedBreaker: BreakerState = { open: false, openings: 0 };

/** What one text says of the carrier that it was written to. */
export interface BreakerSample {
  /** The carrier did not do its part: no answer, a lost connection, a failure of its own. */
  readonly failed: boolean;
  /** From the write to the answer. */
  readonly ms: number;
}

/**
 * What an answer says of its carrier.
 * @param outcome of the text's first segment
 * @param deliveryClass of the code that a rejection bore
 * @returns undefined when it says nothing: the text was not written, or the carrier said that it is too much
 */
export function carrierFailed(
  outcome: 'accepted' | 'rejected' | 'ambiguous' | 'unsent',
  deliveryClass?: DeliveryClass,
): boolean | undefined {
  switch (outcome) {
    case 'accepted':
      return false;
    case 'unsent':
      return undefined;
    case 'ambiguous':
      return true;
    case 'rejected':
      if (deliveryClass === 'throttled') return undefined;
      // Whatever else it says no to is the recipient's, the sender's or the text's fault: it works.
      return deliveryClass === 'system' || deliveryClass === 'ambiguous';
  }
}

interface Second {
  readonly at: number;
  count: number;
  failed: number;
  slow: number;
}

/** The last minute of a carrier as one process has seen it. */
export class BreakerWindow {
  #seconds: Second[] = [];

  /** @param at milliseconds on any clock, the same for all calls */
  add({ failed, ms }: BreakerSample, at: number): void {
    const second = Math.floor(at / 1000) * 1000;
    let last = this.#seconds.at(-1);
    if (last?.at !== second) {
      last = { at: second, count: 0, failed: 0, slow: 0 };
      this.#seconds.push(last);
    }
    last.count++;
    if (failed) last.failed++;
    if (ms > facts.slowMs) last.slow++;
  }

  /** Why the carrier counts as out of order; undefined when it doesn't. p95 is above a limit when more than 5 % are. */
  verdict(at: number): 'failing' | 'slow' | undefined {
    this.#seconds = this.#seconds.filter((second) => second.at > at - facts.windowMs);
    const sum = (of: 'count' | 'failed' | 'slow') => this.#seconds.reduce((total, second) => total + second[of], 0);
    const count = sum('count');
    if (count < facts.leastSamples) return undefined;
    if (sum('failed') > count * facts.mostFailed) return 'failing';
    return sum('slow') > count * facts.mostSlow ? 'slow' : undefined;
  }

  clear(): void {
    this.#seconds = [];
  }
}

/** The carrier is out of order: closed to all but probes for a pause, twice as long as the last one if it had not recovered. */
export function opened(state: BreakerState, reason: BreakerReason, now: Date): BreakerState {
  const pauseMs = Math.min(facts.longestOpenMs, facts.openMs * 2 ** Math.min(state.openings, 20));
  return { open: true, until: new Date(now.getTime() + pauseMs), openings: state.openings + 1, reason };
}

/** A text has waited in vain for a connection. A carrier that was out of order for what it answered has failed its probe. */
export function foundUnreachable(state: BreakerState, now: Date): BreakerState | undefined {
  if (state.open && state.until && state.until > now) return undefined;
  return opened(state, state.open && state.reason !== 'unreachable' ? 'probe-failed' : 'unreachable', now);
}

/** Texts that may be written at a time to find out whether an open breaker may be closed. */
export const probesAtATime = facts.probes;
