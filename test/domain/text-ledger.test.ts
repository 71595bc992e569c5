import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MessageStatus, messageStatuses } from '../../domain/message.ts';
import {
  emptyAccount,
  type LedgerPlace,
  type LedgerText,
  ledgerPlaces,
  placeOf,
  sumOf,
  withText,
} from '../../domain/text-ledger.ts';

const sides = { losing: 'alpha', gaining: 'telnyx' };
const now = new Date('2027-03-01T12:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const attempt = (
  carrier: string,
  outcome?: 'accepted' | 'rejected' | 'ambiguous' | 'unsent',
): LedgerText['attempts'][number] => ({ carrier, ...(outcome && { answeredAt: ago(1), parts: [{ outcome }] }) });
const text = (status: MessageStatus, attempts: LedgerText['attempts'] = [], rest: Partial<LedgerText> = {}) => ({
  status,
  attempts,
  ...rest,
});
const hold = { key: 'num_1', since: ago(60) };

describe('the place of a text', () => {
  test.each<[string, LedgerText, LedgerPlace]>([
    ['taken by the losing carrier', text('delivered', [attempt('alpha', 'accepted')]), 'old-side'],
    ['taken by the gaining one', text('submitted', [attempt('telnyx', 'accepted')]), 'new-side'],
    [
      'refused by the losing carrier, taken by the gaining one',
      text('failed', [attempt('alpha', 'rejected'), attempt('telnyx', 'accepted')]),
      'new-side',
    ],
    [
      'taken by the losing one, which then said that it failed, and tried again in vain',
      text('failed', [attempt('alpha', 'accepted'), attempt('telnyx', 'rejected')]),
      'old-side',
    ],
    [
      'sent by the standby sender, though by the losing carrier',
      text('delivered', [attempt('alpha', 'accepted')], { route: { viaStandby: true } }),
      'standby',
    ],
    ['taken by a third carrier', text('delivered', [attempt('beta', 'accepted')]), 'elsewhere'],
    ['claimed and not answered', text('claimed', [attempt('telnyx')]), 'unknown'],
    ['never answered', text('unknown', [attempt('telnyx')]), 'unknown'],
    ['answered by «perhaps»', text('claimed', [attempt('telnyx', 'ambiguous')]), 'unknown'],
    ['waiting', text('held', [], { hold }), 'held'],
    ['refused by the gaining carrier and waiting again', text('held', [attempt('telnyx', 'rejected')]), 'held'],
    ['out of time while it waited', text('expired', [], { hold, finalAt: now }), 'held'],
    ['out of time on its way', text('expired', [], { finalAt: now }), 'refused'],
    ['refused by us', text('refused', [], { finalAt: now }), 'refused'],
    [
      'refused by both carriers',
      text('failed', [attempt('alpha', 'rejected'), attempt('telnyx', 'rejected')]),
      'refused',
    ],
    ['released, on its way', text('queued', [], { hold: { ...hold, releasedAt: ago(1) } }), 'under-way'],
    ['written by nobody after its claim', text('queued', [attempt('telnyx', 'unsent')]), 'under-way'],
  ])('%s', (_what, given, place) => {
    expect(placeOf(given, sides)).toBe(place);
  });

  test('a losing carrier that is none of ours takes nothing', () => {
    expect(placeOf(text('delivered', [attempt('telnyx', 'accepted')]), { gaining: 'telnyx' })).toBe('new-side');
  });
});

test('how long texts waited counts until they were released, ended, or now', () => {
  const account = [
    text('held', [], { hold }),
    text('delivered', [attempt('telnyx', 'accepted')], { hold: { ...hold, since: ago(100), releasedAt: ago(10) } }),
    text('expired', [], { hold: { ...hold, since: ago(50) }, finalAt: ago(20) }),
    // Quiet hours.
    text('delivered', [], { hold: { key: 'window/2027-03-01T08:00:00Z', since: ago(9000), releasedAt: ago(10) } }),
  ].reduce((sum, each) => withText(sum, each, sides, now), emptyAccount());
  expect(account.waited).toEqual({ texts: 3, ms: 180_000, longestMs: 90_000 });
  expect(account.lost).toBe(1);
});

const anyText: fc.Arbitrary<LedgerText> = fc.record({
  status: fc.constantFrom(...messageStatuses),
  attempts: fc.array(
    fc.record({
      carrier: fc.constantFrom('alpha', 'telnyx', 'beta'),
      parts: fc.array(fc.record({ outcome: fc.constantFrom('accepted', 'rejected', 'ambiguous', 'unsent') } as const), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
    { maxLength: 3 },
  ),
  hold: fc.constantFrom(null, hold),
});

test('every text has one place and one outcome: nothing is unaccounted for, in one account or in the sum of several', () => {
  fc.assert(
    fc.property(fc.array(anyText), fc.array(anyText), (some, others) => {
      const accountOf = (texts: readonly LedgerText[]) =>
        texts.reduce((sum, each) => withText(sum, each, sides, now), emptyAccount());
      const sum = sumOf([accountOf(some), accountOf(others)]);
      expect(sum).toEqual(accountOf([...some, ...others]));
      const totals = ledgerPlaces.map((place) => sum.places[place].total);
      expect(totals.reduce((a, b) => a + b, 0)).toBe(some.length + others.length);
      for (const { total, ...outcomes } of Object.values(sum.places)) {
        expect(Object.values(outcomes).reduce((a, b) => a + b, 0)).toBe(total);
      }
    }),
  );
});
