import { regionOf } from '../calendar/place.ts';
import facts from '../facts/authorization-codes.json' with { type: 'json' };
import type { NumberFacts, PortFacts, PredictedRejection } from '../port-check.ts';

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
  /** None is given out for so long after the SIM was changed. */
  readonly simRestDays?: number;
  readonly fix: string;
}

// That the rows have this form is proven by test/domain/port-check.test.ts.
const rows: readonly CodeRow[] = facts.rows;
const dayMs = 24 * 3600_000;

/** Whether the codes by which subscribers release their numbers (PAC, UPC, RIO) can be had, have the right form and are still good. */
export function codePredictions(port: PortFacts): PredictedRejection[] {
  if (port.messagingPlan === 'messaging-only') return [];
  const { issuedAt, ...codes } = port.request?.authorizationCodes ?? {};
  const given = Object.entries(codes).flatMap(([name, value]) => {
    const row = rowOf(name, port);
    return row && value !== undefined ? ofCode(row, value, issuedAt, port) : [];
  });
  return [...freshSims(port), ...given];
}

function ofCode(row: CodeRow, value: string, issuedAt: string | undefined, port: PortFacts): PredictedRejection[] {
  const { form, fix, validDays } = row;
  const field = `authorizationCodes.${row.code}`;
  const positions = port.numbers.flatMap((number, position) => (concerns(row, number) ? [position] : []));
  const problem = (code: string, message: string, certain: boolean) => ({
    code,
    field,
    message,
    fix,
    certain,
    positions,
  });
  const problems: PredictedRejection[] = [];
  if (!new RegExp(row.pattern).test(value.toUpperCase().replace(/[\s-]/g, ''))) {
    problems.push(problem('authorization-code-malformed', `This code has another form: ${form}.`, true));
  }
  if (issuedAt === undefined || validDays === undefined) return problems;
  const expires = new Date(Date.parse(issuedAt) + validDays * dayMs);
  const until = expires.toISOString();
  if (expires <= port.now) {
    const message = `The code is older than ${validDays} days; it was good until ${until}.`;
    problems.push(problem('authorization-code-expired', message, true));
  } else if (port.requestedFocAt && expires < port.requestedFocAt) {
    const message = `The code is good until ${until} only, before the requested date.`;
    problems.push(problem('authorization-code-expired', message, false));
  }
  return problems;
}

/** Numbers whose SIM was changed so lately that no code is given out for them. */
function freshSims({ numbers, now }: PortFacts): PredictedRejection[] {
  const restDays = (number: NumberFacts) => rows.find((row) => concerns(row, number))?.simRestDays ?? 0;
  const positions = numbers.flatMap((number, position) => {
    const { simChangedAt } = number;
    return simChangedAt && now.getTime() < simChangedAt.getTime() + restDays(number) * dayMs ? [position] : [];
  });
  if (positions.length === 0) return [];
  const message = 'The SIM was changed so lately that the number is not released yet.';
  const fix = 'Wait until a week after the change of the SIM, then ask for a new code.';
  return [{ code: 'sim-changed-lately', field: 'phoneNumbers', message, fix, certain: true, positions }];
}

function concerns(row: CodeRow, { valid, country, type }: NumberFacts): boolean {
  return valid && row.countries.includes(country) && row.types.includes(type);
}

/** The row of a code for these numbers, at the service address. */
function rowOf(name: string, { numbers, request }: PortFacts): CodeRow | undefined {
  const region = request && regionOf(request.subscriber.serviceAddress);
  return rows.find(
    (row) =>
      row.code === name &&
      numbers.some((number) => concerns(row, number)) &&
      (row.regions?.includes(region ?? '') ?? true),
  );
}
