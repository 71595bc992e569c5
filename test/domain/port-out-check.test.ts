import { describe, expect, it } from 'vitest';
import findingFacts from '../../domain/facts/port-out-findings.json' with { type: 'json' };
import reasonFacts from '../../domain/facts/port-out-reasons.json' with { type: 'json' };
import { comparable } from '../../domain/port-out-account.ts';
import {
  decidePortOut,
  explainFinding,
  type FindingCode,
  type PortOutFacts,
  type PortOutNumberFacts,
  portOutReasons,
} from '../../domain/port-out-check.ts';
import { portOutClocks } from '../../domain/port-out-clocks.ts';

const requestedAt = new Date('2026-06-03T17:00:00Z');
const daysAgo = (days: number) => new Date(requestedAt.getTime() - days * 24 * 3600_000);
const number: PortOutNumberFacts = {
  own: true,
  active: true,
  atCarrier: true,
  locked: false,
  accountNumber: 'untold',
  pin: 'match',
  postalCode: 'match',
  ownPort: false,
  wrongBefore: false,
  country: 'US',
};
const eligible = [
  { code: '1001', reason: 'other' as const },
  { code: '1002', reason: 'pin' as const },
  { code: '1099' },
];
const decide = (change: Partial<PortOutNumberFacts>, rest: Partial<PortOutFacts> = {}) => {
  const verdict = decidePortOut({
    numbers: [{ ...number, ...change }],
    requestedAt,
    askedLately: 1,
    eligible,
    undecided: 'reject',
    ...rest,
  });
  return { codes: verdict.findings.map(({ code }) => code), proposal: verdict.proposal };
};
const authorize = { decision: 'authorize' };
const reject = (code: string) => ({ decision: 'reject', code });
const ask = { decision: 'ask', fallback: reject('1001') };

