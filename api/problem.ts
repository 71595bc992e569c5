import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { MongoError, MongoNetworkError, MongoServerSelectionError } from 'mongodb';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { messageOf, wordingOf } from './issue-wording.ts';
import { isProblemCode, type ProblemCode, problemCodes } from './problem-codes.ts';

/** One thing that is wrong with a request. Never holds the offending value: it may be a number or a name. */
export interface FieldError {
  /** Dotted, e.g. `subscriber.serviceAddress.postalCode`, `phoneNumbers.0`. */
  readonly path: string;
  readonly message: string;
  readonly code?: string;
}

/** A request that is turned down: thrown anywhere below a route, answered as RFC 9457 problem+json. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly status: number;
  readonly errors: readonly FieldError[] | undefined;
  /** What happened, without what to do next. */
  readonly reason: string;

  /**
   * @param detail what happened, to what, and what to do next; without personal data.
   * @param options.status where a code stands for another status than usual.
   * @param options.reason the part of `detail` that says what happened, where that is told apart.
   */
  constructor(
    code: ProblemCode,
    detail: string,
    options: {
      readonly status?: number;
      readonly errors?: readonly FieldError[];
      readonly reason?: string;
      readonly cause?: unknown;
    } = {},
  ) {
    super(detail, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? problemCodes[code].status;
    this.errors = options.errors;
    this.reason = options.reason ?? detail;
  }
}

/**
 * What a process does not take now, or would not take.
 * @param what it is the process of, for the message
 */
export function turnedDown(
  { code, message, advice }: { readonly code: ProblemCode; readonly message: string; readonly advice?: string },
  what: string,
): Problem {
  const next = `Read the ${what} to see what it waits for.`;
  return new Problem(code, [message, advice, next].filter(Boolean).join(' '), { reason: message });
}

/**
 * Reads what somebody sent by a zod schema; of what is absent it is said so, whatever it should have been.
 * @throws Problem as `invalidRequest`
 */
export function readBy<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = parsedBy(schema, value);
  if (!parsed.success) throw invalidRequest(parsed.error);
  return parsed.data;
}

/** As `readBy`, for those who do something else with what is wrong. */
export const parsedBy = <T>(schema: z.ZodType<T>, value: unknown) =>
  schema.safeParse(value, { error: wordingOf, reportInput: true });

/**
 * What a zod schema found, as a problem. Its code is the one of the rule that was broken when all findings are of one such
 * rule (`params.code`, e.g. `phone-number-malformed`), else `invalid-request`.
 */
export function invalidRequest(error: z.ZodError): Problem {
  const errors = error.issues.map((issue): FieldError => {
    const code = 'params' in issue ? issue.params?.code : undefined;
    return {
      path: issue.path.map(String).join('.'),
      message: messageOf(issue),
      ...(typeof code === 'string' && { code }),
    };
  });
  const [first] = errors;
  const shared = first?.code && errors.every((each) => each.code === first.code) ? first.code : undefined;
  if (shared && isProblemCode(shared)) return new Problem(shared, first?.message ?? '', { errors });
  return new Problem('invalid-request', 'See `errors` for the fields that are wrong, and send it again.', { errors });
}

/** Answers a request that no route took. */
export const unknownRoute: RequestHandler = () => {
  throw new Problem('not-found', 'Nothing is served under this method and path; see /docs for what is.');
};

/** Turns whatever a route threw into problem+json; what is not the caller's fault is logged. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const problem = asProblem(error);
    if (problem.status >= 500) {
      logger.error({ err: problem.cause ?? error, code: problem.code, requestId: req.id }, 'a request failed');
    }
    if (res.headersSent) {
      next(error);
      return;
    }
    sendProblem(res, problem);
  };
}

function sendProblem(res: Response, problem: Problem): void {
  if (problem.status === 401) res.setHeader('WWW-Authenticate', 'Bearer');
  if (problem.status === 503) res.setHeader('Retry-After', '2');
  res
    .status(problem.status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `urn:portsms:problem:${problem.code}`,
        title: problemCodes[problem.code].title,
        status: problem.status,
        code: problem.code,
        detail: problem.message,
        ...(problem.errors && { errors: problem.errors }),
        requestId: res.req.id,
      }),
    );
}

export function malformedJson(): Problem {
  return new Problem('malformed-json', 'Check quotes, commas and the encoding (UTF-8).');
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // body-parser and the router mark their errors so (http-errors).
  const { type, status } = error as { type?: unknown; status?: unknown };
  if (type === 'entity.too.large') {
    return new Problem('body-too-large', 'Send less at once; the limit is PORTSMS_BODY_LIMIT_BYTES.');
  }
  if (type === 'entity.parse.failed') return malformedJson();
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') {
    return new Problem('unsupported-media-type', 'Send UTF-8, as it is or by gzip, deflate or br.');
  }
  if (error instanceof URIError)
    return new Problem('malformed-url', 'A percent sign in it is not followed by two hex digits.');
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new Problem('invalid-request', 'The request could not be read to its end; send it again.', { status: 400 });
  }
  if (isDatabaseAway(error)) {
    return new Problem('store-unavailable', 'Nothing was acknowledged; repeat it with the same Idempotency-Key.', {
      cause: error,
    });
  }
  return new Problem(
    'internal-error',
    'It has been logged under this requestId; repeat it with the same Idempotency-Key.',
    {
      cause: error,
    },
  );
}

/** The database can't be reached, does not get through its work, or is just choosing a new primary; as opposed to a request that it refuses. */
function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false;
  return (
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNetworkError ||
    // No connection became free in time; the driver does not export its class.
    error.name === 'MongoWaitQueueTimeoutError' ||
    error.hasErrorLabel('RetryableWriteError')
  );
}
