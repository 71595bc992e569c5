import { expect, test } from 'vitest';
import { isWithinEdits } from '../../domain/edit-distance.ts';

test.each([
  ['stop', 'stop', 0, true],
  ['stpo', 'stop', 1, true],
  ['stp', 'stop', 1, true],
  ['sttop', 'stop', 1, true],
  ['dtop', 'stop', 1, true],
  ['stpo', 'stop', 0, false],
  ['pots', 'stop', 1, false],
  ['unsubcribe', 'unsubscribe', 1, true],
  ['unsuscrbe', 'unsubscribe', 2, true],
  ['', 'stop', 1, false],
])('%s for %s with %i slips: %s', (word, meant, edits, expected) => {
  expect(isWithinEdits(word, meant, edits)).toBe(expected);
  expect(isWithinEdits(meant, word, edits)).toBe(expected);
});
