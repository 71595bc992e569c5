import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placesOf } from '../../../domain/jurisdictions/recipient-places.ts';
import { jurisdictions } from '../../../domain/jurisdictions/rules.ts';
import { checkDays, type Expected, eastern, type Hours, moment, table, written } from './rows.ts';

const isOpen = ({ number, consent = written }: Pick<Expected, 'number' | 'consent'>, at: Date) =>
  jurisdictions.termsOf(placesOf(number)).hours(consent).at(at).open;
describe('every row, at the edges of its hours', () => {
  const rows = jurisdictions.rows.map(({ code }) => code);
  it('has a line in the table; Mississippi and Australia have tests of their own', () => {
    expect([...table.map(({ code }) => code), 'US-MS', 'AU'].sort()).toEqual([...rows].sort());
  });

  it.each(table.map((row) => [row.code, row] as const))('%s', (_, row) => {
    const check = (date: string, hours: Hours) => {
      if (!hours) {
        for (const hour of [0, 9, 12, 15, 20])
          expect([date, isOpen(row, moment(date, hour, row.zone))]).toEqual([date, false]);
        return;
      }
      const [from, to] = hours;
      const at = (hour: number, seconds: number) => isOpen(row, moment(date, hour, row.zone, seconds));
      expect([date, at(from, -1), at(from, 0), at(to, -1), at(to, 0)]).toEqual([date, false, true, true, false]);
      expect([date, at(0, 0), at(3, 0), at(23, 0)]).toEqual([date, false, false, false]);
    };
    checkDays(row, check);
  });

  it('names in each row what it is based on', () => {
    expect(jurisdictions.rows.filter(({ source, verifiedAt }) => !source || !verifiedAt)).toEqual([]);
  });
});

describe('places whose clocks differ', () => {
  it('Mississippi’s hours bind by Standard Time, too: in summer they open at 9', () => {
    const jackson = { number: '+16015550123' };
    const at = (date: string, hour: number) => isOpen(jackson, moment(date, hour, 'America/Chicago'));
    expect([at('2026-06-10', 8), at('2026-06-10', 9), at('2026-06-10', 19), at('2026-06-10', 20)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([at('2026-12-09', 7), at('2026-12-09', 8), at('2026-12-09', 19)]).toEqual([false, true, true]);
    expect([at('2026-06-14', 12), at('2028-07-04', 12)]).toEqual([false, true]);
  });

  it('an Australian mobile may be in Perth or in Sydney', () => {
    const mobile = { number: '+61412345678' };
    const at = (hour: number) => isOpen(mobile, moment('2026-06-10', hour, 'Australia/Sydney'));
    expect([at(9), at(10), at(20), at(21)]).toEqual([false, true, true, false]);
  });

  it('an area code with two zones waits for both', () => {
    // Pensacola keeps Chicago's clocks, Tallahassee New York's.
    const panhandle = { number: '+18505550123' };
    const at = (hour: number) => isOpen(panhandle, moment('2026-06-10', hour, eastern));
    expect([at(8), at(9), at(19), at(20)]).toEqual([false, true, true, false]);
  });

  it('what is declared counts beside the area code', () => {
    const movedToHawaii = jurisdictions.termsOf(placesOf('+12125550123', ['US-HI'])).hours(written);
    const at = (hour: number) => movedToHawaii.at(moment('2026-06-10', hour, eastern)).open;
    // Honolulu is six hours behind New York: 8 there is 14 here.
    expect([at(13), at(14), at(20), at(21)]).toEqual([false, true, true, false]);
  });

  it('hours that never meet never open', () => {
    const everywhere = jurisdictions.termsOf(placesOf('+12125550123', ['IN', 'BR', 'AU', 'FR'])).hours(written);
    expect(everywhere.at(new Date('2026-06-10T12:00:00Z'))).toEqual({ open: false, opensAt: undefined });
  });

  it('a consent exempts where the law says so', () => {
    const utah = { number: '+18015550123' };
    const sunday = moment('2026-06-14', 12, 'America/Denver');
    expect(isOpen({ ...utah, consent: 'implied' }, sunday)).toBe(false);
    expect(isOpen({ ...utah, consent: 'express' }, sunday)).toBe(true);
    // Louisiana knows no such exemption.
    expect(isOpen({ number: '+15045550123' }, moment('2026-06-14', 12, 'America/Chicago'))).toBe(false);
  });

  it('Rhode Island has holidays of its own', () => {
    const providence = { number: '+14015550123' };
    const noon = (date: string) => isOpen(providence, moment(date, 12, eastern));
    expect(['2026-05-04', '2026-08-10', '2026-11-03'].map(noon)).toEqual([false, false, false]);
    expect(['2026-05-05', '2026-08-11', '2027-11-02'].map(noon)).toEqual([true, true, true]);
  });

  it('says when it opens and closes, over nights, holidays and weekends', () => {
    const paris = jurisdictions.termsOf(placesOf('+33612345678')).hours('express');
    // Christmas is a Friday, then comes Saturday.
    expect(paris.at(new Date('2026-12-24T19:30:00Z'))).toEqual({
      open: false,
      opensAt: new Date('2026-12-26T07:00:00Z'),
    });
    expect(paris.at(new Date('2026-12-26T12:00:00Z'))).toEqual({
      open: true,
      closesAt: new Date('2026-12-26T19:00:00Z'),
    });
    expect(paris.at(new Date('2026-12-26T19:00:00Z'))).toEqual({
      open: false,
      opensAt: new Date('2026-12-28T07:00:00Z'),
    });
  });
});

/** The hours of one place by another way: the clock that Intl shows, and the table above. */
function openByTheTable(row: Expected, at: Date): boolean {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: row.zone,
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
  const day = part('weekday');
  const hours = day === 'Sun' ? row.sunday : day === 'Sat' ? row.saturday : row.weekday;
  const clock = Number(part('hour')) + Number(part('minute')) / 60;
  return hours !== null && clock >= hours[0] && clock < hours[1];
}

describe('whatever the moment', () => {
  const pairs = fc.record({
    first: fc.constantFrom(...table),
    second: fc.constantFrom(...table),
    at: fc.date({ min: new Date('2026-01-01'), max: new Date('2029-01-01'), noInvalidDate: true }),
  });

  it('is never open when a plausible place is closed', () => {
    fc.assert(
      fc.property(pairs, ({ first, second, at }) => {
        const places = [first, second].map(({ number }) => placesOf(number));
        const where = {
          places: places.flatMap((each) => each.places),
          zones: [...new Set(places.flatMap((each) => each.zones))].sort(),
        };
        const consent = first.consent ?? second.consent ?? written;
        const state = jurisdictions.termsOf(where).hours(consent).at(at);
        if (state.open) {
          expect(openByTheTable(first, at)).toBe(true);
          expect(openByTheTable(second, at)).toBe(true);
          const last = new Date(state.closesAt.getTime() - 1);
          expect(openByTheTable(first, last) && openByTheTable(second, last)).toBe(true);
        } else if (state.opensAt) {
          expect(state.opensAt > at).toBe(true);
          expect(openByTheTable(first, state.opensAt) && openByTheTable(second, state.opensAt)).toBe(true);
        }
      }),
      // Each moment has weeks worked out anew.
      { numRuns: 100 },
    );
  });
});
