import { describe, expect, it } from 'vitest';
import { Chance } from '../../../simulator/world/chance.ts';

describe('chance', () => {
  const identities = Array.from({ length: 4000 }, (_, index) => `text ${index}`);
  const drawn = (chance: Chance) => identities.filter((identity) => chance.happens(0.1, 'fault', identity));

  it('decides the same for the same seed, in any order, and otherwise for another seed', () => {
    const once = drawn(new Chance(7));
    const again = [...identities].reverse().filter((identity) => new Chance(7).happens(0.1, 'fault', identity));
    expect(again.reverse()).toEqual(once);
    expect(drawn(new Chance(8))).not.toEqual(once);
  });

  it('happens about as often as it should, independently for each decision', () => {
    const chance = new Chance(7);
    const both = drawn(chance).filter((identity) => chance.happens(0.1, 'other fault', identity));
    expect(drawn(chance).length / identities.length).toBeCloseTo(0.1, 1);
    expect(both.length / identities.length).toBeLessThan(0.03);
  });

  it('never happens at rate 0 and always at rate 1', () => {
    expect(identities.some((identity) => new Chance(1).happens(0, 'fault', identity))).toBe(false);
    expect(identities.every((identity) => new Chance(1).happens(1, 'fault', identity))).toBe(true);
  });

  it('stays within its span', () => {
    const times = identities.map((identity) => new Chance(3).within([10, 12], 'wait', identity));
    expect(new Set(times)).toEqual(new Set([10, 11, 12]));
  });
});
