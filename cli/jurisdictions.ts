import { DateTime } from 'luxon';
import { type JurisdictionRules, jurisdictions } from '../domain/jurisdictions/rules.ts';

const usage =
  'portsms jurisdictions review [DAY]: DAY is like 2027-06-30, today unless told; lists the rules of places whose source is to be read again by then';

/**
 * `portsms jurisdictions review [DAY]`.
 * @returns the exit code: 1 when something is due, so that a schedule can tell; 2 when it was called wrongly
 */
export async function run(args: string[]): Promise<number> {
  const [action, day = DateTime.utc().toISODate(), ...more] = args;
  if (action !== 'review' || more.length > 0 || !DateTime.fromISO(day).isValid) {
    console.error(usage);
    return 2;
  }
  return review(jurisdictions, day, console.log);
}

/** @param tell takes a line for each rule that is due, and one for the result */
export function review(rules: JurisdictionRules, day: string, tell: (line: string) => void): number {
  const due = rules.dueBy(day);
  for (const { row, dueOn } of due) {
    const known = row.confidence === 'K' ? ', never read at its source' : '';
    tell(`${row.code.padEnd(6)} due ${dueOn}  verified ${row.verifiedAt}${known}  ${row.name}: ${row.source}`);
  }
  tell(
    `${due.length} of ${rules.rows.length} places are due for review by ${day} (version ${rules.version} of the rules).`,
  );
  return due.length > 0 ? 1 : 0;
}
