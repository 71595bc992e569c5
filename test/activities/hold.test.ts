import { beforeEach, describe, expect, test } from 'vitest';
import { createHoldActivities } from '../../activities/hold.ts';
import type { MessageKind } from '../../domain/message.ts';
import type { MessageDocument } from '../../store/messages.ts';
import type { NumberRouting } from '../../store/numbers.ts';
import type { Store } from '../../store/store.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber, sampleText, type TextSample } from '../store/samples.ts';
import { inWorkflow } from './in-workflow.ts';

const own = ownStore();
const engine = new RecordedEngine();

let count = 0;
let from = '';
beforeEach(() => {
  engine.failure = undefined;
  engine.clear();
  count += 1;
  from = `+1202555${2000 + count}`;
});
const key = () => own.store.vault.numberKey(from);
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000);
const look = (store: Store = own.store, pace = {}, attempt = 1) =>
  inWorkflow('hold', () => createHoldActivities({ store, engine, pace }).reviewHold({ numberKey: key() }), attempt);

const uncertain: NumberRouting = {
  state: 'uncertain',
  portId: 'port_1',
  gaining: 'telnyx',
  since: new Date(),
  activated: false,
};
const settle = () => own.store.numbers.change(key(), 1, { routing: { state: 'settled', carrier: 'telnyx' } });

/** Stores texts that wait for the number. */
async function hold(texts: readonly TextSample[]): Promise<MessageDocument[]> {
  await own.store.numbers.insert(sampleNumber(own.store.vault, from, { routing: uncertain }));
  const held = texts.map((text) =>
    sampleText(own.store.vault, {
      from,
      status: 'held',
      workflowId: 'messages/that-held-it',
      hold: { key: key(), code: 'sender-uncertain', since: new Date() },
      ...text,
    }),
  );
  await own.store.messages.insert(held);
  return held;
}
const stored = async (texts: readonly MessageDocument[]) => {
  const found = await own.store.messages.findMany(texts.map(({ _id }) => _id));
  return texts.map(({ _id }) => found.find((message) => message._id === _id));
};

