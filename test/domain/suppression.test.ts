import { describe, expect, it } from 'vitest';
import { isSuppressed, senderKindOf, suppressedForMs } from '../../domain/suppression.ts';

const since = new Date('2026-06-01T00:00:00Z');
const until = new Date(since.getTime() + suppressedForMs);
const suppression = { senderKind: 'number', since, until } as const;
const day = (days: number) => new Date(since.getTime() + days * 24 * 3600_000);

describe('a recipient who can’t be reached is spared', () => {
  it('for 90 days, to the moment', () => {
    expect(isSuppressed(suppression, {}, day(1))).toBe(true);
    expect(isSuppressed(suppression, {}, new Date(until.getTime() - 1))).toBe(true);
    expect(isSuppressed(suppression, {}, until)).toBe(false);
    expect(day(90)).toEqual(until);
  });

  it.each(['consentAt', 'inboundAt', 'movedAt'] as const)('unless since then: %s', (news) => {
    expect(isSuppressed(suppression, { [news]: day(2) }, day(3))).toBe(false);
    expect(isSuppressed(suppression, { [news]: day(-2) }, day(3))).toBe(true);
    expect(isSuppressed(suppression, { [news]: undefined }, day(3))).toBe(true);
  });

  it.each([
    ['+12025550143', 'number'],
    ['+18005550143', 'toll-free'],
    ['+447400123456', 'number'],
    ['72345', 'short-code'],
    ['ACME', 'alphanumeric'],
  ])('by kind of sender: %s is a %s', (sender, kind) => {
    expect(senderKindOf(sender)).toBe(kind);
  });
});
