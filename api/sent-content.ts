import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { Problem } from './problem.ts';

/** The bytes of a body that is no JSON. */
export interface SentContent {
  /** Empty when there was more than may be. */
  readonly bytes: Buffer;
  /** SHA-256, hex, of what was read of it. */
  readonly sha256: string;
  readonly tooLarge: boolean;
  /** What its sender says that it is, without parameters. */
  readonly declaredType: string | undefined;
}

/** After the answer so much of a body that is too large is still read, for senders that look for an answer only when all is sent. */
const patienceBytes = 16 * 1024 * 1024;
/** Who has not ended by then is cut off. */
const patienceMs = 2000;

/**
 * Reads a body while it comes, and no more of it into memory than may be.
 * @param limit in bytes
 * @throws Problem `invalid-request` when the connection ends before the body does
 */
export function readContent(req: Request, limit: number): Promise<SentContent> {
  const declaredType = req.get('content-type')?.split(';')[0]?.trim().toLowerCase() || undefined;
  const hash = createHash('sha256');
  const chunks: Buffer[] = [];
  let read = 0;
  let tooLarge = Number(req.headers['content-length'] ?? 0) > limit;
  return new Promise((resolve, reject) => {
    const end = () =>
      resolve({
        bytes: tooLarge ? Buffer.alloc(0) : Buffer.concat(chunks),
        sha256: hash.copy().digest('hex'),
        tooLarge,
        declaredType,
      });
    const refuse = () => {
      readRestAfterAnswer(req);
      end();
    };
    req.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (!tooLarge && read <= limit) {
        hash.update(chunk);
        chunks.push(chunk);
        return;
      }
      tooLarge = true;
      chunks.length = 0;
      refuse();
    });
    req.once('end', end);
    req.once('close', () => reject(new Problem('invalid-request', 'The body ended early; send it again.')));
    if (tooLarge) refuse();
  });
}

/** Reads no more until the answer has gone. A connection that is closed with something unread is reset, and its sender may never see the answer. */
function readRestAfterAnswer(req: Request): void {
  req.removeAllListeners('data').pause();
  req.res?.once('finish', () => {
    if (req.complete) {
      req.resume();
      return;
    }
    let rest = 0;
    req.on('data', (chunk: Buffer) => {
      rest += chunk.length;
      if (rest > patienceBytes) req.pause();
    });
    req.resume();
    const timer = setTimeout(() => req.destroy(), patienceMs);
    req.once('close', () => clearTimeout(timer));
  });
}
