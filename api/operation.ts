import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler, Response, Router } from 'express';
import type { z } from 'zod';
import type { Caller } from './authentication.ts';
import { asCaller } from './current-caller.ts';
import { type Idempotency, readIdempotencyKey } from './idempotency.ts';
import { Problem, readBy } from './problem.ts';
import type { ProblemCode } from './problem-codes.ts';
import { readContent, type SentContent } from './sent-content.ts';

/** What a call is answered with. */
export interface Answer {
  readonly status: number;
  /** JSON unless `contentType` says otherwise. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** numberKey of the person whom it names: it is kept, for repetitions of the request, under that person's key. */
  readonly about?: string;
  /** With it `body` is a string or a Buffer, sent as it is, or made piece by piece while it is sent (an `AsyncIterable` of them). */
  readonly contentType?: string;
}

/** A call, checked. */
export interface Call<Body, Query, Params> {
  readonly body: Body;
  readonly query: Query;
  readonly params: Params;
  readonly caller: Caller;
  readonly idempotencyKey?: string;
  /** The body of an operation that takes bytes. */
  readonly content?: SentContent;
  /** The body as it comes in, for a call that `reads` it so, and which of these types it has. */
  readonly stream: Readable;
  readonly mediaType?: string;
  /** The value of the Accept header that suits best, of those offered; the first when the caller doesn't care. */
  accepts(offered: readonly string[]): string | undefined;
}

/**
 * One call of the API, declared once: the route, the validation and the OpenAPI document all come from it.
 */
export interface Operation<Body = unknown, Query = unknown, Params = unknown> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** An Express template, e.g. `/v1/ports/:id`; the only name by which logs and metrics know the route (invariant 9). */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly body?: z.ZodType<Body>;
  /** The body is no JSON but the bytes of a file: the largest, and the types that it may have. What is larger is for `handle` to refuse. */
  readonly bytes?: { readonly limit: number; readonly types: readonly string[] };
  /** Bodies up to this size are read, whatever less is configured. */
  readonly leastBodyLimitBytes?: number;
  /** The body is of one of these types instead of JSON, and is read by the handler itself, as it comes in. */
  readonly reads?: readonly string[];
  readonly query?: z.ZodType<Query>;
  readonly params?: z.ZodType<Params>;
  readonly answers: Readonly<Record<number, AnswerShape>>;
  /** Problems of its own, besides those that any call can have. */
  readonly problems?: readonly ProblemCode[];
  /** `by-document`: what it stores is its own record of the Idempotency-Key; else the first answer is kept. */
  readonly idempotency?: 'by-document';
  handle(call: Call<Body, Query, Params>): Promise<Answer>;
}

export interface AnswerShape {
  readonly description: string;
  readonly schema: z.ZodType;
  /** Answered as one of these types instead of JSON. */
  readonly bytesAs?: readonly string[];
  /** Also answered as these types. */
  readonly alsoAs?: string | readonly string[];
}

/** Declares an operation; infers what `handle` is given from the schemas. */
export function operation<Body, Query, Params>(declared: Operation<Body, Query, Params>): Operation {
  // The handler is only ever called with what its own schemas gave, so the wider type is safe to use.
  return declared as unknown as Operation;
}

/** Serves an operation: who calls, what they send, and (for POST) whether they have sent it before. */
export function serve(
  router: Router,
  declared: Operation,
  steps: {
    readonly authenticate: RequestHandler;
    readonly readJson: (leastLimitBytes: number | undefined) => RequestHandler;
    readonly idempotency: Idempotency;
  },
): void {
  const { authenticate, readJson, idempotency } = steps;
  const readBody = declared.bytes
    ? untouched
    : declared.reads
      ? mustBeOneOf(declared.reads)
      : readJson(declared.leastBodyLimitBytes);
  router[declared.method](declared.path, authenticate, readBody, async (req, res) => {
    const caller = res.locals.caller;
    if (!caller) throw new Problem('unauthorized', 'No API key was checked for this route.');
    if (declared.body && req.body === undefined && sendsBody(req)) {
      throw new Problem('unsupported-media-type', 'Send the body with the header Content-Type: application/json.');
    }
    const idempotencyKey = declared.method === 'post' ? readIdempotencyKey(req.get('idempotency-key')) : undefined;
    const params = check(declared.params, req.params);
    const query = check(declared.query, req.query);
    const content = declared.bytes && (await readContent(req, declared.bytes.limit));
    const call: Call<unknown, unknown, unknown> = {
      params,
      query,
      ...(content && { content }),
      body: check(declared.body, req.body ?? {}),
      caller,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      stream: req,
      ...(declared.reads && { mediaType: req.is([...declared.reads]) || '' }),
      accepts: (offered) => req.accepts([...offered]) || undefined,
    };
    const handle = () => asCaller(caller, () => declared.handle(call));
    const answer =
      idempotencyKey === undefined || declared.idempotency === 'by-document'
        ? await handle()
        : await idempotency.once(
            { caller, key: idempotencyKey, request: [declared.method, req.originalUrl, content?.sha256 ?? call.body] },
            handle,
          );
    await send(res, answer);
  });
}

/** Answers every other method under the paths of these operations; to be called after all of them are served. */
export function refuseOtherMethods(router: Router, operations: readonly Operation[]): void {
  for (const path of new Set(operations.map((each) => each.path))) {
    const allowed = operations
      .filter((each) => each.path === path)
      .map(({ method }) => method.toUpperCase())
      .join(', ');
    refuseMethodsBut(allowed, router, path);
  }
}

/** @param allowed as in the header Allow (RFC 9110 §10.2.1) */
export function refuseMethodsBut(allowed: string, router: Router, path: string): void {
  router.all(path, (_req, res) => {
    res.set('Allow', allowed);
    throw new Problem('method-not-allowed', `Under this address there is ${allowed}; see /docs.`);
  });
}

const untouched: RequestHandler = (_req, _res, next) => next();

/** Turns down a body of another type before anything of it is read. */
function mustBeOneOf(types: readonly string[]): RequestHandler {
  return (req, _res, next) => {
    if (!req.is([...types]))
      throw new Problem('unsupported-media-type', `Send the body with the header Content-Type: ${types.join(' or ')}.`);
    next();
  };
}

function sendsBody(req: Request): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
}

function check<T>(schema: z.ZodType<T> | undefined, value: unknown): T | undefined {
  return schema && readBy(schema, value);
}

async function send(res: Response, answer: Answer): Promise<void> {
  res.status(answer.status).set('Cache-Control', 'no-store');
  if (answer.headers) res.set(answer.headers);
  if (isPieces(answer.body)) {
    const pieces = Readable.from(answer.body);
    // What breaks on the way closes the connection: the caller sees that it is not the whole.
    await pipeline(pieces, res.type(answer.contentType ?? 'application/octet-stream')).catch((error: unknown) => {
      // A caller who has gone needs no answer.
      if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    });
  } else if (answer.contentType) res.type(answer.contentType).send(answer.body);
  else if (answer.body === undefined) res.end();
  else res.setHeader('Content-Type', 'application/json; charset=utf-8').end(JSON.stringify(answer.body));
}

function isPieces(body: unknown): body is AsyncIterable<string | Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}
