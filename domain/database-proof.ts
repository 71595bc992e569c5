import facts from './facts/database-proof.json' with { type: 'json' };
import type { PhoneNumberType } from './phone-number.ts';

/** What a row leaves out is every one. */
const rows: readonly { readonly country?: string; readonly type?: string }[] = facts.rows;

/**
 * Whether a look-up that names the gaining carrier proves that a number has moved. Not where calls don't follow the database: there a
 * cutover goes by what the carrier says of voice, and by texts that arrive.
 * @param country ISO 3166 alpha-2
 */
export function databaseProves(country: string | undefined, type: PhoneNumberType | string | undefined): boolean {
  return !rows.some(
    (row) => (row.country === undefined || row.country === country) && (row.type === undefined || row.type === type),
  );
}
