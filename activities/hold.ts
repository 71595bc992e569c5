import type { Engine } from '../intake/engine.ts';
import type { Store } from '../store/store.ts';
import { createHeldRelease, type ReleasePace } from './held-release.ts';
import type { HoldActivities } from './interfaces.ts';
import { mustWait } from './waiting-number.ts';

/** Expired texts that are ended in one write. */
const portion = 300;
/** The number's carrier takes so little that it is left alone for a while. */
const restWhenFullMs = 5000;
/** Looking takes at most one part in so many of the time: a look at tens of thousands of texts is not short. */
const restPerLook = 20;
const shortestRestMs = 1000;
const longestRestMs = 60_000;

export interface HoldDependencies {
  readonly store: Store;
  readonly engine: Engine;
  /** For tests. */
  readonly pace?: ReleasePace;
}

/**
 * Texts that wait for a number: what runs out of time is ended, and what may go is given back to message workflows.
 */
export function createHoldActivities({ store, engine, pace }: HoldDependencies): HoldActivities {
  const { drain } = createHeldRelease({ store, engine, pace });

  async function expire(numberKey: string): Promise<void> {
    for (;;) {
      const now = new Date();
      const over = await store.messages.findHeldExpired(numberKey, now, portion);
      await store.messages.change(
        over.map((message) => message._id),
        (message) =>
          message.status === 'held' && message.expiresAt <= now
            ? {
                status: 'expired',
                failure: { code: message.hold?.code ?? 'held', class: 'expired', at: now },
                finalAt: now,
              }
            : undefined,
        over,
      );
      if (over.length < portion) return;
    }
  }

  return {
    async reviewHold({ numberKey }) {
      const begun = performance.now();
      await expire(numberKey);
      const lookMs = performance.now() - begun;
      const ended = await drain(numberKey, async () => !(await mustWait(numberKey, store)));
      const nextExpiryAt = await store.messages.nextHeldExpiry(numberKey);
      const left = nextExpiryAt !== undefined;
      const restMs =
        ended === 'may-not-go'
          ? Math.min(longestRestMs, Math.max(shortestRestMs, Math.ceil(lookMs * restPerLook)))
          : ended === 'full'
            ? restWhenFullMs
            : undefined;
      return {
        left,
        moreToRelease: left && ended !== 'may-not-go',
        ...(left && restMs !== undefined && { restMs }),
        ...(nextExpiryAt && { nextExpiryAt: nextExpiryAt.toISOString() }),
      };
    },
  };
}
