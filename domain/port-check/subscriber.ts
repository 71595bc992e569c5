import { regionOf, regionsOf } from '../calendar/place.ts';
import doubts from '../facts/port-request-doubts.json' with { type: 'json' };
import postalCodes from '../facts/postal-codes.json' with { type: 'json' };
import type { PortFacts, PredictedRejection } from '../port-check.ts';
import type { PortRequest } from '../port-request.ts';

interface PostalRow {
  readonly country: string;
  readonly pattern: string;
  readonly form: string;
  /** Which regions a code can be of, by its first character. */
  readonly regionsByStart?: Readonly<Record<string, readonly string[] | undefined>>;
}

interface DoubtRow {
  readonly code: string;
  readonly field: string;
  readonly countries?: readonly string[];
  readonly types?: readonly string[];
  /** Of a value that is doubtful. */
  readonly pattern: string;
  readonly message: string;
  readonly fix: string;
}

// That the rows have these forms is proven by test/domain/port-check.test.ts.
const postalRows: readonly PostalRow[] = postalCodes.rows;
const doubtRows: readonly DoubtRow[] = doubts.rows;

const address = 'subscriber.serviceAddress';
const copy = 'Copy the service address from the bill or the record (CSR) of the losing carrier.';

/** What of the subscriber's data is probably not what the losing carrier has on record. Likely only: its records decide. */
export function subscriberPredictions(port: PortFacts): PredictedRejection[] {
  if (!port.request || port.messagingPlan === 'messaging-only') return [];
  return [...doubtsOf(port, port.request), ...addressDoubts(port, port.request)];
}

function doubtsOf({ numbers }: PortFacts, request: PortRequest): PredictedRejection[] {
  const concerns = ({ countries, types }: DoubtRow) =>
    numbers.some(({ country, type }) => (countries?.includes(country) ?? true) && (types?.includes(type) ?? true));
  return doubtRows.flatMap((row) => {
    const { code, field, pattern, message, fix } = row;
    const value = valueAt(request, field);
    const doubtful = value !== undefined && concerns(row) && new RegExp(pattern, 'iu').test(value.trim());
    return doubtful ? [{ code, field, message, fix, certain: false }] : [];
  });
}

function addressDoubts({ numbers }: PortFacts, { subscriber }: PortRequest): PredictedRejection[] {
  const { country, region, postalCode } = subscriber.serviceAddress;
  const problems: PredictedRejection[] = [];
  const doubt = (code: string, field: string, message: string, fix = copy) =>
    problems.push({ code, field: `${address}.${field}`, message, fix, certain: false });
  const bound = numbers.filter((each) => each.valid && each.type !== 'toll-free' && each.country !== '001');
  if (bound.length > 0 && bound.every((number) => number.country !== country)) {
    doubt('address-abroad', 'country', 'The service address is in another country than the numbers.');
  }
  const known = regionOf({ country, region });
  if (region !== undefined && known === undefined && ['US', 'CA'].includes(country)) {
    const fix = `Write one of ${regionsOf(country).join(', ')}.`;
    doubt('region-unknown', 'region', 'The country of the service address has no such state or province.', fix);
  }
  const row = postalRows.find((each) => each.country === country);
  const code = postalCode.trim().toUpperCase();
  if (!row) return problems;
  if (!new RegExp(row.pattern).test(code)) {
    doubt('postal-code-malformed', 'postalCode', `Postal codes of this country have another form: ${row.form}.`);
    return problems;
  }
  const regions = row.regionsByStart?.[code.charAt(0)];
  if (known !== undefined && regions !== undefined && !regions.includes(known)) {
    doubt('postal-code-elsewhere', 'postalCode', 'The postal code is not in the state or province of the address.');
  }
  return problems;
}

function valueAt(request: PortRequest, path: string): string | undefined {
  let value: unknown = request;
  for (const name of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : undefined;
}
