import { describe, expect, it } from 'vitest';
import { honourBy, scopeOfRevocation } from '../../domain/revocation-rules.ts';

describe('scopeOfRevocation', () => {
  it.each([
    ['US', '2027-01-31T04:59:59Z', 'sender'],
    ['US', '2027-01-31T05:00:00Z', 'all-senders'],
    ['GB', '2027-06-01T00:00:00Z', 'sender'],
    [undefined, '2027-06-01T00:00:00Z', 'sender'],
  ])('of %s at %s: %s', (country, at, scope) => {
    expect(scopeOfRevocation(country, new Date(at))).toBe(scope);
  });
});

describe('honourBy', () => {
  it.each([
    // Thanksgiving and weekends are no business days; the day of the text does not count.
    ['US', '2026-11-20T15:00:00Z', '2026-12-08T05:00:00Z'],
    ['US', '2026-06-01T15:00:00Z', '2026-06-16T04:00:00Z'],
    ['AU', '2026-06-01T02:00:00Z', '2026-06-08T14:00:00Z'],
  ])('of %s from %s is %s', (country, at, expected) => {
    expect(honourBy(country, new Date(at)).toISOString()).toBe(new Date(expected).toISOString());
  });

  it('keeps the strictest clock where no law names a number', () => {
    const at = new Date('2026-06-01T12:00:00Z');
    expect(honourBy('ZA', at) <= honourBy('US', at)).toBe(true);
    expect(honourBy(undefined, at) > at).toBe(true);
  });
});