describe('a request to take a number away', () => {
  const cases: [string, Partial<PortOutNumberFacts>, FindingCode[], object][] = [
    ['the right PIN', {}, [], authorize],
    ['the right account number, no PIN registered', { pin: 'unregistered', accountNumber: 'match' }, [], authorize],
    ['nothing registered', { pin: 'unregistered', postalCode: 'unregistered' }, ['unverified'], ask],
    ['a postal code alone proves nothing', { pin: 'unregistered' }, ['unverified'], ask],
    ['a PIN that the carrier never tells', { pin: 'untold' }, ['unverified'], ask],
    ['a wrong PIN', { pin: 'mismatch' }, ['pin-mismatch', 'unverified'], reject('1002')],
    ['no PIN', { pin: 'missing' }, ['pin-missing', 'unverified'], reject('1002')],
    ['a wrong account number', { accountNumber: 'mismatch' }, ['account-number-mismatch'], reject('1001')],
    ['no account number', { accountNumber: 'missing' }, ['account-number-missing'], reject('1001')],
    ['a wrong postal code', { postalCode: 'mismatch' }, ['postal-code-mismatch'], reject('1001')],
    ['no postal code', { postalCode: 'missing' }, ['postal-code-missing'], authorize],
    ['locked', { locked: true }, ['locked'], reject('1001')],
    ['a number of nobody', { own: false }, ['number-not-ours'], reject('1001')],
    ['a number that has left', { active: false }, ['number-not-active'], reject('1001')],
    ['by our record at another carrier', { atCarrier: false }, ['number-elsewhere'], ask],
    ['a wrong PIN before', { wrongBefore: true }, ['wrong-before'], ask],
    ['ported in 29 days ago', { portedInAt: daysAgo(29) }, ['recent-port-in'], ask],
    ['ported in 30 days ago', { portedInAt: daysAgo(30) }, [], authorize],
    ['a SIM changed 6 days ago', { simChangedAt: daysAgo(6) }, ['recent-sim-change'], ask],
    ['a SIM changed 7 days ago', { simChangedAt: daysAgo(7) }, [], authorize],
    ['our own port', { ownPort: true, pin: 'unregistered', simChangedAt: daysAgo(1) }, ['own-port'], authorize],
    ['our own port of a locked number', { ownPort: true, locked: true }, ['locked', 'own-port'], reject('1001')],
  ];
  it.each(cases)('%s', (_, change, codes, proposal) => {
    expect(decide(change)).toEqual({ codes, proposal });
  });

  it('at night is suspicious after a wrong PIN only, and only when it is night in the whole country', () => {
    const night = new Date('2026-06-03T08:30:00Z');
    expect(decide({}, { requestedAt: night }).codes).toEqual([]);
    expect(decide({ wrongBefore: true }, { requestedAt: night }).codes).toEqual(['wrong-before', 'odd-hours']);
    // Half past seven in New York, half past four in Los Angeles.
    const morning = new Date('2026-06-03T11:30:00Z');
    expect(decide({ wrongBefore: true }, { requestedAt: morning }).codes).toEqual(['wrong-before']);
    expect(decide({ wrongBefore: true, country: 'XX' }, { requestedAt: night }).codes).toEqual(['wrong-before']);
  });

  it('is suspicious when very many are asked for at once', () => {
    expect(decide({}, { askedLately: 49 }).proposal).toEqual(authorize);
    expect(decide({}, { askedLately: 50 })).toEqual({ codes: ['many-numbers'], proposal: ask });
  });

  it('what cannot be said by an eligible code is left to a person, without a default', () => {
    const silent = { eligible: [{ code: '1099' }] };
    expect(decide({ pin: 'mismatch' }, silent).proposal).toEqual({ decision: 'ask' });
    expect(decide({ wrongBefore: true }, silent).proposal).toEqual({ decision: 'ask' });
  });

  it('the default is what the owner configured', () => {
    expect(decide({ wrongBefore: true }, { undecided: 'authorize' }).proposal).toEqual({
      decision: 'ask',
      fallback: authorize,
    });
  });

  it('the number that a finding is about is named; one disproven number rejects all', () => {
    const numbers = [number, { ...number, pin: 'mismatch' as const }];
    const verdict = decidePortOut({ numbers, requestedAt, askedLately: 2, eligible, undecided: 'reject' });
    expect(verdict.findings[0]).toEqual({ code: 'pin-mismatch', number: 1 });
    expect(verdict.proposal).toEqual(reject('1002'));
  });
});

describe('the facts about port-outs', () => {
  it.each(Object.keys(findingFacts.findings) as FindingCode[])('%s is whole', (code) => {
    const { weight, reason, meaning } = explainFinding(code);
    expect(['reject', 'suspect', 'note']).toContain(weight);
    expect(reason !== undefined).toBe(weight === 'reject');
    if (reason) expect(portOutReasons).toContain(reason);
    expect(meaning).toMatch(/\.$/);
  });

  it('every reason has words for the carrier', () => {
    expect(Object.keys(reasonFacts.reasons).sort()).toEqual([...portOutReasons].sort());
  });

  it('the answer is due 24 hours after the request at Telnyx, or when the contract says; the default comes before it', () => {
    const at = (hours: number) => new Date(requestedAt.getTime() + hours * 3600_000).toISOString();
    expect(portOutClocks('telnyx', requestedAt)).toEqual({ answerDueAt: at(24), decideBy: at(22) });
    expect(portOutClocks('unheard-of', requestedAt)).toEqual({ answerDueAt: at(24), decideBy: at(22) });
    expect(portOutClocks('telnyx', requestedAt, 4)).toEqual({ answerDueAt: at(4), decideBy: at(3) });
  });

  it.each([
    ['accountNumber', ' acc-123 45', 'ACC12345'],
    ['postalCode', '20001-1234', '20001'],
    ['postalCode', 'sw1a 1aa', 'SW1A1AA'],
    ['pin', ' 0042 ', '0042'],
  ] as const)('%s «%s» is compared as «%s»', (field, given, plain) => {
    expect(comparable(field, given)).toBe(plain);
  });
});
