import { Context } from '@temporalio/activity';
import type { MessageKind } from '../domain/message.ts';
import type { Engine } from '../intake/engine.ts';
import type { Store } from '../store/store.ts';
import { randomId } from '../store/vault.ts';

const usual = {
  /** Texts that are released in one write; one message workflow carries those of one kind. */
  portion: 300,
  /** Released texts of one hold that have not been given to a carrier yet: what it takes in about a second at full speed. */
  window: 1500,
  /** One release runs for so long at most; then the workflow asks for the next one. */
  longestRunMs: 10_000,
  /** A window that stays full for so long is left alone for a while. */
  patienceMs: 3000,
};
/** How often it is looked what the carriers have taken. Shorter than the engine's own timers can be. */
const lookEveryMs = 200;

/** For tests. */
export type ReleasePace = Partial<typeof usual>;

export interface HeldRelease {
  /**
   * Gives what waits under a key back to message workflows, the most urgent and oldest first, no faster than carriers take it: what has been
   * given back is ordered by priority, but not by age, and cannot be held back any more.
   * @param mayGo asked before each portion
   * @returns why it ended: no more are held, they may not go (any more), carriers take no more for now, or time is over
   */
  drain(holdKey: string, mayGo?: () => Promise<boolean>): Promise<'drained' | 'may-not-go' | 'full' | 'time-over'>;
  /** Gives back one portion, whatever the carriers take. @returns whether more may be held */
  releasePortion(holdKey: string): Promise<boolean>;
}

export function createHeldRelease(deps: {
  readonly store: Store;
  readonly engine: Engine;
  readonly pace?: ReleasePace | undefined;
}): HeldRelease {
  const { store, engine } = deps;
  const { portion, window, longestRunMs, patienceMs } = { ...usual, ...deps.pace };

  async function releasePortion(holdKey: string): Promise<boolean> {
    const held = await store.messages.findHeld(holdKey, portion);
    const releasedAt = new Date();
    const released = await store.messages.change(
      held.map((message) => message._id),
      (message) =>
        message.status === 'held' && message.hold?.key === holdKey
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
    return held.length === portion;
  }

  return {
    releasePortion,

    async drain(holdKey, mayGo = async () => true) {
      const stopAt = performance.now() + longestRunMs;
      let fullSince: number | undefined;
      // What a run that was cut off has released may be with workflows that go on some seconds later only: it is not to be overtaken.
      let waitsForEarlier = Context.current().info.attempt > 1;
      while (performance.now() < stopAt) {
        if (!(await mayGo())) return 'may-not-go';
        const underWay = await store.messages.countReleased(holdKey, window);
        waitsForEarlier &&= underWay > 0;
        if (waitsForEarlier) {
          await Context.current().sleep(lookEveryMs);
          continue;
        }
        if (window - underWay >= portion) {
          fullSince = undefined;
          if (!(await releasePortion(holdKey))) return 'drained';
          continue;
        }
        fullSince ??= performance.now();
        if (performance.now() - fullSince >= patienceMs) return 'full';
        await Context.current().sleep(lookEveryMs);
      }
      return 'time-over';
    },
  };
}
