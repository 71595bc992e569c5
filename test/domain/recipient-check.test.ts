import { describe, expect, test } from 'vitest';
import facts from '../../domain/facts/record-freshness.json' with { type: 'json' };
import { messageKinds } from '../../domain/message.ts';
import {
  movedLately,
  mustAsk,
  portedAt,
  type RecipientQuestion,
  type RecipientRecord,
  recipientCheck,
} from '../../domain/recipient-check.ts';

const now = new Date('2027-03-01T12:00:00Z');
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const question = (rest: Partial<RecipientQuestion> = {}): RecipientQuestion => ({
  kind: 'transactional',
  policy: 'send',
  acceptedAt: ago(0),
  now,
  ...rest,
});
const record = (askedMinutesAgo: number, rest: Partial<RecipientRecord> = {}): RecipientRecord => ({
  own: false,
  lookUp: { at: ago(askedMinutesAgo), ported: false, spid: '5678' },
  ...rest,
});
const day = 24 * 60;

test('the facts name their sources and dates', () => {
  for (const { about, source, verifiedAt } of facts.sources) {
    expect(facts).toHaveProperty(about);
    expect(source.length).toBeGreaterThan(10);
    expect(verifiedAt).toMatch(/^2026-\d\d-\d\d$/);
  }
  expect(Object.keys(facts.kinds)).toEqual([...messageKinds]);
});

describe('the database is asked', () => {
  test.each([
    ['otp', day - 1, false],
    ['otp', day + 1, true],
    ['transactional', 7 * day - 1, false],
    ['transactional', 7 * day + 1, true],
    ['conversational', 7 * day + 1, true],
    ['marketing', 30 * day - 1, false],
    ['marketing', 30 * day + 1, true],
  ] as const)('for a text of kind %s when the record is %i minutes old: %s', (kind, minutes, asked) => {
    expect(mustAsk(record(minutes), question({ kind }))).toBe(asked);
  });

  test('for a number that nobody has asked for, but not for marketing', () => {
    expect(messageKinds.filter((kind) => mustAsk(undefined, question({ kind })))).toEqual([
      'otp',
      'transactional',
      'conversational',
    ]);
    expect(mustAsk({ own: false }, question())).toBe(true);
  });

  test('not again for a number that the database does not know', () => {
    expect(mustAsk({ own: false, askedAt: ago(60) }, question())).toBe(false);
    expect(mustAsk({ own: false, askedAt: ago(8 * day) }, question())).toBe(true);
  });

  test.each<[string, Partial<RecipientRecord>]>([
    ['changed its provider', { lookUp: { at: ago(11), ported: true, changedAt: ago(47 * 60) } }],
    ['was ported by the word of the database', { lookUp: { at: ago(11), ported: true, portedAt: ago(60) } }],
    ['made a carrier answer like one that moves', { suspectedAt: ago(47 * 60) }],
  ])('every ten minutes for a number that lately %s', (_what, rest) => {
    expect(mustAsk(record(11, rest), question())).toBe(true);
    expect(
      mustAsk({ ...record(9, rest), ...(rest.lookUp && { lookUp: { ...rest.lookUp, at: ago(9) } }) }, question()),
    ).toBe(false);
  });

  test('no more densely two days after a move', () => {
    expect(mustAsk(record(60, { lookUp: { at: ago(60), ported: true, changedAt: ago(49 * 60) } }), question())).toBe(
      false,
    );
  });

  test('every quarter of an hour for who wants to know of recent moves, whatever the kind', () => {
    expect(mustAsk(record(16), question({ policy: 'flag' }))).toBe(true);
    expect(mustAsk(record(14), question({ policy: 'refuse' }))).toBe(false);
    expect(mustAsk(undefined, question({ policy: 'refuse', kind: 'marketing' }))).toBe(true);
  });

  test('after a failure that points at a move, however young the record is', () => {
    expect(mustAsk(record(1), question({ failedAt: ago(0.5) }))).toBe(true);
    expect(mustAsk(record(1), question({ failedAt: ago(2) }))).toBe(false);
    // Also for marketing to somebody who was never asked for.
    expect(mustAsk(undefined, question({ kind: 'marketing', failedAt: ago(2) }))).toBe(true);
  });

  test('never for a number of ours: its record is the truth', () => {
    expect(mustAsk({ own: true }, question({ failedAt: ago(1), policy: 'refuse' }))).toBe(false);
  });
});

test.each<[string, RecipientRecord | undefined, Partial<RecipientQuestion>, string]>([
  ['a number of ours', { own: true }, {}, 'own'],
  ['a young record', record(60), {}, 'fresh'],
  ['looked up since the text was accepted', record(1), { acceptedAt: ago(2) }, 'verified'],
  ['looked up since its submission failed', record(1), { acceptedAt: ago(9), failedAt: ago(2) }, 'verified'],
  ['an old record, and nobody answered', record(8 * day), {}, 'unverified'],
  ['no record, and nobody answered', undefined, {}, 'unverified'],
  ['no record, and nobody is to be asked', undefined, { kind: 'marketing' }, 'not-asked'],
])('what is known of a recipient is marked: %s', (_what, known, rest, check) => {
  expect(recipientCheck(known, question(rest))).toBe(check);
});

test('a number has last moved when its database, our own observation, or its own port says so', () => {
  expect(portedAt(undefined)).toBeUndefined();
  expect(portedAt(record(5))).toBeUndefined();
  const lookUp = { at: ago(1), ported: true, portedAt: ago(9 * day), changedAt: ago(3 * day) };
  expect(portedAt({ own: false, lookUp })).toEqual(ago(3 * day));
  expect(portedAt({ own: true, history: [{ at: ago(90) }, { at: ago(20) }] })).toEqual(ago(20));
  expect(portedAt({ own: true, routing: { state: 'uncertain', since: ago(2) }, history: [{ at: ago(20) }] })).toEqual(
    ago(2),
  );
});

test('a move is recent for seven days', () => {
  expect(movedLately(undefined, now)).toBe(false);
  expect(movedLately(ago(7 * day - 1), now)).toBe(true);
  expect(movedLately(ago(7 * day + 1), now)).toBe(false);
});
