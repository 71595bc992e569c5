import table from './codes.json' with { type: 'json' };
import { TelnyxFailure } from './errors.ts';
import type { MessageStatus } from './message.ts';

interface Code {
  readonly code: string;
  readonly title: string;
  readonly httpStatus: number | null;
  readonly status: MessageStatus;
}

const codes = new Map((table.codes as Code[]).map((row) => [row.code, row]));

/** A code that isn't in the table is passed on as it is, as a delivery failure. */
export function codeOf(code: string): Code {
  return codes.get(code) ?? { code, title: 'Unlisted error', httpStatus: 400, status: 'delivery_failed' };
}

/** The answer to a message that is refused with this code at once. */
export function refusal(code: string, detail: string, headers: Record<string, string> = {}): TelnyxFailure {
  const { title, httpStatus } = codeOf(code);
  return new TelnyxFailure(httpStatus ?? 400, [{ code, title, detail }], headers);
}
