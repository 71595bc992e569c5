import { Readable } from 'node:stream';
import { nextText, type Recipients, type Target, untilAllEnded } from './target.ts';

/** What a bulk of texts took. */
export interface BatchTiming {
  /** From the first byte to the 202, in seconds: everything is stored. */
  readonly uploadSeconds: number;
  /** From the first byte to the last receipt stored. */
  readonly seconds: number;
}

/** Something came to a standstill: better a clear end than an endless measurement. */
const patienceMs = 600_000;
const lookEveryMs = 250;
const linesPerChunk = 1000;

/** POST /v1/message-batches with so many lines, made while they are sent. @returns once every text has ended */
export async function sendBatch(target: Target, recipients: Recipients, texts: number): Promise<BatchTiming> {
  const begun = performance.now();
  const response = await fetch(`${target.url}/v1/message-batches`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${target.apiKey}`,
      'Content-Type': 'application/x-ndjson',
      'Idempotency-Key': `bench-${Date.now()}`,
    },
    body: Readable.toWeb(Readable.from(linesOf(target.from, recipients, texts))) as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  const answer = await response.text();
  if (response.status !== 202) throw new Error(`POST /v1/message-batches answered ${response.status}: ${answer}`);
  const { accepted } = JSON.parse(answer) as { accepted: number };
  if (accepted !== texts) throw new Error(`Of ${texts} lines only ${accepted} were accepted: ${answer}`);
  const uploadSeconds = (performance.now() - begun) / 1000;
  await untilAllEnded(target.store, patienceMs, lookEveryMs);
  return { uploadSeconds, seconds: (performance.now() - begun) / 1000 };
}

function* linesOf(from: string, recipients: Recipients, texts: number): Generator<string> {
  for (let first = 0; first < texts; first += linesPerChunk) {
    const count = Math.min(linesPerChunk, texts - first);
    const lines = Array.from({ length: count }, () => nextText(from, recipients));
    yield `${lines.join('\n')}\n`;
  }
}
