import facts from '../facts/porting-calendars.json' with { type: 'json' };
import { BusinessCalendar } from './business-calendar.ts';
import { npacZoneOf, type Place, regionOf, zoneOf } from './place.ts';

/** Whose hours: the losing provider's at the place of the service, or those in which the NPAC's timers run. */
export type CalendarName = 'local' | 'npac-region' | 'npac-wireline' | 'npac-simple' | 'npac-wireless';

interface CalendarRow {
  readonly name: string;
  readonly countries?: readonly string[];
  readonly zone: string;
  readonly weekdays: readonly number[];
  readonly from: number;
  readonly to: number;
}

const rows: readonly CalendarRow[] = facts.rows;
const made = new Map<string, BusinessCalendar>();

/** The calendar of that name at a place; the first row that fits counts. */
export function calendarOf(name: CalendarName, place: Place): BusinessCalendar {
  const where: Place = { country: place.country, region: regionOf(place) };
  const key = `${name}/${where.country}/${where.region ?? ''}`;
  const known = made.get(key);
  if (known) return known;
  const row = rows.find((each) => each.name === name && (each.countries?.includes(where.country) ?? true));
  if (!row) throw new RangeError(`No calendar is called ${name}; add a row to domain/facts/porting-calendars.json.`);
  const { weekdays, from, to } = row;
  const zone = row.zone === 'npac' ? npacZoneOf(where) : zoneOf(where);
  const calendar = new BusinessCalendar({ zone, weekdays, from, to, holidays: where });
  made.set(key, calendar);
  return calendar;
}
