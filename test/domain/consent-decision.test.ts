import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConsentEvent } from '../../domain/consent.ts';
import {
  decide,
  type PermissionFacts,
  type PermissionQuestion,
  type SenderFacts,
} from '../../domain/consent-decision.ts';
import { placesOf } from '../../domain/jurisdictions/recipient-places.ts';
import { jurisdictions } from '../../domain/jurisdictions/rules.ts';
import { type MessageKind, messageKinds } from '../../domain/message.ts';
import { brokenContentRules } from '../../domain/wording.ts';

/** A Wednesday in June, noon in New York, 18 h in Paris, 20 h in Dubai. */
const noon = new Date('2026-06-10T16:00:00Z');
const hours = (count: number, from = noon) => new Date(from.getTime() + count * 3600_000);
const written: ConsentEvent = { _id: 'grant', type: 'granted', basis: 'express-written', at: hours(-100) };
const stop: ConsentEvent = { _id: 'stop', type: 'revoked', basis: 'opt-out', at: hours(-1) };
const number: SenderFacts = { kind: 'number', registrations: {} };

interface Case {
  readonly to?: string;
  readonly kind?: MessageKind;
  readonly events?: readonly ConsentEvent[];
  readonly sender?: SenderFacts;
  readonly text?: string;
  readonly brand?: string;
  readonly now?: Date;
  readonly expiresAt?: Date;
  readonly reserved?: readonly Date[];
  readonly stops?: PermissionFacts['stops'];
  readonly confirms?: PermissionQuestion['confirms'];
}

function ask({
  to = '+12125550123',
  kind = 'marketing',
  events = [written],
  sender = number,
  text = 'Northwind: winter boots. STOP to end.',
  brand = 'Northwind',
  now = noon,
  expiresAt = hours(72, now),
  reserved,
  stops,
  confirms,
}: Case) {
  return decide(
    { kind, senderKey: 'A', expiresAt, ...(confirms && { confirms }) },
    {
      events,
      where: placesOf(to),
      sender,
      brokenContentRules: (rules) => brokenContentRules(text, brand, rules),
      ...(reserved && { reserved }),
      ...(stops && { stops }),
    },
    jurisdictions,
    now,
  );
}
const told = (given: Case) => {
  const answer = ask(given);
  return answer.decision === 'send' ? 'send' : `${answer.decision} ${answer.code}`;
};

