import type { Place } from '../calendar/place.ts';
import { type HoursSource, OpenTimes } from './open-times.ts';
import type { RecipientPlaces } from './recipient-places.ts';
import {
  type ConsentLevel,
  type ContentRule,
  contentRules,
  type JurisdictionRow,
  type RegistrationRule,
} from './row.ts';

/** From the weakest to the strongest. */
export const consentLevels: readonly ConsentLevel[] = ['implied', 'express', 'express-written'];

export interface Cap {
  readonly texts: number;
  readonly hours: number;
}

/** What the law of all places of a recipient together asks: of each rule the strictest. */
export interface Terms {
  /** Codes of the rows that apply. */
  readonly rows: readonly string[];
  /** A place that has no row, not even of its country: what its law asks is not known. */
  readonly unknownPlace: string | undefined;
  readonly consent: ConsentLevel;
  /** An implied consent permits nothing any more after so many months. */
  readonly impliedMonths: number | undefined;
  readonly cap: Cap | undefined;
  /** The day of each month on which the register of reassigned numbers gets its data; undefined: there is none. */
  readonly reassignedUpdatedOnDay: number | undefined;
  readonly content: readonly ContentRule[];
  readonly senderPrefixes: readonly string[];
  readonly registration: readonly RegistrationRule[];
  /** The hours that bind towards somebody whose consent is of this kind. */
  hours(consent: ConsentLevel): OpenTimes;
}

/** Joins the rows of all places of a recipient. @param rows per place, of its country and of itself */
export function joinTerms(where: RecipientPlaces, rows: readonly JurisdictionRow[], unknownPlace?: string): Terms {
  const levels = rows.map(({ consent }) => consentLevels.indexOf(consent?.marketing ?? 'implied'));
  const months = rows.flatMap(({ consent }) => consent?.impliedMonths ?? []);
  const caps = rows.flatMap(({ cap }) => cap ?? []);
  const open = new Map<ConsentLevel, OpenTimes>();
  return {
    rows: rows.map(({ code }) => code),
    unknownPlace,
    consent: consentLevels[Math.max(0, ...levels)] ?? 'express-written',
    impliedMonths: months.length > 0 ? Math.min(...months) : undefined,
    cap:
      caps.length > 0
        ? { texts: Math.min(...caps.map(({ texts }) => texts)), hours: Math.max(...caps.map(({ hours }) => hours)) }
        : undefined,
    reassignedUpdatedOnDay: rows.find(({ reassignedNumbers }) => reassignedNumbers)?.reassignedNumbers?.updatedOnDay,
    content: contentRules.filter((rule) => rows.some(({ content }) => content.includes(rule))),
    senderPrefixes: [...new Set(rows.flatMap(({ senderPrefix }) => senderPrefix ?? []))],
    registration: rows.flatMap(({ registration }) => registration),
    hours(consent) {
      const known = open.get(consent);
      if (known) return known;
      const binding = rows.filter(({ hours }) => !hours.exemptWith.includes(consent));
      const times = new OpenTimes(binding.flatMap((row) => sourcesOf(row, where.zones)));
      open.set(consent, times);
      return times;
    },
  };
}

/** The hours of a row bind by the clocks of every zone in which the recipient may be. */
function sourcesOf({ code, hours }: JurisdictionRow, zones: readonly string[]): HoursSource[] {
  const [country = code, region] = code.split('-');
  const holidays: Place = { country, ...(region !== undefined && { region }) };
  return [...zones, ...hours.alsoZones].map((zone) => ({ hours, zone, holidays }));
}
