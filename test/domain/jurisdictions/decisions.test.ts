import { expect, test } from 'vitest';
import type { ConsentEvent } from '../../../domain/consent.ts';
import { decide, type PermissionFacts } from '../../../domain/consent-decision.ts';
import { placesOf } from '../../../domain/jurisdictions/recipient-places.ts';
import type { ConsentLevel, ContentRule } from '../../../domain/jurisdictions/row.ts';
import { jurisdictions } from '../../../domain/jurisdictions/rules.ts';
import { consentLevels } from '../../../domain/jurisdictions/terms.ts';
import { checkDays, type Expected, type Hours, moment, table, weeks, written } from './rows.ts';

const hourMs = 3600_000;
const after = (at: Date, ms: number) => new Date(at.getTime() + ms);

/** Utah's Sundays and holidays bind who has no express consent, and who has none may not be written to in the US at all. */
const decided = table.map((row): Expected => {
  if (row.consent === undefined) return row;
  const { consent: _, ...rest } = row;
  return { ...rest, sunday: row.weekday, holiday: [row.holiday[0], row.weekday] };
});

interface Asked {
  readonly level?: ConsentLevel;
  readonly expiresAt?: Date;
  readonly reserved?: readonly Date[];
  readonly broken?: readonly ContentRule[];
}

/** A marketing text for which nothing else is in the way. */
function ask({ number }: Expected, now: Date, asked: Asked = {}) {
  const { level = written, expiresAt = after(now, 40 * 24 * hourMs), reserved = [], broken = [] } = asked;
  const grant: ConsentEvent = { _id: 'grant', type: 'granted', basis: level, at: after(now, -24 * hourMs) };
  const facts: PermissionFacts = {
    events: [grant],
    where: placesOf(number),
    sender: { kind: 'alphanumeric', name: 'AD-NWIND', registrations: { dlt: 'registered' } },
    brokenContentRules: (rules) => rules.filter((rule) => broken.includes(rule)),
    reserved,
  };
  return decide({ kind: 'marketing', senderKey: 'A', expiresAt }, facts, jurisdictions, now);
}

/** A moment in the middle of a Wednesday's hours. */
function midday({ weekday, zone }: Expected): Date {
  const [from, to] = weekday ?? [0, 0];
  return moment(weeks[0][0], (from + to) / 2, zone);
}

test.each(decided.map((row) => [row.code, row] as const))('%s: what is decided at the edges of its hours', (_, row) => {
  const check = (date: string, hours: Hours) => {
    const noon = ask(row, moment(date, 12, row.zone));
    if (!hours) {
      expect([date, noon]).toMatchObject([date, { decision: 'wait', code: 'quiet-hours' }]);
      return;
    }
    const [opens, closes] = hours.map((hour) => moment(date, hour, row.zone)) as [Date, Date];
    const early = ask(row, after(opens, -1));
    expect([date, early]).toMatchObject([date, { decision: 'wait', code: 'quiet-hours', until: opens }]);
    expect(ask(row, after(opens, -1), { expiresAt: opens })).toMatchObject({ decision: 'refuse', code: 'quiet-hours' });
    expect(ask(row, after(opens, -1), { expiresAt: after(opens, 1) })).toMatchObject({
      decision: 'wait',
      until: opens,
    });
    expect([date, ask(row, opens)]).toMatchObject([date, { decision: 'send', deliverBy: closes }]);
    // In the last seconds, which the way to the carrier may take, none leaves.
    expect([date, ask(row, after(closes, -6000))]).toMatchObject([date, { decision: 'send', deliverBy: closes }]);
    for (const late of [-5999, -1, 0]) {
      expect([date, late, ask(row, after(closes, late))]).toMatchObject([date, late, { decision: 'wait' }]);
    }
  };
  checkDays(row, check);
});

test.each(decided.map((row) => [row.code, row] as const))(
  '%s: the consent that it wants, its cap, its wording',
  (_, row) => {
    const now = midday(row);
    for (const level of consentLevels) {
      const isEnough = consentLevels.indexOf(level) >= consentLevels.indexOf(row.least);
      const expected = isEnough ? { decision: 'send' } : { decision: 'refuse', code: 'consent-missing' };
      expect([level, ask(row, now, { level })]).toMatchObject([level, expected]);
    }
    const reserved = [-3, -2, -1].map((hours) => after(now, hours * hourMs));
    const third = ask(row, now, { reserved: reserved.slice(1) });
    expect(third.decision === 'send' ? third.cap?.texts : third).toBe(row.cap);
    const fourth = row.cap === undefined ? { decision: 'send' } : { decision: 'wait', code: 'cap-reached' };
    expect(ask(row, now, { reserved })).toMatchObject(fourth);
    const rules = ['sender-named', 'opt-out', 'no-link', 'no-phone-number'] as const;
    expect(rules.filter((rule) => ask(row, now, { broken: [rule] }).decision === 'refuse')).toEqual(row.content ?? []);
  },
);