describe('permission', () => {
  it.each<[string, Case, string]>([
    ['marketing with consent, by day', {}, 'send'],
    ['marketing without', { events: [] }, 'refuse consent-missing'],
    [
      'marketing to the US with consent that is not written',
      { events: [{ ...written, basis: 'express' }] },
      'refuse consent-missing',
    ],
    ['the same to Britain', { to: '+442079460300', events: [{ ...written, basis: 'express' }] }, 'send'],
    [
      'marketing to an existing customer in Canada',
      { to: '+14165550123', events: [{ ...written, basis: 'implied' }] },
      'send',
    ],
    [
      'the same in France',
      { to: '+33612345678', events: [{ ...written, basis: 'implied' }] },
      'refuse consent-missing',
    ],
    ['marketing after STOP', { events: [written, stop] }, 'refuse recipient-opted-out'],
    ['a password after STOP', { kind: 'otp', events: [stop] }, 'refuse recipient-opted-out'],
    ['a password without consent, at night', { kind: 'otp', events: [], now: hours(12) }, 'send'],
    ['marketing at night that lives until morning', { now: hours(12) }, 'wait quiet-hours'],
    ['marketing at night that expires before', { now: hours(12), expiresAt: hours(15) }, 'refuse quiet-hours'],
    ['marketing that expires as the hours open', { now: hours(12), expiresAt: hours(20) }, 'refuse quiet-hours'],
    ['a password to a place without a row', { to: '+41791234567', kind: 'otp', events: [] }, 'send'],
    ['marketing to a place without a row', { to: '+41791234567' }, 'refuse jurisdiction-unknown'],
    ['marketing to a number of no country', { to: '+80012345678' }, 'refuse jurisdiction-unknown'],
    [
      'British marketing that does not say how to end it',
      { to: '+442079460300', text: 'Northwind has boots.' },
      'refuse opt-out-not-offered',
    ],
    ['British marketing with a link instead', { to: '+442079460300', text: 'Northwind: nwnd.co/bye' }, 'send'],
    [
      'British marketing that does not say who writes',
      { to: '+442079460300', text: 'Boots! STOP to end.' },
      'refuse sender-not-named',
    ],
    ['the same text to the US, where no law asks', { text: 'Boots!' }, 'send'],
    [
      'the confirmation of a STOP',
      {
        kind: 'conversational',
        events: [stop],
        now: hours(-0.99),
        confirms: 'stop',
      },
      'send',
    ],
    [
      'the same an hour later',
      { kind: 'conversational', events: [stop], confirms: 'stop' },
      'refuse confirmation-not-due',
    ],
    [
      'anything to somebody who is suppressed',
      { kind: 'otp', stops: [{ rule: 'suppression', code: 'recipient-suppressed', reason: 'r' }] },
      'refuse recipient-suppressed',
    ],
  ])('%s', (_, given, expected) => {
    expect(told(given)).toBe(expected);
  });

  it.each<[string, SenderFacts, Case, string]>([
    ['a US long code of which nothing is known', number, {}, 'send'],
    [
      'one whose campaign was refused',
      { ...number, registrations: { '10dlc': 'refused' } },
      {},
      'refuse sender-not-registered',
    ],
    [
      'the same for a password',
      { ...number, registrations: { '10dlc': 'refused' } },
      { kind: 'otp' },
      'refuse sender-not-registered',
    ],
    ['one that is registered', { ...number, registrations: { '10dlc': 'registered' } }, {}, 'send'],
    [
      'a toll-free number that is being verified',
      { kind: 'toll-free', registrations: { 'toll-free': 'pending' } },
      {},
      'refuse sender-not-registered',
    ],
    ['a number to India', number, { to: '+919876543210', kind: 'transactional' }, 'refuse sender-not-registered'],
    [
      'a header that is registered there',
      { kind: 'alphanumeric', name: 'NWINDS', registrations: { dlt: 'registered' } },
      { to: '+919876543210', kind: 'transactional' },
      'send',
    ],
    [
      'an unregistered name to Australia',
      { kind: 'alphanumeric', name: 'Northwind', registrations: {} },
      { to: '+61412345678', now: hours(12) },
      'send',
    ],
    [
      'a number to the Emirates',
      number,
      { to: '+971501234567', now: hours(-4), text: 'Northwind has boots.' },
      'refuse sender-prefix-missing',
    ],
    [
      'AD-NWIND there',
      { kind: 'alphanumeric', name: 'AD-NWIND', registrations: {} },
      { to: '+971501234567', now: hours(-4), text: 'Northwind has boots.' },
      'send',
    ],
    [
      'AD-NWIND with a link',
      { kind: 'alphanumeric', name: 'AD-NWIND', registrations: {} },
      { to: '+971501234567', now: hours(-4), text: 'See nwnd.co' },
      'refuse link-not-allowed',
    ],
    [
      'AD-NWIND with a phone number',
      { kind: 'alphanumeric', name: 'AD-NWIND', registrations: {} },
      { to: '+971501234567', now: hours(-4), text: 'Call 04 123 4567' },
      'refuse phone-number-not-allowed',
    ],
  ])('a sender: %s', (_, sender, given, expected) => {
    expect(told({ ...given, sender })).toBe(expected);
  });

  it('waits for the opening of the next day, and is to be delivered before the hours end', () => {
    expect(ask({ now: hours(12) })).toMatchObject({ decision: 'wait', until: hours(20) });
    expect(ask({})).toMatchObject({ decision: 'send', deliverBy: hours(9) });
    // Between the decision and the carrier some seconds may pass, and no carrier is given less than one.
    const closing = (seconds: number) => ask({ now: new Date(hours(9).getTime() - seconds * 1000) });
    expect(closing(6)).toMatchObject({ decision: 'send', deliverBy: hours(9) });
    expect(closing(5.9)).toMatchObject({ decision: 'wait', until: hours(20) });
  });

  it('keeps every rule that it weighed, and what it found', () => {
    expect(ask({ to: '+13055550123', reserved: [] }).weighed).toEqual([
      { rule: 'opt-out', says: 'pass' },
      { rule: 'registration', says: 'pass', because: '10dlc not known' },
      { rule: 'jurisdiction', says: 'pass', because: 'US US-FL' },
      { rule: 'consent', says: 'pass', because: 'express-written grant' },
      { rule: 'reassigned-number', says: 'pass', because: 'no safe harbour: never looked up' },
      { rule: 'hours', says: 'pass', because: 'until 2026-06-11T00:00:00.000Z' },
      { rule: 'cap', says: 'pass', because: '3 in 24 h after 0' },
    ]);
    expect(ask({ events: [written, stop] }).weighed).toEqual([{ rule: 'opt-out', says: 'refuse', because: 'stop' }]);
    expect(ask({ kind: 'otp' }).weighed.map(({ rule }) => rule)).toEqual(['opt-out', 'registration']);
  });
});

