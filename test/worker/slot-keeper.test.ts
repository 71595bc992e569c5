import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Allotment } from '../../carriers/allotment.ts';
import { processMark } from '../../store/process-mark.ts';
import { SlotKeeper } from '../../worker/slot-keeper.ts';
import { ownStore } from '../store/own-store.ts';

const own = ownStore();
const silent = { info: () => undefined, warn: () => undefined };
const timing = { leaseMs: 15_000, stopAfterMs: 12_000, beatEveryMs: 3000, lookEveryMs: 1000 };

let count = 0;
let carrier = '';
let nowMs = 0;
beforeEach(() => {
  count++;
  carrier = `alpha-${count}`;
  nowMs = 0;
});

/** A worker whose beats the test makes, on a clock that the test sets. */
function worker(
  name: string,
  total: number,
  options: { mark?: string; died?: (workers: readonly string[]) => Promise<void> } = {},
) {
  const allotted: Allotment[] = [];
  let giveUp: () => void = () => undefined;
  const keeper = new SlotKeeper({
    carrier: {
      slots: total,
      settings: { id: carrier } as never,
      // Less is given up when the test says so; the rest at once.
      allot: (allotment) => {
        const before = allotted.at(-1)?.slots ?? 0;
        allotted.push(allotment);
        if (allotment.slots >= before || allotment.slots === 0) return Promise.resolve();
        return new Promise((resolve) => {
          giveUp = resolve;
        });
      },
    },
    leases: own.store.leases,
    worker: name,
    held: () => undefined,
    logger: silent,
    timing,
    now: () => nowMs,
    ...options,
  });
  return {
    keeper,
    allotted,
    beat: () => keeper.beat(),
    answersHaveCome: async () => {
      giveUp();
      await sleep(50);
    },
  };
}
const booked = async () =>
  Object.fromEntries((await own.store.leases.find(carrier)).holders.map((each) => [each.worker, each.slots]));

describe('slots of a carrier (invariant 8)', () => {
  test('are all with a lone worker, until 12 s after its beat was begun', async () => {
    const a = worker('a', 4);
    nowMs = 500;
    await a.beat();
    expect(a.allotted.at(-1)).toMatchObject({ slots: 4, until: { monotonic: 12_500 } });
    await a.keeper.leave();
  });

  test('pass to a newcomer when their last answers have come, not before', async () => {
    const [a, b] = [worker('a', 4), worker('b', 4)];
    await a.beat();
    await b.beat();
    expect(await booked()).toEqual({ a: 4, b: 0 });
    await a.beat();
    expect(a.keeper.slots).toBe(2);
    nowMs = 3000;
    await a.beat();
    await b.beat();
    expect(await booked()).toEqual({ a: 4, b: 0 });
    await a.answersHaveCome();
    expect(await booked()).toEqual({ a: 2, b: 0 });
    await b.beat();
    expect(await booked()).toEqual({ a: 2, b: 2 });
    expect([a.keeper.slots, b.keeper.slots]).toEqual([2, 2]);
    await Promise.all([a.keeper.leave(), b.keeper.leave()]);
  });

  test('of a worker that is silent for 15 s are taken by another one; it has stopped 3 s before', async () => {
    const [a, b] = [worker('a', 1), worker('b', 1)];
    await a.beat();
    nowMs = 100;
    await b.beat();
    nowMs = 15_099;
    await b.beat();
    expect(await booked()).toEqual({ a: 1, b: 0 });
    nowMs = 15_100;
    await b.beat();
    expect(await booked()).toEqual({ b: 1 });
    expect(a.allotted.at(-1)?.until.monotonic).toBe(12_000);
    // Woken, it learns that it has lost them, and takes its place at the end.
    await a.beat();
    expect([a.keeper.slots, b.keeper.slots]).toEqual([0, 1]);
    expect(a.allotted.at(-1)?.slots).toBe(0);
    expect(await booked()).toEqual({ b: 1, a: 0 });
    await b.keeper.leave();
    await a.beat();
    expect(await booked()).toEqual({ a: 1 });
    await a.keeper.leave();
  });

  test('of a process that has ended on this machine are free at once', async () => {
    const gone = processMark()?.replace(/\d+-\d+$/, '4000000-1');
    const [a, b] = [worker('a', 2, gone ? { mark: gone } : {}), worker('b', 2)];
    await a.beat();
    await b.beat();
    // Where there is no /proc the lease has to run out.
    expect(await booked()).toEqual(gone ? { b: 2 } : { a: 2, b: 0 });
    await Promise.all([a.keeper.leave(), b.keeper.leave()]);
  });

  test('are taken from the dead only when that was told, so that what they left open is over', async () => {
    const told: (readonly string[])[] = [];
    let failure: Error | undefined = new Error('away');
    const died = async (workers: readonly string[]) => {
      told.push(workers);
      if (failure) throw failure;
    };
    const [a, b] = [worker('a', 1), worker('b', 1, { died })];
    await a.beat();
    await b.beat();
    nowMs = 15_000;
    await expect(b.beat()).rejects.toThrow('away');
    expect(await booked()).toEqual({ a: 1, b: 0 });
    failure = undefined;
    await b.beat();
    expect(await booked()).toEqual({ b: 1 });
    await b.beat();
    expect(told).toEqual([['a'], ['a']]);
    await b.keeper.leave();
  });

  test('are never booked beyond their total by workers that come and go at the same moment', async () => {
    const total = 5;
    const all = Array.from({ length: 6 }, (_, index) => worker(`w${index}`, total));
    for (let round = 0; round < 12; round++) {
      nowMs += 1500;
      await Promise.all(
        all.map(async (each, index) => {
          if (round === 6 && index < 2) return each.keeper.leave();
          if (round < 6 || index >= 2) await each.beat();
          await each.answersHaveCome();
        }),
      );
      const slots = Object.values(await booked());
      expect(slots.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(total);
      expect(all.reduce((sum, each) => sum + each.keeper.slots, 0)).toBeLessThanOrEqual(total);
    }
    expect(Object.values(await booked()).toSorted()).toEqual([1, 1, 1, 2]);
    await Promise.all(all.map((each) => each.keeper.leave()));
  });
});
