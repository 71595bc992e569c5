import Holidays from 'date-holidays';
import { DateTime } from 'luxon';
import { holidayPlaceOf, type Place, zoneOf } from './place.ts';

/** By country, region and year: working a year out takes milliseconds. */
const years = new Map<string, ReadonlySet<string>>();
const tables = new Map<string, Holidays>();

/**
 * Whether a day is a public holiday there; substitute days (a holiday that falls on a Sunday is kept on Monday) are ones, too.
 * @param isoDate a day of the local calendar, like 2026-07-04
 */
export function isHoliday(place: Place, isoDate: string): boolean {
  const where = holidayPlaceOf(place);
  const year = Number(isoDate.slice(0, 4));
  // The substitute of a New Year's Day can lie in the year before.
  return [year, year + 1].some((each) => daysOf(where, each).has(isoDate));
}

function daysOf(place: Place, year: number): ReadonlySet<string> {
  const key = `${place.country}/${place.region ?? ''}`;
  const known = years.get(`${key}/${year}`);
  if (known) return known;
  const table = tables.get(key) ?? tableOf(place);
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

function tableOf({ country, region }: Place): Holidays {
  const options = { types: ['public' as const] };
  return region ? new Holidays(country, region, options) : new Holidays(country, options);
}
