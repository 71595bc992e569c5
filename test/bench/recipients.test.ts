import { describe, expect, it } from 'vitest';
import { mostKnown, mostStrangers, population, strangers } from '../../bench/recipients.ts';
import { parsePhoneNumber } from '../../domain/phone-number.ts';

const several = (count: number, first = 0) => Array.from({ length: count }, (_, index) => first + index);

describe('recipients of the benchmark', () => {
  it('are the same ones again and again, or each another one', () => {
    expect(new Set(several(300).map(population(100))).size).toBe(100);
    expect(new Set(several(mostStrangers, 12_345).map(strangers)).size).toBe(mostStrangers);
  });

  it('are valid numbers, and no stranger is one of those who are known', () => {
    const known = new Set(several(mostKnown).map(population(mostKnown)));
    const unknown = several(mostStrangers).map(strangers);
    expect(unknown.filter((number) => known.has(number))).toEqual([]);
    const some = [...known, ...unknown].filter((_, index) => index % 100 === 0);
    expect(some.filter((number) => !parsePhoneNumber(number).ok)).toEqual([]);
  });
});
