import { expect, test } from 'vitest';
import { openingOf, windowKey } from '../../../domain/lifecycle/window-key.ts';

test.each([
  ['2026-11-26T13:00:00.000Z', 'window/2026-11-26T13:00:00Z'],
  ['2026-11-26T13:00:00.001Z', 'window/2026-11-26T13:01:00Z'],
  ['2026-12-31T23:59:30.000Z', 'window/2027-01-01T00:00:00Z'],
])('%s waits under %s', (at, key) => {
  expect(windowKey(new Date(at))).toBe(key);
  expect(openingOf(key)).toBe(key.slice('window/'.length));
});

test('a number’s key is no moment’s', () => {
  expect(openingOf('num_0123456789abcdef')).toBeUndefined();
});
