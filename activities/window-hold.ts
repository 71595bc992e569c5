import type { MessageKind } from '../domain/message.ts';
import type { Engine } from '../intake/engine.ts';
import type { Store } from '../store/store.ts';
import { randomId } from '../store/vault.ts';
import type { WindowHoldActivities } from './interfaces.ts';

/** Texts that are released at a time; one message workflow carries those of one kind. */
const portion = 300;
/** Portions follow each other within one activity for so long, well below its time-out. */
const longestRunMs = 5000;

/** Texts whose hours have opened are given back to message workflows. What has expired meanwhile is ended by their admission. */
export function createWindowHoldActivities(deps: { store: Store; engine: Engine }): WindowHoldActivities {
  const { store, engine } = deps;

  async function releasePortion(key: string): Promise<number> {
    const held = await store.messages.findHeld(key, portion);
    const released = await store.messages.change(
      held.map(({ _id }) => _id),
      (message) =>
        message.status === 'held' && message.hold?.key === key
          ? { status: 'accepted', hold: undefined, workflowId: undefined }
          : undefined,
      held,
    );
    const gone = new Set(released.map(({ _id }) => _id));
    const byKind = new Map<MessageKind, string[]>();
    // In the order of the query: by priority and age.
    for (const { kind, _id } of held.filter((message) => gone.has(message._id))) {
      byKind.set(kind, [...(byKind.get(kind) ?? []), _id]);
    }
    // What is cut off here lies stored and unstarted, and the dispatcher's sweep starts it.
    for (const [kind, ids] of byKind) await engine.startMessages(ids, kind, randomId('release'));
    return held.length;
  }

  return {
    async releaseWindow({ key }) {
      const stopAt = performance.now() + longestRunMs;
      let found: number;
      do found = await releasePortion(key);
      while (found === portion && performance.now() < stopAt);
      return { left: found === portion };
    },
  };
}
