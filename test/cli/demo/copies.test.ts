import { describe, expect, test } from 'vitest';
import { type Copies, CopyCount } from '../../../cli/demo/copies.ts';
import type { LedgerEntry, LedgerEvent } from '../../../simulator/world/ledger.ts';

const parties = { from: '+12065550101', to: '+14255550110' };
let seq = 0;
const entry = (event: LedgerEvent, rest: Partial<LedgerEntry> = {}): LedgerEntry => {
  seq += 1;
  return { seq, at: '2026-06-01T12:00:00Z', event, carrier: 'alpha', text: 'hello', ...parties, ...rest };
};
const short = (event: LedgerEvent, carrierMessageId: string, carrier = 'alpha') =>
  entry(event, { carrier, carrierMessageId });
const segment = (event: LedgerEvent, sequence: number, carrierMessageId: string, reference = 7) =>
  entry(event, { text: sequence === 1 ? 'hel' : 'lo', carrierMessageId, part: { reference, total: 2, sequence } });

const count = (...ledger: LedgerEntry[]) => [...new CopyCount(ledger).texts()] as Copies[];

describe('copies of a short text', () => {
  test.each<[string, LedgerEntry[], number, number]>([
    ['taken and not yet there', [short('accepted', 'a')], 0, 1],
    ['arrived', [short('accepted', 'a'), short('delivered', 'a')], 1, 1],
    ['given up, then taken again', [short('accepted', 'a'), short('failed', 'a'), short('accepted', 'b')], 0, 1],
    ['falsely reported', [short('accepted', 'a'), short('false-receipt', 'a')], 0, 0],
    ['taken by two carriers', [short('accepted', 'a'), short('accepted', 'a', 'telnyx')], 0, 2],
    ['taken again after it arrived', [short('accepted', 'a'), short('delivered', 'a'), short('accepted', 'b')], 1, 2],
    [
      'at the handset twice',
      [short('accepted', 'a'), short('delivered', 'a'), short('accepted', 'b'), short('delivered', 'b')],
      2,
      2,
    ],
    ['refused', [short('submitted', ''), short('refused', '')], 0, 0],
  ])('%s', (_, ledger, arrived, possible) => {
    const texts = count(...ledger);
    expect(texts.reduce((sum, text) => sum + text.arrived, 0)).toBe(arrived);
    expect(texts.reduce((sum, text) => sum + text.possible, 0)).toBe(possible);
  });
});

describe('copies of a long text', () => {
  const taken = (...ids: [string, string]) => [
    segment('accepted', 1, ids[0]),
    segment('accepted', 2, ids[1]),
    entry('accepted'),
  ];

  test('is one copy when all its segments are taken', () => {
    expect(count(...taken('a', 'b'))).toMatchObject([{ text: 'hello', arrived: 0, possible: 1 }]);
    expect(count(segment('accepted', 1, 'a'))).toEqual([]);
  });

  test('ends when one of its segments does, also before the last was taken, and only once', () => {
    expect(count(...taken('a', 'b'), segment('failed', 1, 'a'), segment('failed', 2, 'b'))).toMatchObject([
      { possible: 0 },
    ]);
    const early = [
      segment('accepted', 1, 'a'),
      segment('failed', 1, 'a'),
      segment('accepted', 2, 'b'),
      entry('accepted'),
    ];
    expect(count(...early)).toMatchObject([{ possible: 0 }]);
  });

  test('a second copy has segments of its own', () => {
    const again = [...taken('a', 'b'), segment('failed', 1, 'a'), ...taken('c', 'd')];
    expect(count(...again)).toMatchObject([{ possible: 1 }]);
    expect(count(...again, segment('failed', 2, 'd'))).toMatchObject([{ possible: 0 }]);
  });

  test('a segment that a handset got twice is told, though no copy is whole', () => {
    const twice = new CopyCount([
      segment('delivered', 1, 'a'),
      segment('delivered', 1, 'c', 8),
      segment('delivered', 2, 'b'),
    ]);
    expect(twice.segmentsTwice()).toMatchObject([{ text: 'hel' }]);
    expect([...twice.texts()]).toEqual([]);
  });
});
