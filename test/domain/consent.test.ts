import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ConsentEvent,
  type ConsentTerms,
  confirmationIsDue,
  consentToMarketing,
  standingOptOut,
} from '../../domain/consent.ts';
import { type MessageKind, messageKinds } from '../../domain/message.ts';

const now = new Date('2026-06-01T12:00:00Z');
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const days = (count: number) => count * 24 * 60;

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

/** The tombstone. */
const erased = () => stopped({ kinds: ['marketing'], source: 'erasure' });

const express: ConsentTerms = { consent: 'express', impliedMonths: undefined };

/** What stands in the ledger about a text from A. */
const ask = (kind: MessageKind, events: ConsentEvent[], terms: ConsentTerms = express, senderKey = 'A') => {
  const question = { kind, senderKey, events, now };
  if (standingOptOut(question)) return 'opted-out';
  if (kind !== 'marketing') return 'none-needed';
  const finding = consentToMarketing(question, terms);
  return finding.found ? finding.level : finding.code;
};

describe('what stands in the ledger', () => {
  it.each<MessageKind>(['otp', 'transactional', 'conversational'])('%s needs no consent on record', (kind) => {
    expect(ask(kind, [])).toBe('none-needed');
  });

  it.each<[string, ConsentEvent[], string]>([
    ['nothing on record', [], 'consent-missing'],
    ['express consent', [granted()], 'express'],
    ['express written consent', [granted({ basis: 'express-written' })], 'express-written'],
    ['implied consent only', [granted({ basis: 'implied' })], 'consent-missing'],
    ['the soft opt-in only', [granted({ basis: 'soft-opt-in' })], 'consent-missing'],
    ['the consent to a port', [granted({ basis: 'porting' })], 'consent-missing'],
    ['START only', [granted({ basis: 'opt-in' })], 'consent-missing'],
    ['consent to this sender', [granted({ senderKey: 'A' })], 'express'],
    ['consent to another sender', [granted({ senderKey: 'B' })], 'consent-missing'],
    ['consent to marketing', [granted({ kinds: ['marketing'] })], 'express'],
    ['consent to something else', [granted({ kinds: ['transactional'] })], 'consent-missing'],
    ['consent that is not yet given', [granted({ at: ago(-1) })], 'consent-missing'],
    ['consent that expires later', [granted({ expiresAt: ago(-1) })], 'express'],
    ['consent that expires now', [granted({ expiresAt: now })], 'consent-expired'],
    ['one expired, one not', [granted({ expiresAt: ago(1) }), granted()], 'express'],
    ['the better of two', [granted(), granted({ basis: 'express-written' })], 'express-written'],
    ['STOP', [granted(), stopped()], 'opted-out'],
    ['STOP to this sender', [granted(), stopped({ senderKey: 'A' })], 'opted-out'],
    ['STOP to another sender', [granted(), stopped({ senderKey: 'B' })], 'express'],
    ['STOP, then START', [granted(), stopped(), granted({ basis: 'opt-in', at: ago(10) })], 'express'],
    ['START at the moment of STOP', [granted(), stopped(), granted({ basis: 'opt-in', at: ago(50) })], 'opted-out'],
    ['STOP, then express consent', [stopped(), granted({ at: ago(10) })], 'express'],
    ['STOP, then a purchase', [granted(), stopped(), granted({ basis: 'implied', at: ago(10) })], 'opted-out'],
    [
      'STOP, then START to another sender',
      [granted(), stopped(), granted({ basis: 'opt-in', at: ago(10), senderKey: 'B' })],
      'opted-out',
    ],
    ['an erasure, then START', [granted(), erased(), granted({ basis: 'opt-in', at: ago(10) })], 'consent-missing'],
    ['an erasure, then express consent', [granted(), erased(), granted({ at: ago(10) })], 'express'],
    ['STOP, START, STOP', [granted(), stopped({ at: ago(90) }), granted({ at: ago(80) }), stopped()], 'opted-out'],
  ])('marketing with %s', (_, events, expected) => {
    expect(ask('marketing', events)).toBe(expected);
    expect(ask('marketing', events.toReversed())).toBe(expected);
  });

  it('asks for the kind of consent that the place wants', () => {
    const implied: ConsentTerms = { consent: 'implied', impliedMonths: undefined };
    const written: ConsentTerms = { consent: 'express-written', impliedMonths: undefined };
    expect(ask('marketing', [granted({ basis: 'implied' })], implied)).toBe('implied');
    expect(ask('marketing', [granted({ basis: 'soft-opt-in' })], implied)).toBe('implied');
    expect(ask('marketing', [granted()], implied)).toBe('express');
    expect(ask('marketing', [granted()], written)).toBe('consent-missing');
  });

  it('an implied consent of long ago permits nothing where the law gives it months', () => {
    const casl: ConsentTerms = { consent: 'implied', impliedMonths: 24 };
    const bought = (daysAgo: number) => granted({ basis: 'implied', at: ago(days(daysAgo)) });
    expect(ask('marketing', [bought(719)], casl)).toBe('implied');
    expect(ask('marketing', [bought(720)], casl)).toBe('consent-expired');
    expect(ask('marketing', [granted({ at: ago(days(2000)) })], casl)).toBe('express');
  });

  it.each<MessageKind>([...messageKinds])('an opt-out stops %s', (kind) => {
    expect(ask(kind, [granted(), stopped()])).toBe('opted-out');
  });

  it('an opt-out of marketing leaves the other kinds', () => {
    const events = [granted(), stopped({ kinds: ['marketing'] })];
    expect(ask('marketing', events)).toBe('opted-out');
    expect(ask('otp', events)).toBe('none-needed');
  });

  it('a consent that is taken back takes its scope with it', () => {
    const consent = granted({ kinds: ['marketing'], senderKey: 'A' });
    const events = [consent, stopped({ revokes: consent._id })];
    expect(ask('marketing', events)).toBe('opted-out');
    expect(ask('otp', events)).toBe('none-needed');
    expect(ask('marketing', [...events, granted()], express, 'B')).toBe('express');
  });

  it('a consent that is taken back is not revived by START', () => {
    const consent = granted();
    const events = [consent, stopped({ revokes: consent._id }), granted({ basis: 'opt-in', at: ago(10) })];
    expect(ask('marketing', events)).toBe('consent-missing');
    expect(ask('otp', events)).toBe('none-needed');
  });

  it.each([
    ['at once', 0, true],
    ['after five minutes', 5, true],
    ['later', 5.1, false],
  ])('an opt-out is confirmed %s: %s', (_, minutes, expected) => {
    const stop = stopped({ at: ago(minutes) });
    expect(confirmationIsDue({ senderKey: 'A', events: [stop], now }, stop._id)).toBe(expected);
  });

  const byText = (over: Partial<ConsentEvent>) => stopped({ source: 'inbound', senderKey: 'A', ...over });
  it.each<[string, ConsentEvent[], boolean]>([
    ['once, when it is said twice', [byText({ at: ago(3) })], false],
    ['once, also in the same moment', [byText({ at: ago(1), _id: 'earlier' })], false],
    ['not after one of all senders', [byText({ at: ago(days(90)), senderKey: undefined as never })], false],
    ['again after a START', [byText({ at: ago(3) }), granted({ basis: 'opt-in', at: ago(2) })], true],
    ['to another sender, too', [byText({ at: ago(3), senderKey: 'B' })], true],
    ['after words that may have meant one, too', [byText({ at: ago(3), kinds: ['marketing'] })], true],
    ['after one that was not a text, too', [stopped({ at: ago(3), source: 'api' })], true],
  ])('an opt-out by text is confirmed %s', (_, before, expected) => {
    const stop = byText({ _id: 'later', at: ago(1) });
    for (const events of [
      [...before, stop],
      [stop, ...before],
    ]) {
      expect(confirmationIsDue({ senderKey: 'A', events, now }, 'later')).toBe(expected);
    }
  });

  it('confirms no opt-out that is not on record', () => {
    const consent = granted();
    expect(confirmationIsDue({ senderKey: 'A', events: [consent], now }, consent._id)).toBe(false);
  });

  const event = fc.record({
    _id: fc.uuid(),
    type: fc.constantFrom('granted', 'revoked'),
    basis: fc.constantFrom('express-written', 'express', 'soft-opt-in', 'implied', 'porting', 'opt-in', 'opt-out'),
    at: fc.integer({ min: 0, max: 200 }).map(ago),
    senderKey: fc.constantFrom('A', 'B', undefined),
    kinds: fc.constantFrom(undefined, ...messageKinds.map((kind) => [kind])),
  }) as fc.Arbitrary<ConsentEvent>;

  it('never permits after the latest word was STOP, and does not care for the order of the record', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.constantFrom(...messageKinds), (events, kind) => {
        const stop = stopped({ at: now, senderKey: 'A' });
        expect(ask(kind, [...events, stop])).toBe('opted-out');
        expect(ask(kind, events.toReversed())).toBe(ask(kind, events));
      }),
    );
  });
});