describe('held texts', () => {
  test('wait at the agreed date of a move though the record still calls the number settled', async () => {
    const [text] = await hold([{}]);
    await settle();
    const focAt = inSeconds(-1);
    await own.store.numbers.planMove([key()], { portId: 'port_1', gaining: 'beta', focAt });
    await look();
    expect((await stored(text ? [text] : []))[0]?.status).toBe('held');
  });

  test('wait while the number is uncertain; the next look is due when the first of them expires', async () => {
    const texts = await hold([{ expiresAt: inSeconds(300) }, { expiresAt: inSeconds(100) }]);
    expect(await look()).toEqual({
      left: true,
      moreToRelease: false,
      restMs: expect.any(Number),
      nextExpiryAt: texts[1]?.expiresAt.toISOString(),
    });
    expect(engine.told).toEqual([]);
    expect((await stored(texts)).map((text) => text?.status)).toEqual(['held', 'held']);
  });

  test('that run out of time are ended with the reason for which they waited', async () => {
    const texts = await hold([{ expiresAt: inSeconds(-1) }, {}]);
    await look();
    const [over, waiting] = await stored(texts);
    expect(over).toMatchObject({ status: 'expired', failure: { code: 'sender-uncertain' }, finalAt: expect.any(Date) });
    expect(waiting?.status).toBe('held');
  });

  test('go when the number is settled: the most urgent first, of one kind the oldest first', async () => {
    const sample = (kind: MessageKind, age: number) => ({ kind, acceptedAt: inSeconds(-age) });
    const texts = await hold([
      sample('marketing', 90),
      sample('transactional', 10),
      sample('conversational', 80),
      sample('transactional', 50),
      sample('otp', 1),
      sample('conversational', 85),
    ]);
    const id = (index: number) => texts[index]?._id;
    await settle();
    expect(await look()).toEqual({ left: false, moreToRelease: false });
    expect(engine.callsOf('startMessages').map(([ids, kind]) => [kind, ids])).toEqual([
      ['otp', [id(4)]],
      ['transactional', [id(3), id(1)]],
      ['conversational', [id(5), id(2)]],
      ['marketing', [id(0)]],
    ]);
    for (const text of await stored(texts)) {
      expect(text?.status).toBe('accepted');
      // Whichever workflow admits it first owns it.
      expect(text).not.toHaveProperty('workflowId');
      // For the account of the cutover.
      expect(text?.hold).toMatchObject({ code: 'sender-uncertain', releasedAt: expect.any(Date) });
    }
  });

  test('go some hundreds in a workflow, the urgent ones before the others', async () => {
    const texts = await hold(
      Array.from({ length: 310 }, (_, i) => ({
        kind: i < 300 ? 'conversational' : 'otp',
        acceptedAt: inSeconds(-400 + i),
      })),
    );
    await settle();
    expect(await look()).toEqual({ left: false, moreToRelease: false });
    expect(engine.callsOf('startMessages').map(([ids, kind]) => [kind, (ids as string[]).length])).toEqual([
      ['otp', 10],
      ['conversational', 290],
      ['conversational', 10],
    ]);
    const started = engine.callsOf('startMessages').flatMap(([ids]) => ids as string[]);
    expect(new Set(started)).toEqual(new Set(texts.map(({ _id }) => _id)));
    expect(started).toHaveLength(310);
  });

  test('go no faster than the carrier takes them, the oldest first; then they go on waiting in the store', async () => {
    const pace = { portion: 3, window: 15, patienceMs: 250 };
    const texts = await hold(Array.from({ length: 19 }, (_, i) => ({ acceptedAt: inSeconds(i - 19) })));
    await settle();
    const started = () => engine.callsOf('startMessages').flatMap(([ids]) => ids as string[]);
    const oldest = (count: number) => texts.slice(0, count).map(({ _id }) => _id);
    // The carrier takes none: a window full has been released, the rest waits for a later look.
    expect(await look(own.store, pace)).toMatchObject({ left: true, moreToRelease: true, restMs: 5000 });
    expect(started()).toEqual(oldest(15));
    expect(await look(own.store, pace)).toMatchObject({ left: true, moreToRelease: true, restMs: 5000 });
    expect(started()).toHaveLength(15);
    // It takes three: so many follow.
    await own.store.messages.change(oldest(3), () => ({ status: 'claimed' }));
    expect(await look(own.store, pace)).toMatchObject({ left: true, moreToRelease: true });
    expect(started()).toEqual(oldest(18));
    await own.store.messages.change(oldest(10), () => ({ status: 'submitted' }));
    expect(await look(own.store, pace)).toEqual({ left: false, moreToRelease: false });
    expect(started()).toEqual(oldest(19));
  });

  test('do not overtake what a run released that was cut off: they follow when that is with the carrier, or after a while', async () => {
    const pace = { portion: 3, longestRunMs: 300 };
    const texts = await hold(Array.from({ length: 5 }, (_, i) => ({ acceptedAt: inSeconds(i - 5) })));
    const first = texts[0]?._id ?? '';
    await settle();
    await own.store.messages.change([first], ({ hold }) => ({ status: 'queued', ...(hold && { hold }) }));
    const started = () => engine.callsOf('startMessages').flatMap(([ids]) => ids as string[]);
    expect(await look(own.store, pace, 2)).toMatchObject({ left: true, moreToRelease: true });
    expect(started()).toEqual([]);
    await own.store.messages.change([first], () => ({ status: 'submitted' }));
    expect(await look(own.store, pace, 2)).toMatchObject({ left: false });
    expect(started()).toHaveLength(4);
  });

  test('wait again when the number becomes uncertain again while they are released: a snap-back', async () => {
    await hold(Array.from({ length: 7 }, (_, i) => ({ acceptedAt: inSeconds(i - 7) })));
    await settle();
    const numbers = {
      ...own.store.numbers,
      find: async (numberKey: string) => {
        const number = await own.store.numbers.find(numberKey);
        return number && engine.callsOf('startMessages').length > 0 ? { ...number, routing: uncertain } : number;
      },
    };
    expect(await look({ ...own.store, numbers }, { portion: 3 })).toMatchObject({ left: true, moreToRelease: false });
    expect(engine.callsOf('startMessages').flatMap(([ids]) => ids as string[])).toHaveLength(3);
  });

  test('that are released when the engine is away lie stored and unstarted, where the dispatcher finds them', async () => {
    const texts = await hold([{}]);
    await settle();
    engine.failure = new Error('the engine is away');
    await expect(look()).rejects.toThrow('the engine is away');
    const unstarted = await own.store.messages.findUnstarted(inSeconds(1), 1000);
    expect(unstarted.map(({ _id }) => _id)).toContain(texts[0]?._id);
  });

  test('that expire while they are released are ended and not started', async () => {
    const texts = await hold([{ text: 'over' }, { text: 'released' }]);
    await settle();
    const [over, released] = texts;
    if (!over || !released) throw new Error('two texts');
    const messages = {
      ...own.store.messages,
      // Between reading and writing, somebody else ends the first one.
      findHeld: async (numberKey: string, limit: number) => {
        const found = await own.store.messages.findHeld(numberKey, limit);
        await own.store.messages.change([over._id], () => ({ status: 'expired' }));
        return found;
      },
    };
    await look({ ...own.store, messages });
    expect((await stored(texts)).map((text) => text?.status)).toEqual(['expired', 'accepted']);
    expect(engine.callsOf('startMessages').map(([ids]) => ids)).toEqual([[released._id]]);
  });
});
