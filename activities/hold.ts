import { Context } from '@temporalio/activity';
import type { MessageKind } from '../domain/message.ts';
import type { Engine } from '../intake/engine.ts';
import type { Store } from '../store/store.ts';
import { randomId } from '../store/vault.ts';
import type { HoldActivities } from './interfaces.ts';
import { mustWait } from './waiting-number.ts';

const usual = {
  /** Texts that are released in one write; one message workflow carries those of one kind. */
  portion: 300,
  /** Released texts of one number that have not been given to the carrier yet: what it takes in about a second at full speed. */
  window: 1500,
  /** One release runs for so long at most; then the workflow asks for the next one. */
  longestRunMs: 10_000,
  /** A carrier that takes so little that the window stays full is left alone for a while. */
  patienceMs: 3000,
};
/** How often it is looked what the carrier has taken. Shorter than the engine's own timers can be. */
const lookEveryMs = 200;
const restWhenFullMs = 5000;
/** Looking takes at most one part in so many of the time: a look at tens of thousands of texts is not short. */
const restPerLook = 20;
const shortestRestMs = 1000;
const longestRestMs = 60_000;

export interface HoldDependencies {
  readonly store: Store;
  readonly engine: Engine;
  /** For tests. */
  readonly pace?: Partial<typeof usual>;
}

/**
 * Held texts: what runs out of time is ended, and what may go is given back to message workflows, the most urgent and oldest first, no
 * faster than the carrier takes them: what has been given back is ordered by priority, but not by age, and cannot be held back any more.
 */
export function createHoldActivities({ store, engine, pace }: HoldDependencies): HoldActivities {
  const { portion, window, longestRunMs, patienceMs } = { ...usual, ...pace };

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

  /** @returns how many were found; fewer than a portion when no more are held */
  async function release(numberKey: string): Promise<number> {
    const held = await store.messages.findHeld(numberKey, portion);
    const releasedAt = new Date();
    const released = await store.messages.change(
      held.map((message) => message._id),
      (message) =>
        message.status === 'held' && message.hold
          ? { status: 'accepted', hold: { ...message.hold, releasedAt }, workflowId: undefined }
          : undefined,
      held,
    );
    const won = new Set(released.map(({ _id }) => _id));
    const byKind = new Map<MessageKind, string[]>();
    // In the order of the query: by priority and age.
    for (const { kind, _id } of held) if (won.has(_id)) byKind.set(kind, [...(byKind.get(kind) ?? []), _id]);
    // What is cut off here lies stored and unstarted, and the dispatcher's sweep starts it.
    for (const [kind, ids] of byKind) await engine.startMessages(ids, kind, randomId('release'));
    return held.length;
  }

  /** Releases until no more are held, the number is uncertain (again), the carrier takes no more, or time is over. */
  async function drain(numberKey: string): Promise<'drained' | 'uncertain' | 'full' | 'time-over'> {
    const stopAt = performance.now() + longestRunMs;
    let fullSince: number | undefined;
    while (performance.now() < stopAt) {
      if (await mustWait(numberKey, store)) return 'uncertain';
      const underWay = await store.messages.countReleased(numberKey, window);
      if (window - underWay >= portion) {
        fullSince = undefined;
        if ((await release(numberKey)) < portion) return 'drained';
        continue;
      }
      fullSince ??= performance.now();
      if (performance.now() - fullSince >= patienceMs) return 'full';
      await Context.current().sleep(lookEveryMs);
    }
    return 'time-over';
  }

  return {
    async reviewHold({ numberKey }) {
      const begun = performance.now();
      await expire(numberKey);
      const lookMs = performance.now() - begun;
      const ended = await drain(numberKey);
      const nextExpiryAt = await store.messages.nextHeldExpiry(numberKey);
      const left = nextExpiryAt !== undefined;
      const restMs =
        ended === 'uncertain'
          ? Math.min(longestRestMs, Math.max(shortestRestMs, Math.ceil(lookMs * restPerLook)))
          : ended === 'full'
            ? restWhenFullMs
            : undefined;
      return {
        left,
        moreToRelease: left && ended !== 'uncertain',
        ...(left && restMs !== undefined && { restMs }),
        ...(nextExpiryAt && { nextExpiryAt: nextExpiryAt.toISOString() }),
      };
    },
  };
}
