import { expect, test } from 'vitest';
import { databaseProves } from '../../domain/database-proof.ts';

test.each([
  ['US', 'fixed-or-mobile', true],
  ['US', 'toll-free', false],
  ['CA', 'toll-free', false],
  ['FR', 'fixed', true],
  ['GB', 'mobile', false],
  ['GB', 'fixed', false],
  ['JE', 'mobile', false],
  [undefined, undefined, true],
])('a look-up of a number of %s, %s, proves its move: %s', (country, type, proves) => {
  expect(databaseProves(country, type)).toBe(proves);
});
