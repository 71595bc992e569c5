import { expect, test } from 'vitest';
import { placesOf } from '../../domain/jurisdictions/recipient-places.ts';
import { jurisdictions } from '../../domain/jurisdictions/rules.ts';
import { marketingExpiry } from '../../domain/marketing-validity.ts';

const hourMs = 3600_000;
const terms = { fallbackMs: hourMs, longestMs: 72 * hourMs };
/** In New York the hours end at 21:00, 01:00 UTC in summer (47 CFR 64.1200(c)(1)). */
const expiry = (now: string, rest: Partial<typeof terms> = {}) =>
  marketingExpiry(placesOf('+12125550123'), jurisdictions, new Date(now), { ...terms, ...rest }).toISOString();

test.each([
  ['by day, as the hours end', '2026-06-10T16:00:00Z', '2026-06-11T01:00:00.000Z'],
  ['at night, as those of the next day end', '2026-06-11T05:00:00Z', '2026-06-12T01:00:00.000Z'],
  ['seconds before they end, as those of the next day do', '2026-06-11T00:59:56Z', '2026-06-12T01:00:00.000Z'],
])('marketing expires %s', (_, now, expected) => {
  expect(expiry(now)).toBe(expected);
});

test('marketing lives no longer than any text may', () => {
  expect(expiry('2026-06-10T16:00:00Z', { longestMs: hourMs })).toBe('2026-06-10T17:00:00.000Z');
});
