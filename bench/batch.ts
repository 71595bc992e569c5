import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { recipientOf, type Target } from './texts.ts';

/** What a bulk of texts took. */
export interface BatchTiming {
  readonly texts: number;
  /** From the first byte to the 202, in seconds: everything is stored. */
  readonly uploadSeconds: number;
  /** From the first byte to the last receipt stored. */
  readonly seconds: number;
}

/** Something came to a standstill: better a clear end than an endless measurement. */
const patienceMs = 600_000;
const linesPerChunk = 1000;

/** POST /v1/message-batches with so many lines, made while they are sent. @returns once every text is delivered */
export async function sendBatch(target: Target, texts: number): Promise<BatchTiming> {
  const already = await delivered(target);
  const begun = performance.now();
  const response = await fetch(`${target.url}/v1/message-batches`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${target.apiKey}`,
      'Content-Type': 'application/x-ndjson',
      'Idempotency-Key': `bench-${Date.now()}`,
    },
    body: Readable.toWeb(Readable.from(linesOf(target.from, texts))) as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  const answer = await response.text();
  if (response.status !== 202) throw new Error(`POST /v1/message-batches answered ${response.status}: ${answer}`);
  const { accepted } = JSON.parse(answer) as { accepted: number };
  if (accepted !== texts) throw new Error(`Of ${texts} lines only ${accepted} were accepted: ${answer}`);
  const uploadSeconds = (performance.now() - begun) / 1000;
  for (;;) {
    const now = (await delivered(target)) - already;
    if (now >= texts) return { texts, uploadSeconds, seconds: (performance.now() - begun) / 1000 };
    if (performance.now() - begun > patienceMs)
      throw new Error(`Only ${now} of ${texts} texts were delivered in time.`);
    await sleep(1000);
  }
}

async function delivered({ store }: Target): Promise<number> {
  return (await store.messages.countByStatus()).find((row) => row._id === 'delivered')?.count ?? 0;
}

function* linesOf(from: string, texts: number): Generator<string> {
  for (let first = 0; first < texts; first += linesPerChunk) {
    const count = Math.min(linesPerChunk, texts - first);
    const lines = Array.from({ length: count }, (_, index) => {
      const number = first + index;
      return JSON.stringify({
        from,
        to: recipientOf(number),
        text: `Your parcel ${number} arrives today.`,
        kind: 'transactional',
      });
    });
    yield `${lines.join('\n')}\n`;
  }
}
