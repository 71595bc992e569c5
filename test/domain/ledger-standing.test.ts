import { expect, test } from 'vitest';
import { standing } from '../../domain/ledger-standing.ts';

const event = (_id: string, type: string, rest: object = {}) => ({ _id, type, ...rest });

test('consents and revocations count, notes and requests do not', () => {
  const events = ['granted', 'revoked', 'requested', 'expired', 'honoured', 'checked'].map((type, i) =>
    event(`e${i}`, type),
  );
  expect(standing(events).map(({ type }) => type)).toEqual(['granted', 'revoked']);
});

test('a pause is a revocation for marketing until a person has read the words', () => {
  const pause = event('p', 'paused');
  expect(standing([pause])).toEqual([{ _id: 'p', type: 'revoked', kinds: ['marketing'] }]);
  expect(standing([pause, event('r', 'resumed', { about: 'p' })])).toEqual([]);
  // Of another pause it says nothing.
  expect(standing([pause, event('r', 'resumed', { about: 'q' })])).toHaveLength(1);
});
