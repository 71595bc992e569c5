import { parsePhoneNumber } from '../phone-number.ts';
import { networkKey } from './price-book.ts';

/** Where a text goes, as far as routes differ by it. */
export interface Destination {
  /** ISO 3166 alpha-2, or `001` for numbers of no country. */
  readonly country: string;
  /** The network that serves the recipient by its last look-up: `US/310-410` by MCC-MNC, `US/1234` by SPID, `US` while it isn't known. */
  readonly network: string;
  /** MCC and MNC in digits, where the look-up told them. */
  readonly mccMnc?: string;
}

const most = 100_000;
const countries = new Map<string, string>();

/** Country of a number; one look into the numbering plans serves all numbers that begin alike. */
export function countryOf(e164: string): string {
  // By its area code in North America (ITU-T E.164 Annex A: country code 1 is shared), by at most seven digits elsewhere.
  const start = e164.slice(0, e164.startsWith('+1') ? 5 : 8);
  const known = countries.get(start);
  if (known !== undefined) return known;
  const parsed = parsePhoneNumber(e164);
  if (!parsed.ok) return '001';
  if (countries.size >= most) countries.clear();
  countries.set(start, parsed.country);
  return parsed.country;
}

/** @param lookUp what the portability database said last of the recipient */
export function destinationOf(
  country: string,
  lookUp: { readonly spid?: string; readonly mccMnc?: string } | undefined,
): Destination {
  if (lookUp?.mccMnc !== undefined) {
    const { mccMnc } = lookUp;
    return { country, network: `${country}/${networkKey(mccMnc)}`, mccMnc };
  }
  return { country, network: lookUp?.spid === undefined ? country : `${country}/${lookUp.spid}` };
}
