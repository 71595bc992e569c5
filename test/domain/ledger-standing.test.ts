import { expect, test } from 'vitest';
import { standing } from '../../domain/ledger-standing.ts';

const event = (_id: string, type: string, rest: object = {}) => ({ _id, type, at: new Date(0), ...rest });

test('consents and revocations count, notes and requests do not', () => {
  const events = ['granted', 'revoked', 'requested', 'expired', 'honoured', 'checked'].map((type, i) =>
    event(`e${i}`, type),
  );
  expect(standing(events).map(({ type }) => type)).toEqual(['granted', 'revoked']);
});

test('a pause is a revocation for marketing until a person has read the words', () => {
  const pause = event('p', 'paused');
  expect(standing([pause])).toEqual([{ ...pause, type: 'revoked', kinds: ['marketing'] }]);
  expect(standing([pause, event('r', 'resumed', { about: 'p' })])).toEqual([]);
  // Of another pause it says nothing.
  expect(standing([pause, event('r', 'resumed', { about: 'q' })])).toHaveLength(1);
});

test('a consent has its last look-up beside it, by the date of the look-up', () => {
  const at = (day: number) => new Date(Date.UTC(2027, 0, day));
  const checked = (about: string, day: number, reassigned: string) =>
    event(`${about}${day}`, 'checked', { about, at: at(day), reassigned });
  const events = [
    event('g', 'granted'),
    event('h', 'granted'),
    checked('g', 9, 'no'),
    checked('g', 3, 'no-data'),
    checked('g', 1, 'no-data'),
  ];
  const [looked, never] = standing(events);
  expect(looked).toMatchObject({ _id: 'g', lastCheck: { at: at(9), reassigned: 'no' } });
  expect(never).not.toHaveProperty('lastCheck');
});
