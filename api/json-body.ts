import express, { type Request, type RequestHandler } from 'express';
import { malformedJson } from './problem.ts';

/** Bodies up to this size come in a few pieces, and are read here. */
const smallBytes = 64 * 1024;
const plainJson = /^application\/json(; ?charset=utf-8)?$/i;
const decoder = new TextDecoder();

/**
 * Reads a JSON body into `req.body`. Small ones as nearly all callers send them, in UTF-8 and of a length that is told beforehand, at less than
 * what Express's own reader costs, which takes all others: compressed ones, other encodings, larger ones.
 * @param limitBytes how large a body may be
 */
export function readJson(limitBytes: number): RequestHandler {
  const readAny = express.json({ limit: limitBytes });
  const most = Math.min(smallBytes, limitBytes);
  return (req, res, next) => {
    if (!isSmallAndPlain(req, most)) {
      readAny(req, res, next);
      return;
    }
    const pieces: Buffer[] = [];
    req.on('data', (piece: Buffer) => pieces.push(piece));
    // It ends only when as much has come as was told; who goes away before gets no answer.
    req.once('end', () => {
      const [first, ...others] = pieces;
      const bytes = first && others.length === 0 ? first : Buffer.concat(pieces);
      try {
        req.body = objectIn(decoder.decode(bytes));
      } catch (error) {
        next(error);
        return;
      }
      next();
    });
  };
}

function isSmallAndPlain({ headers }: Request, most: number): boolean {
  const length = Number(headers['content-length'] ?? 0);
  return (
    length > 0 &&
    length <= most &&
    plainJson.test(headers['content-type'] ?? '') &&
    headers['content-encoding'] === undefined &&
    headers['transfer-encoding'] === undefined
  );
}

/** As Express reads JSON: only what has fields or entries counts. @throws Problem `malformed-json` */
function objectIn(json: string): object {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw malformedJson();
  }
  if (typeof value !== 'object' || value === null) throw malformedJson();
  return value;
}
