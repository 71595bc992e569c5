import facts from '../facts/number-places.json' with { type: 'json' };
import { parsePhoneNumber } from '../phone-number.ts';

/** Everywhere that a recipient may be, as far as the number and what was declared tell. */
export interface RecipientPlaces {
  /** Codes of ISO 3166-2 where the area code tells the state, else of ISO 3166-1: `US-WA`, `FR`; `001` for numbers of no country. */
  readonly places: readonly string[];
  /** Every IANA zone by whose clocks it may live; none where the table has none. */
  readonly zones: readonly string[];
}

interface AreaRow {
  readonly region: string;
  readonly zones: readonly string[];
  readonly codes: readonly string[];
}

const countryZones: Readonly<Record<string, readonly string[] | undefined>> = facts.countries;
const areaRows: readonly AreaRow[] = [...facts.northAmerica, ...facts.brazil];
const northAmerica = byCode(facts.northAmerica);
const brazil = byCode(facts.brazil);

/**
 * Where the owner of a number may be. Every place counts: people keep a number when they move, and tell where they live.
 * @param e164 a valid number
 * @param declared codes of ISO 3166 that the caller or a record of consent names, like `US-TX`
 */
export function placesOf(e164: string, declared: readonly string[] = []): RecipientPlaces {
  const byNumber = placesOfNumber(e164);
  const others = declared.filter((place) => !isAmong(place, byNumber.places));
  if (others.length === 0) return byNumber;
  return {
    places: [...new Set([...byNumber.places, ...others])],
    zones: [...new Set([...byNumber.zones, ...others.flatMap(zonesOf)])].sort(),
  };
}

/** Whether a place says nothing that these don't: it is one of them, or the country of one. */
export function isAmong(place: string, places: readonly string[]): boolean {
  return places.some((known) => known === place || known.startsWith(`${place}-`));
}

function placesOfNumber(e164: string): RecipientPlaces {
  // Not parsed where the area code tells: that takes microseconds instead of tens of them.
  const row = e164.startsWith('+1') ? northAmerica.get(e164.slice(2, 5)) : undefined;
  const known = row ?? (e164.startsWith('+55') ? brazil.get(e164.slice(3, 5)) : undefined);
  if (known) return known;
  const parsed = parsePhoneNumber(e164);
  const country = parsed.ok ? parsed.country : '001';
  return { places: [country], zones: zonesOf(country) };
}

/** Of a state every zone of its area codes, of anything else those of its country. */
function zonesOf(place: string): readonly string[] {
  const ofRegion = areaRows.filter(({ region }) => region === place).flatMap(({ zones }) => zones);
  return ofRegion.length > 0 ? ofRegion : (countryZones[place.slice(0, 2)] ?? []);
}

function byCode(rows: readonly AreaRow[]): ReadonlyMap<string, RecipientPlaces> {
  return new Map(
    rows.flatMap(({ region, zones, codes }) => codes.map((code) => [code, { places: [region], zones }] as const)),
  );
}
