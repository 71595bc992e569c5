import { describe, expect, test } from 'vitest';
import { firstCheckMs, nextCheckMs } from '../../domain/routing-check.ts';
import { driftOf } from '../../domain/routing-drift.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const moved = new Date('2026-06-10T15:00:00Z');
const later = (ms: number) => new Date(moved.getTime() + ms);

describe('the next look at a number', () => {
  test.each([
    ['just moved', 0, firstCheckMs],
    ['moved an hour ago', hour, 30 * minute],
    ['moved a day ago', day, 12 * hour],
    ['moved a week ago', 7 * day, day],
  ])('%s', (_, ago, pause) => {
    expect(nextCheckMs(later(ago), moved, undefined)).toBe(pause);
  });

  test('comes daily when it never moved, and hourly while something is wrong', () => {
    expect(nextCheckMs(moved, undefined, undefined)).toBe(day);
    expect(nextCheckMs(moved, undefined, 'carrier-lost-number')).toBe(hour);
  });

  test('comes about fifteen times in the first three days, ever more rarely', () => {
    const looks: number[] = [];
    for (let at = firstCheckMs; at < 3 * day; at += nextCheckMs(later(at), moved, undefined)) looks.push(at);
    expect(looks.length).toBeGreaterThan(8);
    expect(looks.length).toBeLessThan(20);
    const pauses = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  });
});

describe('drift', () => {
  const asItShouldBe = { spids: ['1234', '1235'], formerSpids: ['5678'], databaseProves: true } as const;
  test.each([
    [{ spid: '1235', possession: 'has' }, undefined],
    [{}, undefined],
    [{ possession: 'moving' }, undefined],
    [{ spid: '9012' }, { kind: 'database-names-other', detail: ['spid 9012'] }],
    [{ spid: '5678' }, { kind: 'snapped-back', detail: ['spid 5678'] }],
    [{ possession: 'gone' }, { kind: 'carrier-lost-number', detail: ['carrier: gone'] }],
    [
      { spid: '9012', possession: 'gone' },
      { kind: 'carrier-lost-number', detail: ['spid 9012', 'carrier: gone'] },
    ],
    [{ spid: '9012', spids: [] }, undefined],
    [{ spid: '9012', databaseProves: false }, undefined],
    [
      { databaseProves: false, possession: 'gone' },
      { kind: 'carrier-lost-number', detail: ['carrier: gone'] },
    ],
  ] as const)('%j is %j', (seen, drift) => {
    expect(driftOf({ ...asItShouldBe, ...seen })).toEqual(drift);
  });
});
