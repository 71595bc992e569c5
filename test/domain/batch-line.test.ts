import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idOfLine, idsOfRuns, lineOfId, mostBatchLines, runsOf } from '../../domain/batch-line.ts';

const bits = fc.stringMatching(/^[0-9a-f]{32}$/);
const line = fc.integer({ min: 1, max: mostBatchLines });

describe('the id of a text of a bulk', () => {
  test('says which bulk and which line, and nothing else gives it (invariant 4)', () => {
    fc.assert(
      fc.property(bits, line, (hex, at) => {
        expect(lineOfId(idOfLine(`bat_${hex}`, at))).toEqual({ batchId: `bat_${hex}`, line: at });
      }),
    );
  });

  test('is in the order of the lines', () => {
    fc.assert(
      fc.property(bits, line, line, (hex, a, b) => {
        expect(idOfLine(`bat_${hex}`, a) < idOfLine(`bat_${hex}`, b)).toBe(a < b);
      }),
    );
  });

  test('comes out of runs of lines as it went in', () => {
    const batchId = `bat_${'0'.repeat(32)}`;
    const lines = fc.uniqueArray(fc.integer({ min: 1, max: 60 })).map((some) => some.sort((a, b) => a - b));
    fc.assert(
      fc.property(lines, (some) => {
        expect(idsOfRuns(batchId, runsOf(some))).toEqual(some.map((each) => idOfLine(batchId, each)));
      }),
    );
    expect(runsOf([1, 2, 3, 7])).toEqual([
      [1, 3],
      [7, 7],
    ]);
  });

  test('is not that of a text that came alone', () => {
    expect(lineOfId(`msg_${'0'.repeat(32)}`)).toBeUndefined();
    expect(() => idOfLine('msg_1', 1)).toThrow(/begins with bat_/);
  });
});
