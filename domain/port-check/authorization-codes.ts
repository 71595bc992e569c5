import { regionOf } from '../calendar/place.ts';
import facts from '../facts/authorization-codes.json' with { type: 'json' };
import type { PortFacts, PredictedRejection } from '../port-check.ts';

interface CodeRow {
  readonly code: string;
  readonly countries: readonly string[];
  readonly types: readonly string[];
  /** Of the service address; absent: all others. */
  readonly regions?: readonly string[];
  readonly pattern: string;
  readonly form: string;
  /** From its issue on. */
  readonly validDays?: number;
  readonly fix: string;
}

// That the rows have this form is proven by test/domain/port-check.test.ts.
const rows: readonly CodeRow[] = facts.rows;
const dayMs = 24 * 3600_000;

/** Whether the codes by which subscribers release their numbers (PAC, UPC, RIO) have the right form and are still good. */
export function codePredictions({ numbers, request, requestedFocAt, now, ...port }: PortFacts): PredictedRejection[] {
  const { issuedAt, ...codes } = request?.authorizationCodes ?? {};
  if (port.messagingPlan === 'messaging-only') return [];
  const { country = '', region } = request?.subscriber.serviceAddress ?? {};
  const problems: PredictedRejection[] = [];
  for (const [name, value] of Object.entries(codes)) {
    const fits = (row: CodeRow, number: { country: string; type: string }) =>
      row.code === name && row.countries.includes(number.country) && row.types.includes(number.type);
    const row = rows.find(
      (each) =>
        numbers.some((number) => number.valid && fits(each, number)) &&
        (each.regions?.includes(regionOf({ country, region }) ?? '') ?? true),
    );
    if (!row || value === undefined) continue;
    const { form, fix, validDays } = row;
    const field = `authorizationCodes.${name}`;
    const positions = numbers.flatMap((number, position) => (number.valid && fits(row, number) ? [position] : []));
    const problem = (code: string, message: string, certain: boolean) =>
      problems.push({ code, field, message, fix, certain, positions });
    if (!new RegExp(row.pattern).test(value.toUpperCase().replace(/[\s-]/g, ''))) {
      problem('authorization-code-malformed', `This code has another form: ${form}.`, true);
    }
    if (issuedAt === undefined || validDays === undefined) continue;
    const expires = new Date(Date.parse(issuedAt) + validDays * dayMs);
    const until = `it was good until ${expires.toISOString()}`;
    if (expires <= now) {
      problem('authorization-code-expired', `The code is older than ${validDays} days: ${until}.`, true);
    } else if (requestedFocAt && expires < requestedFocAt) {
      problem(
        'authorization-code-expired',
        `The code will not be good any more at the requested date: ${until}.`,
        false,
      );
    }
  }
  return problems;
}
