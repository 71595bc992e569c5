import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { userMessageReferences } from '../../domain/user-message-reference.ts';

describe('userMessageReferences', () => {
  it('never changes: receipts of an older version must still be recognised', () => {
    expect(userMessageReferences('msg_1', 1, 3)).toEqual([36610, 36611, 36612]);
  });

  it('gives every segment its own number of 16 bits, not 0, and the same again (invariant 5)', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 255 }),
        (id, attempt, parts) => {
          const references = userMessageReferences(id, attempt, parts);
          expect(references).toHaveLength(parts);
          expect(new Set(references).size).toBe(parts);
          for (const reference of references) {
            expect(Number.isInteger(reference)).toBe(true);
            expect(reference).toBeGreaterThanOrEqual(1);
            expect(reference).toBeLessThanOrEqual(0xffff);
          }
          expect(userMessageReferences(id, attempt, parts)).toEqual(references);
        },
      ),
    );
  });

  it('spreads ids that differ little', () => {
    const buckets = new Array<number>(64).fill(0);
    for (let i = 0; i < 6_400; i++) {
      const [reference = 0] = userMessageReferences(`msg_${i.toString(36).padStart(8, '0')}`, 1, 1);
      const bucket = reference % 64;
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    expect(Math.min(...buckets)).toBeGreaterThan(50);
    expect(Math.max(...buckets)).toBeLessThan(150);
  });

  it('tells the attempts of one text apart', () => {
    const firsts = Array.from({ length: 20 }, (_, i) => userMessageReferences('msg_1', i + 1, 1)[0]);
    expect(new Set(firsts).size).toBe(20);
  });
});
