import type { MessageKind } from '../domain/message.ts';
import type { Engine } from '../intake/engine.ts';
import type { Store } from '../store/store.ts';
import { randomId } from '../store/vault.ts';
import type { HoldActivities } from './interfaces.ts';
import { mustWait } from './waiting-number.ts';

/** Texts that are released at a time; one message workflow carries those of one kind. */
const portion = 300;

/** Held texts: what runs out of time is ended, and what may go is given back to message workflows, the most urgent and oldest first. */
export function createHoldActivities(deps: { store: Store; engine: Engine }): HoldActivities {
  const { store, engine } = deps;

  async function expire(numberKey: string): Promise<void> {
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
              hold: undefined,
            }
          : undefined,
      over,
    );
  }

  async function release(numberKey: string): Promise<number> {
    const held = await store.messages.findHeld(numberKey, portion);
    const released = await store.messages.change(
      held.map((message) => message._id),
      (message) =>
        message.status === 'held' ? { status: 'accepted', hold: undefined, workflowId: undefined } : undefined,
      held,
    );
    const byKind = new Map<MessageKind, string[]>();
    // In the order of the query: by priority and age.
    const inOrder = held.filter((message) => released.some((each) => each._id === message._id));
    for (const { kind, _id } of inOrder) byKind.set(kind, [...(byKind.get(kind) ?? []), _id]);
    // What is cut off here lies stored and unstarted, and the dispatcher's sweep starts it.
    for (const [kind, ids] of byKind) await engine.startMessages(ids, kind, randomId('release'));
    return held.length;
  }

  return {
    async reviewHold({ numberKey }) {
      await expire(numberKey);
      const released = (await mustWait(numberKey, store)) ? 0 : await release(numberKey);
      const nextExpiryAt = await store.messages.nextHeldExpiry(numberKey);
      return {
        left: nextExpiryAt !== undefined,
        moreToRelease: released > 0 && nextExpiryAt !== undefined,
        ...(nextExpiryAt && { nextExpiryAt: nextExpiryAt.toISOString() }),
      };
    },
  };
}
