import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enter, fairParts, type SlotBook } from '../../../domain/limits/slot-book.ts';

const nobody = new Set<string>();
const slotsOf = (book: SlotBook) => Object.fromEntries(book.map(({ worker, slots }) => [worker, slots]));

describe('the book of a carrier’s slots (invariant 8)', () => {
  it('gives a lone worker all of them', () => {
    const { book, slots, fair } = enter([], 4, { worker: 'a', slots: 0 }, nobody);
    expect([slots, fair]).toEqual([4, 4]);
    expect(book).toEqual([{ worker: 'a', slots: 4, beat: 1 }]);
  });

  it('divides them fairly, the rest to those that came first', () => {
    expect([...fairParts(5, ['a', 'b', 'c'])]).toEqual([
      ['a', 2],
      ['b', 2],
      ['c', 1],
    ]);
    expect([...fairParts(1, ['a', 'b'])]).toEqual([
      ['a', 1],
      ['b', 0],
    ]);
  });

  it('lets a newcomer wait until the holder has given up what is too much', () => {
    const first = enter([], 4, { worker: 'a', slots: 0 }, nobody).book;
    const newcomer = enter(first, 4, { worker: 'b', slots: 0 }, nobody);
    expect([newcomer.slots, newcomer.fair]).toEqual([0, 2]);
    const holder = enter(newcomer.book, 4, { worker: 'a', slots: 4 }, nobody);
    expect([holder.slots, holder.fair]).toEqual([4, 2]);
    const given = holder.book.map((each) => (each.worker === 'a' ? { ...each, slots: 2 } : each));
    expect(enter(given, 4, { worker: 'b', slots: 0 }, nobody).slots).toBe(2);
  });

  it('lets the holder keep what nobody waits for', () => {
    const book: SlotBook = [
      { worker: 'a', slots: 3, beat: 5 },
      { worker: 'b', slots: 1, beat: 5 },
    ];
    expect(enter(book, 4, { worker: 'b', slots: 1 }, nobody).fair).toBe(2);
    expect(enter(book.slice(0, 1), 4, { worker: 'a', slots: 3 }, nobody)).toMatchObject({ slots: 4, fair: 4 });
  });

  it('strikes out the dead, and has their slots', () => {
    const book: SlotBook = [
      { worker: 'dead', slots: 1, beat: 7 },
      { worker: 'b', slots: 0, beat: 3 },
    ];
    const entry = enter(book, 1, { worker: 'b', slots: 0 }, new Set(['dead']));
    expect(entry.book).toEqual([{ worker: 'b', slots: 1, beat: 4 }]);
  });

  it('is never given out beyond its total, and in the end fairly, whoever comes, goes and dies', () => {
    const event = fc.record({ worker: fc.constantFrom('a', 'b', 'c', 'd'), dies: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(event, { maxLength: 60 }), (total, events) => {
        let book: SlotBook = [];
        const act = (worker: string) => {
          const mine = book.find((each) => each.worker === worker);
          const entry = enter(book, total, { worker, slots: mine?.slots ?? 0 }, nobody);
          // What is above the fair part is given up in a later write.
          const kept = Math.min(entry.slots, Math.max(entry.fair, mine ? entry.fair : entry.slots));
          book = entry.book.map((each) => (each.worker === worker ? { ...each, slots: kept } : each));
          expect(book.reduce((sum, { slots }) => sum + slots, 0)).toBeLessThanOrEqual(total);
        };
        for (const { worker, dies } of events) {
          if (dies) book = book.filter((each) => each.worker !== worker);
          else act(worker);
        }
        const living = book.map(({ worker }) => worker);
        if (living.length === 0) return;
        for (let round = 0; round < 3; round++) living.forEach(act);
        expect(slotsOf(book)).toEqual(Object.fromEntries(fairParts(total, living)));
      }),
    );
  });
});
