import Holidays from 'date-holidays';
import places from '../facts/porting-places.json' with { type: 'json' };

/** Where a calendar is looked up: of a port, by its service address. */
export interface Place {
  /** ISO 3166 alpha-2. */
  readonly country: string;
  /** State, province, nation or land: the code of ISO 3166-2 without the country, or its name; unknown ones count as none. */
  readonly region?: string;
}

interface PlaceRow {
  readonly country: string;
  readonly region?: string;
}

const atlas = new Holidays();

/** The code of the region, if the country has such a one: `CA`, `US-CA` and `california` are all `CA`. */
export function regionOf({ country, region }: Place): string | undefined {
  if (region === undefined) return undefined;
  const regions: Record<string, string> = atlas.getStates(country) ?? {};
  const asked = plain(region.replace(new RegExp(`^${country}-`, 'i'), ''));
  return Object.keys(regions).find((code) => plain(code) === asked || plain(regions[code] ?? '') === asked);
}

/** The regions of a country whose holidays or zones differ, by code; empty where none do. */
export function regionsOf(country: string): readonly string[] {
  return Object.keys(atlas.getStates(country) ?? {});
}

/**
 * The zone of a place. Of a region with several zones the one that most of it keeps; without a region, that of most of the country's
 * people; UTC for what is no country, like +800.
 */
export function zoneOf(place: Place): string {
  const region = regionOf(place);
  const ours = places.zones.find((row: PlaceRow) => row.country === place.country && row.region === region);
  if (ours) return ours.zone;
  const [first] = (region ? new Holidays(place.country, region) : new Holidays(place.country)).getTimezones() ?? [];
  return first ?? 'UTC';
}

/** «Local time» of a simple port: the predominant zone of the NPAC region in which the number is (47 CFR 52.35(e)(1)). */
export function npacZoneOf(place: Place): string {
  const region = regionOf(place);
  const row = places.npac.find((each) => each.country === place.country && each.regions.includes(region ?? ''));
  return row?.zone ?? zoneOf(place);
}

/** Whose public holidays count: those of the region, else of the country, else of the region that stands for it. */
export function holidayPlaceOf(place: Place): Place {
  const region = regionOf(place);
  if (region) return { country: place.country, region };
  const standIn = places.holidays.find((row) => row.country === place.country);
  return standIn ? { country: standIn.country, region: standIn.region } : { country: place.country };
}

function plain(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').trim().toLowerCase();
}
