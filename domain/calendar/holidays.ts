import Holidays from 'date-holidays';
import { DateTime } from 'luxon';
import { holidayPlaceOf, type Place, zoneOf } from './place.ts';

/** By country, region and year: working a year out takes milliseconds. */
const years = new Map<string, ReadonlySet<string>>();
const tables = new Map<string, Holidays>();

/**
 * Whether a day is a public holiday there; substitute days (a holiday that falls on a Sunday is kept on Monday) are ones, too.
 * @param isoDate a day of the local calendar, like 2026-07-04
 * @param more other days that count there, each in the grammar of date-holidays (`2nd monday in August`)
 */
export function isHoliday(place: Place, isoDate: string, more: readonly string[] = []): boolean {
  const where = holidayPlaceOf(place);
  const year = Number(isoDate.slice(0, 4));
  // The substitute of a New Year's Day can lie in the year before.
  return [year, year + 1].some((each) => daysOf(where, each, more).has(isoDate));
}

function daysOf(place: Place, year: number, more: readonly string[]): ReadonlySet<string> {
  const key = [place.country, place.region ?? '', ...more].join('/');
  const known = years.get(`${key}/${year}`);
  if (known) return known;
  const table = tables.get(key) ?? tableOf(place, more);
  tables.set(key, table);
  const zone = zoneOf(place);
  const days = new Set<string>();
  for (const { type, start, end } of table.getHolidays(year)) {
    if (type !== 'public') continue;
    // A day counts when noon is in it: some begin at sunset or in the afternoon before.
    let noon = DateTime.fromJSDate(start, { zone }).set({ hour: 12, minute: 0, second: 0, millisecond: 0 });
    for (; noon.toMillis() < end.getTime(); noon = noon.plus({ days: 1 })) {
      if (noon.toMillis() >= start.getTime()) days.add(noon.toISODate() ?? '');
    }
  }
  years.set(`${key}/${year}`, days);
  return days;
}

function tableOf({ country, region }: Place, more: readonly string[]): Holidays {
  const options = { types: ['public' as const] };
  const table = region ? new Holidays(country, region, options) : new Holidays(country, options);
  for (const rule of more) {
    if (!table.setHoliday(rule, { name: { en: rule }, type: 'public' })) {
      throw new RangeError(`«${rule}» names no day in the grammar of date-holidays: correct the row that holds it.`);
    }
  }
  return table;
}
