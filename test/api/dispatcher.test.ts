import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createDispatcher } from '../../api/dispatcher.ts';
import type { MessageKind } from '../../domain/message.ts';

interface Started {
  readonly ids: readonly string[];
  readonly kind: MessageKind;
  readonly token: string;
}

/** An engine whose starts end when told, or at once. */
function engineThat(behaviour: { holds?: boolean; fails?: () => boolean } = {}) {
  const started: Started[] = [];
  const tried: Started[] = [];
  const held: (() => void)[] = [];
  return {
    started,
    tried,
    release: () => {
      for (const end of held.splice(0)) end();
    },
    engine: {
      async startMessages(ids: readonly string[], kind: MessageKind, token: string) {
        tried.push({ ids, kind, token });
        if (behaviour.fails?.()) throw new Error('The engine is away.');
        if (behaviour.holds) await new Promise<void>((resolve) => held.push(resolve));
        started.push({ ids, kind, token });
      },
    },
  };
}

type Unstarted = { _id: string; kind: MessageKind }[];
let stop = async () => {};
afterEach(() => stop());

function dispatcherOn(
  engine: ReturnType<typeof engineThat>,
  unstarted: () => Unstarted = () => [],
  gatherMs = 0,
  gatherUnderLoadMs = gatherMs,
  gatherAfterOneMs = gatherMs,
  gatherUnderHeavyLoadMs = gatherUnderLoadMs,
) {
  const gathering = { gatherAfterOneMs, gatherMs, gatherUnderLoadMs, gatherUnderHeavyLoadMs };
  const dispatcher = createDispatcher({
    engine: engine.engine,
    store: { messages: { findUnstarted: async () => unstarted() } },
    logger: pino({ enabled: false }),
    timing: { sweepEveryMs: 30, ...gathering, firstRetryMs: 10, longestRetryMs: 20 },
  });
  stop = () => dispatcher.stop(0);
  return dispatcher;
}

describe('starting', () => {
  it('starts a lone text at once, in a workflow of its own', async () => {
    const engine = engineThat();
    dispatcherOn(engine).add('msg_1', 'otp');
    expect(engine.tried).toEqual([{ ids: ['msg_1'], kind: 'otp', token: expect.any(String) }]);
  });

  it('lets texts gather while four starts are in flight, and starts at most 500 of one kind together', async () => {
    const engine = engineThat({ holds: true });
    const dispatcher = dispatcherOn(engine);
    for (let i = 0; i < 4; i += 1) dispatcher.add(`msg_${i}`, 'transactional');
    for (let i = 4; i < 1104; i += 1) dispatcher.add(`msg_${i}`, 'transactional');
    expect(engine.tried.map(({ ids }) => ids.length)).toEqual([1, 1, 1, 1]);
    engine.release();
    await expect.poll(() => engine.tried.length).toBe(7);
    expect(engine.tried.slice(4).map(({ ids }) => ids.length)).toEqual([500, 500, 100]);
    const every = engine.tried.flatMap(({ ids }) => ids);
    expect(new Set(every).size).toBe(1104);
    engine.release();
  });

  it('lets texts gather for a moment after a start, each kind for itself: a burst is few workflows', async () => {
    const engine = engineThat();
    const dispatcher = dispatcherOn(engine, () => [], 80);
    const began = performance.now();
    for (let i = 0; i < 40; i += 1) dispatcher.add(`msg_${i}`, 'transactional');
    dispatcher.add('urgent', 'otp');
    expect(engine.tried.map(({ ids }) => ids)).toEqual([['msg_0'], ['urgent']]);
    await expect.poll(() => engine.tried.length, { interval: 5 }).toBe(3);
    expect(performance.now() - began).toBeGreaterThan(75);
    expect(engine.tried[2]?.ids).toHaveLength(39);
    // A full workflow does not wait.
    for (let i = 0; i < 500; i += 1) dispatcher.add(`more_${i}`, 'transactional');
    expect(engine.tried[3]?.ids).toHaveLength(500);
  });

  it('lets the next text wait for hardly anything after a lone one: two are no burst yet', async () => {
    const engine = engineThat();
    const dispatcher = dispatcherOn(engine, () => [], 500, 500, 20);
    dispatcher.add('msg_1', 'transactional');
    dispatcher.add('msg_2', 'transactional');
    dispatcher.add('msg_3', 'transactional');
    await expect.poll(() => engine.tried.length, { interval: 5, timeout: 300 }).toBe(2);
    expect(engine.tried[1]?.ids).toEqual(['msg_2', 'msg_3']);
    // Two at a time are several.
    const began = performance.now();
    dispatcher.add('msg_4', 'transactional');
    await expect.poll(() => engine.tried.length, { interval: 5 }).toBe(3);
    expect(performance.now() - began).toBeGreaterThan(300);
  });

  it('lets texts gather for longer while many come, but never one-time passwords', async () => {
    const engine = engineThat();
    const dispatcher = dispatcherOn(engine, () => [], 30, 200);
    for (const kind of ['transactional', 'otp'] as const) {
      for (let i = 0; i < 12; i += 1) dispatcher.add(`${kind}_${i}`, kind);
    }
    await expect.poll(() => engine.tried.length, { interval: 5 }).toBe(4);
    const began = performance.now();
    dispatcher.add('next_transactional', 'transactional');
    dispatcher.add('next_otp', 'otp');
    await expect.poll(() => engine.tried.length, { interval: 5 }).toBe(5);
    expect(engine.tried[4]?.ids).toEqual(['next_otp']);
    expect(performance.now() - began).toBeLessThan(150);
    await expect.poll(() => engine.tried.length, { interval: 5 }).toBe(6);
    expect(engine.tried[5]?.ids).toEqual(['next_transactional']);
    expect(performance.now() - began).toBeGreaterThan(150);
  });

  it('lets them gather for longest while they come by hundreds', async () => {
    const engine = engineThat();
    const dispatcher = dispatcherOn(engine, () => [], 20, 40, 20, 300);
    dispatcher.add('first', 'transactional');
    for (let i = 0; i < 150; i += 1) dispatcher.add(`msg_${i}`, 'transactional');
    await expect.poll(() => engine.tried.map(({ ids }) => ids.length), { interval: 5 }).toEqual([1, 150]);
    const began = performance.now();
    dispatcher.add('next', 'transactional');
    await expect.poll(() => engine.tried.length, { interval: 5 }).toBe(3);
    expect(performance.now() - began).toBeGreaterThan(200);
  });

  it('does not mix kinds, and starts the urgent first', async () => {
    const engine = engineThat({ holds: true });
    const dispatcher = dispatcherOn(engine);
    for (let i = 0; i < 4; i += 1) dispatcher.add(`first_${i}`, 'marketing');
    for (let i = 0; i < 3; i += 1) {
      dispatcher.add(`m_${i}`, 'marketing');
      dispatcher.add(`t_${i}`, 'transactional');
      dispatcher.add(`o_${i}`, 'otp');
    }
    engine.release();
    await expect.poll(() => engine.tried.length).toBe(7);
    expect(engine.tried.slice(4).map(({ kind, ids }) => [kind, ids])).toEqual([
      ['otp', ['o_0', 'o_1', 'o_2']],
      ['transactional', ['t_0', 't_1', 't_2']],
      ['marketing', ['m_0', 'm_1', 'm_2']],
    ]);
    engine.release();
  });

  it('repeats a failed start under the same name, so that one that did begin is found (invariant 4)', async () => {
    let failures = 3;
    const engine = engineThat({ fails: () => failures-- > 0 });
    const dispatcher = dispatcherOn(engine);
    dispatcher.add('msg_1', 'otp');
    await expect.poll(() => engine.started.length).toBe(1);
    expect(engine.tried).toHaveLength(4);
    expect(new Set(engine.tried.map(({ token }) => token)).size).toBe(1);
    expect(dispatcher.waiting()).toBe(0);
  });

  it('gives a start up at last and leaves its text to the sweep', async () => {
    let away = true;
    const engine = engineThat({ fails: () => away });
    const dispatcher = dispatcherOn(engine, () => (away ? [] : [{ _id: 'msg_1', kind: 'otp' }]));
    dispatcher.start();
    dispatcher.add('msg_1', 'otp');
    await expect.poll(() => dispatcher.waiting()).toBe(0);
    expect(engine.tried).toHaveLength(8);
    away = false;
    await expect.poll(() => engine.started.length).toBeGreaterThan(0);
    expect(engine.started[0]?.ids).toEqual(['msg_1']);
  });
});

