import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConsentEvent, type ConsentQuestion, decide } from '../../domain/consent.ts';
import { type MessageKind, messageKinds } from '../../domain/message.ts';

const now = new Date('2026-06-01T12:00:00Z');
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

let serial = 0;
const granted = (over: Partial<ConsentEvent> = {}): ConsentEvent => ({
  _id: `event-${serial++}`,
  type: 'granted',
  basis: 'express',
  at: ago(100),
  ...over,
});
const stopped = (over: Partial<ConsentEvent> = {}): ConsentEvent =>
  granted({ type: 'revoked', basis: 'opt-out', at: ago(50), ...over });

const ask = (kind: MessageKind, events: ConsentEvent[], over: Partial<ConsentQuestion> = {}) => {
  const answer = decide({ kind, senderKey: 'A', events, now, ...over });
  return answer.decision === 'refuse' ? answer.code : answer.decision;
};

describe('decide', () => {
  it.each<MessageKind>(['otp', 'transactional', 'conversational'])('%s needs no consent on record', (kind) => {
    expect(ask(kind, [])).toBe('send');
  });

  it.each<[string, ConsentEvent[], string]>([
    ['nothing on record', [], 'consent-missing'],
    ['express consent', [granted()], 'send'],
    ['express written consent', [granted({ basis: 'express-written' })], 'send'],
    ['implied consent only', [granted({ basis: 'implied' })], 'consent-missing'],
    ['the consent to a port', [granted({ basis: 'porting' })], 'consent-missing'],
    ['START only', [granted({ basis: 'opt-in' })], 'consent-missing'],
    ['consent to this sender', [granted({ senderKey: 'A' })], 'send'],
    ['consent to another sender', [granted({ senderKey: 'B' })], 'consent-missing'],
    ['consent to marketing', [granted({ kinds: ['marketing'] })], 'send'],
    ['consent to something else', [granted({ kinds: ['transactional'] })], 'consent-missing'],
    ['consent that is not yet given', [granted({ at: ago(-1) })], 'consent-missing'],
    ['consent that expires later', [granted({ expiresAt: ago(-1) })], 'send'],
    ['consent that expires now', [granted({ expiresAt: now })], 'consent-expired'],
    ['one expired, one not', [granted({ expiresAt: ago(1) }), granted()], 'send'],
    ['STOP', [granted(), stopped()], 'recipient-opted-out'],
    ['STOP to this sender', [granted(), stopped({ senderKey: 'A' })], 'recipient-opted-out'],
    ['STOP to another sender', [granted(), stopped({ senderKey: 'B' })], 'send'],
    ['STOP, then START', [granted(), stopped(), granted({ basis: 'opt-in', at: ago(10) })], 'send'],
    [
      'START at the moment of STOP',
      [granted(), stopped(), granted({ basis: 'opt-in', at: ago(50) })],
      'recipient-opted-out',
    ],
    ['STOP, then express consent', [stopped(), granted({ at: ago(10) })], 'send'],
    [
      'STOP, then a purchase',
      [granted(), stopped(), granted({ basis: 'implied', at: ago(10) })],
      'recipient-opted-out',
    ],
    [
      'STOP, then START to another sender',
      [granted(), stopped(), granted({ basis: 'opt-in', at: ago(10), senderKey: 'B' })],
      'recipient-opted-out',
    ],
    [
      'STOP, START, STOP',
      [granted(), stopped({ at: ago(90) }), granted({ at: ago(80) }), stopped()],
      'recipient-opted-out',
    ],
  ])('marketing with %s', (_, events, expected) => {
    expect(ask('marketing', events)).toBe(expected);
    expect(ask('marketing', events.toReversed())).toBe(expected);
  });

  it.each<MessageKind>([...messageKinds])('an opt-out stops %s', (kind) => {
    expect(ask(kind, [granted(), stopped()])).toBe('recipient-opted-out');
  });

  it('an opt-out of marketing leaves the other kinds', () => {
    const events = [granted(), stopped({ kinds: ['marketing'] })];
    expect(ask('marketing', events)).toBe('recipient-opted-out');
    expect(ask('otp', events)).toBe('send');
  });

  it('a consent that is taken back takes its scope with it', () => {
    const consent = granted({ kinds: ['marketing'], senderKey: 'A' });
    const events = [consent, stopped({ revokes: consent._id })];
    expect(ask('marketing', events)).toBe('recipient-opted-out');
    expect(ask('otp', events)).toBe('send');
    expect(ask('marketing', [...events, granted()], { senderKey: 'B' })).toBe('send');
  });

  it('a consent that is taken back is not revived by START', () => {
    const consent = granted();
    const events = [consent, stopped({ revokes: consent._id }), granted({ basis: 'opt-in', at: ago(10) })];
    expect(ask('marketing', events)).toBe('consent-missing');
    expect(ask('otp', events)).toBe('send');
  });

  it.each([
    ['at once', 0, false, 'send'],
    ['after five minutes', 5, false, 'send'],
    ['later', 5.1, false, 'confirmation-not-due'],
    ['twice', 1, true, 'confirmation-not-due'],
  ])('an opt-out is confirmed %s', (_, minutes, sentBefore, expected) => {
    const stop = stopped({ at: ago(minutes) });
    expect(ask('transactional', [stop], { confirms: { revocation: stop._id, sentBefore } })).toBe(expected);
  });

  it('confirms no opt-out that is not on record', () => {
    const consent = granted();
    const confirms = { revocation: consent._id, sentBefore: false };
    expect(ask('transactional', [consent], { confirms })).toBe('confirmation-not-due');
  });

  const event = fc.record({
    _id: fc.uuid(),
    type: fc.constantFrom('granted', 'revoked'),
    basis: fc.constantFrom('express-written', 'express', 'implied', 'porting', 'opt-in', 'opt-out'),
    at: fc.integer({ min: 0, max: 200 }).map(ago),
    senderKey: fc.constantFrom('A', 'B', undefined),
    kinds: fc.constantFrom(undefined, ...messageKinds.map((kind) => [kind])),
  }) as fc.Arbitrary<ConsentEvent>;

  it('never sends after the latest word was STOP, and does not care for the order of the record', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.constantFrom(...messageKinds), (events, kind) => {
        const stop = stopped({ at: now, senderKey: 'A' });
        expect(ask(kind, [...events, stop])).toBe('recipient-opted-out');
        expect(ask(kind, events.toReversed())).toBe(ask(kind, events));
      }),
    );
  });
});
