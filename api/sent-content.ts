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

/** So much of a body that is too large is still read, so that its sender gets to see the answer; then it is cut off. */
const patienceBytes = 16 * 1024 * 1024;

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
    req.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (!tooLarge && read <= limit) {
        hash.update(chunk);
        chunks.push(chunk);
        return;
      }
      tooLarge = true;
      chunks.length = 0;
      end();
      if (read > limit + patienceBytes) req.destroy();
    });
    req.once('end', end);
    req.once('close', () => reject(new Problem('invalid-request', 'The body ended early; send it again.')));
    if (tooLarge) end();
  });
}
