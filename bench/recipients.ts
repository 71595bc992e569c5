import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import type { RecipientCheck } from '../domain/recipient-check.ts';
import type { MessageDocument } from '../store/messages.ts';
import { sendBatch } from './batch.ts';
import type { Recipients, Target } from './target.ts';

/** Lines 2000 to 8999 of the exchange 555: valid, and no real subscriber's. */
const perArea = 7000;
/** All of Washington State, so that one place's rules hold for all recipients. */
const area = '206';
const otherAreas = ['253', '360', '425', '509', '564'];

/** As many recipients as there can be who are known, and as there can be of whom each gets one text. */
export const mostKnown = perArea;
export const mostStrangers = otherAreas.length * perArea;

const numberIn = (areaCode: string | undefined, line: number) => `+1${areaCode}555${2000 + line}`;

/** So many people who get text after text, in turn. */
export function population(size: number): Recipients {
  return (text) => numberIn(area, text % size);
}

/** People whom nobody has asked about: of as many texts in a row as there are strangers no two go to the same. */
export const strangers: Recipients = (text) => {
  const stranger = text % mostStrangers;
  return numberIn(otherAreas[Math.floor(stranger / perArea)], stranger % perArea);
};

const numbersPerQuestion = 1000;
/** Look-ups that are late are kept when they come. */
const pauseMs = 1_000;
const patienceMs = 300_000;

/**
 * Sends to all of a population until the portability database has been asked about each of them.
 * @throws Error when that takes too long
 */
export async function makeKnown(target: Target, size: number): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  let unknown = Array.from({ length: size }, (_, line) => numberIn(area, line));
  while (unknown.length > 0) {
    if (performance.now() > giveUpAt)
      throw new Error(`${unknown.length} of ${size} recipients could not be looked up.`);
    const asked = unknown;
    let next = 0;
    await sendBatch(target, () => asked[next++] as string, asked.length);
    await sleep(pauseMs);
    unknown = await unasked(target, asked);
  }
}

async function unasked({ store }: Target, numbers: readonly string[]): Promise<string[]> {
  const left: string[] = [];
  for (let first = 0; first < numbers.length; first += numbersPerQuestion) {
    const portion = numbers.slice(first, first + numbersPerQuestion);
    const records = await store.numbers.findMany(portion.map(store.vault.numberKey));
    left.push(...portion.filter((number) => !records.get(store.vault.numberKey(number))?.askedAt));
  }
  return left;
}

/** How many of the texts that were accepted in between had a recipient who was known so well. */
export async function checksBetween(
  { uri, database }: { readonly uri: string; readonly database: string },
  from: Date,
  to: Date,
): Promise<ReadonlyMap<RecipientCheck | null, number>> {
  const client = await MongoClient.connect(uri);
  try {
    const counts = await client
      .db(database)
      .collection<MessageDocument>('messages')
      .aggregate<{ _id: RecipientCheck | null; count: number }>([
        { $match: { acceptedAt: { $gte: from, $lte: to } } },
        { $group: { _id: '$recipient.check', count: { $sum: 1 } } },
      ])
      .toArray();
    return new Map(counts.map(({ _id, count }) => [_id, count]));
  } finally {
    await client.close();
  }
}