describe('caps', () => {
  const florida = '+13055550123';
  it.each([
    ['US-FL', florida],
    ['US-OK', '+14055550123'],
    ['US-MD', '+14105550123'],
    ['US-OR', '+15035550123'],
  ])('%s: the fourth text in a day waits until the first counts no more', (_, to) => {
    const reserved = [hours(-20), hours(-3), hours(-2)];
    expect(ask({ to, reserved: reserved.slice(1) })).toMatchObject({ decision: 'send', cap: { texts: 3, hours: 24 } });
    expect(ask({ to, reserved })).toMatchObject({ decision: 'wait', code: 'cap-reached', until: hours(4) });
    expect(told({ to, reserved, expiresAt: hours(4) })).toBe('refuse cap-reached');
    expect(told({ to, reserved: [hours(-24), hours(-3), hours(-2)] })).toBe('send');
  });

  it('New York has none', () => {
    const answer = ask({ reserved: [hours(-3), hours(-2), hours(-1)] });
    expect(answer).toMatchObject({ decision: 'send' });
    expect(answer).not.toHaveProperty('cap');
  });

  it('what is free again at night waits for the morning', () => {
    // Free at 22 h in Miami; it opens at 8.
    const reserved = [hours(-14), hours(-3), hours(-2)];
    expect(ask({ to: florida, reserved })).toMatchObject({ decision: 'wait', code: 'cap-reached', until: hours(20) });
  });
});

describe('whatever the record and the moment', () => {
  const event = fc.record({
    _id: fc.uuid(),
    type: fc.constantFrom('granted', 'revoked'),
    basis: fc.constantFrom('express-written', 'express', 'soft-opt-in', 'implied', 'porting', 'opt-in', 'opt-out'),
    at: fc.integer({ min: -500, max: 0 }).map((count) => hours(count)),
    senderKey: fc.constantFrom('A', 'B', undefined),
    kinds: fc.constantFrom(undefined, ...messageKinds.map((kind) => [kind])),
  }) as fc.Arbitrary<ConsentEvent>;
  const texts = fc.record({
    to: fc.constantFrom('+12125550123', '+13055550123', '+442079460300', '+33612345678', '+61412345678'),
    kind: fc.constantFrom(...messageKinds),
    events: fc.array(event, { maxLength: 8 }),
    now: fc.integer({ min: 0, max: 24 * 400 }).map((count) => hours(count)),
    reserved: fc.array(
      fc.integer({ min: -30, max: 0 }).map((count) => hours(count)),
      { maxLength: 5 },
    ),
  });

  it('nothing leaves after a revocation that is stored', () => {
    fc.assert(
      fc.property(texts, (given) => {
        const revoked = { ...stop, senderKey: 'A', at: hours(0, given.now) };
        expect(told({ ...given, events: [...given.events, revoked] })).toBe('refuse recipient-opted-out');
      }),
    );
  });

  it('what waits may leave then, as far as hours and cap are concerned', () => {
    fc.assert(
      fc.property(texts, (given) => {
        const answer = ask({ ...given, kind: 'marketing', events: [written] });
        if (answer.decision !== 'wait') return;
        expect(answer.until > given.now).toBe(true);
        expect(told({ ...given, kind: 'marketing', events: [written], now: answer.until })).toBe('send');
      }),
      { numRuns: 300 },
    );
  });

  it('a decision takes less than 50 µs', () => {
    const facts: PermissionFacts = {
      events: [written, { ...stop, senderKey: 'B' }],
      where: placesOf('+13055550123'),
      sender: number,
      reserved: [hours(-5)],
    };
    const text: PermissionQuestion = { kind: 'marketing', senderKey: 'A', expiresAt: hours(10) };
    const rounds = 20_000;
    const perDecision = () => {
      const began = performance.now();
      for (let index = 0; index < rounds; index++) decide(text, facts, jurisdictions, noon);
      return ((performance.now() - began) * 1000) / rounds;
    };
    // The best of some: others share the machine.
    const micros = Math.min(...Array.from({ length: 5 }, perDecision));
    console.log(`decide: ${micros.toFixed(1)} µs`);
    expect(micros).toBeLessThan(50);
  });
});
