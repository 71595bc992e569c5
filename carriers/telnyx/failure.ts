import { APIConnectionError, APIError } from 'telnyx';
import { CarrierRefused, CarrierUnavailable } from '../errors.ts';
import neverSent from './never-sent.json' with { type: 'json' };

/** Why a request to the carrier failed. */
export type Failure =
  /** Nothing of the request was written: no connection was made. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** The carrier may have read the request: no answer, or one that says that something broke. */
  | { readonly kind: 'uncertain'; readonly reason: string }
  | { readonly kind: 'refused'; readonly code: string; readonly title?: string; readonly retryAfterMs?: number };

const tooManyRequests = 429;
const requestTimeout = 408;

/** Reads what the official client threw. */
export function readFailure(error: unknown): Failure {
  if (error instanceof APIConnectionError) {
    const codes = codesOf(error);
    const unreachable = codes.find((code) => neverSent.codes.includes(code));
    if (unreachable) return { kind: 'unreachable', reason: `no connection to the carrier (${unreachable})` };
    return { kind: 'uncertain', reason: `no answer from the carrier (${codes[0] ?? error.constructor.name})` };
  }
  if (error instanceof APIError && typeof error.status === 'number') {
    if (error.status >= 500 || error.status === requestTimeout) {
      return { kind: 'uncertain', reason: `the carrier answered HTTP ${error.status}` };
    }
    const { code, title } = firstError(error.error);
    return {
      kind: 'refused',
      code: code ?? `http-${error.status}`,
      ...(title && { title }),
      ...(error.status === tooManyRequests && { retryAfterMs: retryAfterMs(error.headers) }),
    };
  }
  return {
    kind: 'uncertain',
    reason: `the request ended with ${error instanceof Error ? error.constructor.name : typeof error}`,
  };
}

/**
 * For calls other than sending a text, which are safe to repeat.
 * @param doing what was tried, as in "submit the order"
 * @returns CarrierRefused for a no, CarrierUnavailable for everything else; without the carrier's own words, which may name a number
 */
export function asCarrierError(error: unknown, carrier: string, doing: string): CarrierRefused | CarrierUnavailable {
  const failure = readFailure(error);
  if (failure.kind !== 'refused') {
    return new CarrierUnavailable(
      `Carrier ${carrier} could not be asked to ${doing}: ${failure.reason}; try again later.`,
    );
  }
  if (failure.retryAfterMs !== undefined) {
    return new CarrierUnavailable(
      `Carrier ${carrier} gets too many requests to ${doing}; try again in ${failure.retryAfterMs} ms.`,
    );
  }
  return new CarrierRefused(`Carrier ${carrier} refused to ${doing} (code ${failure.code}).`, failure.code);
}

/** Node nests the cause of a failed fetch, and collects the causes when it tried several addresses. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { code, cause } = error as NodeJS.ErrnoException;
  const nested = error instanceof AggregateError ? error.errors : [];
  return [...(typeof code === 'string' ? [code] : []), ...codesOf(cause), ...nested.flatMap(codesOf)];
}

/** `{errors: [{code, title, detail}]}`; the detail repeats what was sent and is not kept. */
function firstError(body: unknown): { code?: string; title?: string } {
  const first = (body as { errors?: unknown[] } | undefined)?.errors?.[0] as
    | { code?: unknown; title?: unknown }
    | undefined;
  return {
    ...(first?.code !== undefined && { code: String(first.code) }),
    ...(typeof first?.title === 'string' && { title: first.title }),
  };
}

/** Seconds or a date (RFC 9110 §10.2.3); a second when the carrier doesn't say. */
function retryAfterMs(headers: Headers | undefined): number {
  const value = headers?.get('retry-after');
  if (!value) return 1_000;
  const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, Math.ceil(ms)) : 1_000;
}