describe('the sweep', () => {
  it('starts what lies stored and unstarted, at most 500 of one kind together', async () => {
    const engine = engineThat();
    const lying: Unstarted = Array.from({ length: 1050 }, (_, i) => ({
      _id: `msg_${i}`,
      kind: i % 2 ? 'otp' : 'marketing',
    }));
    let found = lying;
    const dispatcher = dispatcherOn(engine, () => found.splice(0));
    dispatcher.start();
    await expect.poll(() => engine.started.length).toBe(4);
    expect(engine.started.map(({ kind, ids }) => [kind, ids.length])).toEqual([
      ['otp', 500],
      ['otp', 25],
      ['marketing', 500],
      ['marketing', 25],
    ]);
    found = [];
  });

  it('finds again the workflow that it started for texts that no worker has taken yet (invariant 4)', async () => {
    const engine = engineThat();
    dispatcherOn(engine, () => [
      { _id: 'msg_1', kind: 'otp' },
      { _id: 'msg_2', kind: 'otp' },
    ]).start();
    await expect.poll(() => engine.started.length).toBeGreaterThan(2);
    const names = new Set(engine.started.map(({ ids, token }) => `${ids[0]}/${token}`));
    expect(names.size).toBe(1);
  });

  it('leaves alone what waits here already', async () => {
    const engine = engineThat({ holds: true });
    const dispatcher = dispatcherOn(engine, () => [{ _id: 'msg_1', kind: 'otp' }]);
    dispatcher.add('msg_1', 'otp');
    dispatcher.start();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(engine.tried).toHaveLength(1);
    engine.release();
  });
});

describe('the end', () => {
  it('starts what still waits', async () => {
    const engine = engineThat({ holds: true });
    const dispatcher = dispatcherOn(engine);
    for (let i = 0; i < 10; i += 1) dispatcher.add(`msg_${i}`, 'otp');
    const stopped = dispatcher.stop(2000);
    const releasing = setInterval(engine.release, 5);
    await stopped;
    clearInterval(releasing);
    expect(engine.started.flatMap(({ ids }) => ids)).toHaveLength(10);
  });

  it('does not wait longer than it may; the store still has the texts', async () => {
    const engine = engineThat({ fails: () => true });
    const dispatcher = dispatcherOn(engine);
    for (let i = 0; i < 10; i += 1) dispatcher.add(`msg_${i}`, 'otp');
    const began = Date.now();
    await dispatcher.stop(50);
    expect(Date.now() - began).toBeLessThan(500);
    const tried = engine.tried.length;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(engine.tried).toHaveLength(tried);
  });
});
