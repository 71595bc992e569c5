import { DateTime } from 'luxon';
import facts from '../facts/jurisdictions.json' with { type: 'json' };
import type { RecipientPlaces } from './recipient-places.ts';
import { type JurisdictionFile, type JurisdictionRow, jurisdictionFile } from './row.ts';
import { joinTerms, type Terms } from './terms.ts';

/** So many combinations of places are kept worked out: all area codes there are, and what is declared beside them. */
const keptTerms = 2000;

/** A row, and by when somebody should look at its source again. */
export interface DueReview {
  readonly row: JurisdictionRow;
  /** A day, like 2027-11-26. */
  readonly dueOn: string;
}

/** The law of all places that the product knows. */
export interface JurisdictionRules {
  readonly version: number;
  readonly rows: readonly JurisdictionRow[];
  /** What the law asks towards somebody who may be there. */
  termsOf(where: RecipientPlaces): Terms;
  /** The rows whose review falls due on or before a day, the longest due first. */
  dueBy(isoDate: string): DueReview[];
}

/**
 * Reads rows of jurisdictions.
 * @param content of domain/facts/jurisdictions.json, or of another file of the same form
 * @param file its name, for the error
 * @throws Error that names the file, each row and what is wrong with it; nothing is sent without rules
 */
export function readJurisdictions(content: unknown, file: string): JurisdictionRules {
  const parsed = jurisdictionFile.safeParse(content);
  if (parsed.success) return createRules(parsed.data);
  const lines = parsed.error.issues.map(({ path, message }) => `${placeOf(content, path)}: ${message}`);
  // In one line, so that whoever starts the processes is shown all of it.
  throw new Error(`${file} is not a valid list of jurisdictions, so nothing is sent: ${lines.join('; ')}`);
}

/** The rows of the product. */
export const jurisdictions: JurisdictionRules = readJurisdictions(facts, 'domain/facts/jurisdictions.json');

function createRules({ version, rows, reviewMonths }: JurisdictionFile): JurisdictionRules {
  const known = new Map<string, Terms>();
  const isKnown = (country: string) => rows.some(({ countries }) => countries?.includes(country));
  return {
    version,
    rows,
    termsOf(where) {
      const key = `${where.places.join()} ${where.zones.join()}`;
      const before = known.get(key);
      if (before) return before;
      const countries = new Set(where.places.map((place) => place.slice(0, 2)));
      const applying = rows.filter(
        (row) => where.places.includes(row.code) || row.countries?.some((country) => countries.has(country)),
      );
      const unknown = where.places.find((place) => !isKnown(place.slice(0, 2)));
      const terms = joinTerms(where, applying, unknown);
      if (known.size >= keptTerms) known.clear();
      known.set(key, terms);
      return terms;
    },
    dueBy: (isoDate) =>
      rows
        .map((row) => ({
          row,
          dueOn: DateTime.fromISO(row.verifiedAt).plus({ months: reviewMonths[row.confidence] }).toISODate() ?? '',
        }))
        .filter(({ dueOn }) => dueOn <= isoDate)
        .sort((a, b) => (a.dueOn < b.dueOn ? -1 : a.dueOn > b.dueOn ? 1 : 0)),
  };
}

/** Names a row by its code where it has one, else by its place in the list. */
function placeOf(content: unknown, path: readonly PropertyKey[]): string {
  const [list, index, ...rest] = path;
  if (list !== 'rows' || typeof index !== 'number') return path.map(String).join('.') || 'the file';
  const rows = (content as { rows?: readonly { code?: unknown }[] }).rows;
  const code = rows?.[index]?.code;
  return [typeof code === 'string' ? code : `row ${index + 1}`, ...rest.map(String)].join('.');
}
