import type { Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { counted } from '../domain/counted.ts';
import { Problem } from './problem.ts';

const lineFeed = 0x0a;

/** The bytes of a body as they come in, hashed on their way. @throws Problem `body-too-large` after so many */
export async function* bytesOf(source: Readable, hash: Hash, limit: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) {
      throw new Problem('body-too-large', `Send a file of at most ${limit} bytes, or several files.`);
    }
    hash.update(chunk);
    yield chunk;
  }
}

/**
 * The lines of a body as it comes in; undefined for one that is not UTF-8. No other byte of UTF-8 is a line feed, so lines are told apart
 * before they are decoded. At most one line is in memory.
 * @param limits.longestLine bytes; a longer line is cut off
 * @throws Problem `body-too-large`
 */
export async function* linesOf(
  source: Readable,
  hash: Hash,
  limits: { readonly longestLine: number; readonly bytes: number },
): AsyncGenerator<string | undefined> {
  const { longestLine } = limits;
  let rest = Buffer.alloc(0);
  for await (const chunk of bytesOf(source, hash, limits.bytes)) {
    let unread = Buffer.concat([rest, chunk]);
    for (let end = unread.indexOf(lineFeed); end >= 0; end = unread.indexOf(lineFeed)) {
      yield decoded(unread.subarray(0, end), longestLine);
      unread = unread.subarray(end + 1);
    }
    rest = unread.subarray(0, longestLine);
  }
  yield decoded(rest, longestLine);
}

function decoded(line: Buffer, longestLine: number): string | undefined {
  try {
    // Where it is cut off, a character may be cut in two: what a stream has not ended with is no error.
    const stream = line.length >= longestLine;
    return new TextDecoder('utf-8', { fatal: true }).decode(line.subarray(0, longestLine), { stream });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Of a line of CSV that has another number of cells than its heading. */
export const wrongCells = (cells: readonly string[], heading: readonly unknown[]): string =>
  `The line has ${counted(cells.length, 'cell')}, the heading has ${heading.length}.`;
