import { expect, test } from 'vitest';
import { consentBehind } from '../../domain/consent-evidence.ts';

const at = (day: number) => new Date(Date.UTC(2026, 0, day));
const text = { kind: 'marketing', senderKey: 'num_a', at: at(10) } as const;
const grant = (rest: object = {}) => ({ _id: 'g', type: 'granted', at: at(1), ...rest });
const revocation = (rest: object = {}) => ({ _id: 'r', type: 'revoked', at: at(5), ...rest });

test.each<[string, Parameters<typeof consentBehind>[0], string | undefined]>([
  ['none was given', [], undefined],
  ['one was given to all senders for all kinds', [grant()], 'g'],
  ['one was given to this sender', [grant({ senderKey: 'num_a', kinds: ['marketing'] })], 'g'],
  ['one was given to another sender', [grant({ senderKey: 'num_b' })], undefined],
  ['one was given for another kind', [grant({ kinds: ['otp'] })], undefined],
  ['one was given later', [grant({ at: at(11) })], undefined],
  ['one had expired at that very moment', [grant({ expiresAt: at(10) })], undefined],
  ['one expired the day after', [grant({ expiresAt: at(11) })], 'g'],
  ['an opt-out came after it', [grant(), revocation()], undefined],
  ['it was taken back by its id', [grant(), revocation({ revokes: 'g', senderKey: 'num_b' })], undefined],
  ['another one was taken back by its id', [grant(), revocation({ revokes: 'other' })], 'g'],
  ['an opt-out from another sender came after it', [grant(), revocation({ senderKey: 'num_b' })], 'g'],
  ['an opt-out came after the text', [grant(), revocation({ at: at(11) })], 'g'],
  ['another one was given after the opt-out', [grant(), revocation(), grant({ _id: 'h', at: at(7) })], 'h'],
  ['a request was never confirmed', [grant({ type: 'requested' })], undefined],
  ['of two, the later', [grant(), grant({ _id: 'h', at: at(2) })], 'h'],
])('%s', (_, events, expected) => {
  expect(consentBehind(events, text)?._id).toBe(expected);
});
