import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../store/store.ts';

/** Where texts are sent, and by whom. */
export interface Target {
  readonly url: string;
  readonly apiKey: string;
  readonly from: string;
  readonly store: Store;
}

/** The recipient of each text, by the number of the text. */
export type Recipients = (text: number) => string;

let texts = 0;

/** A request for one more text: no two have the same words. */
export function nextText(from: string, recipients: Recipients): string {
  const number = texts++;
  return JSON.stringify({
    from,
    to: recipients(number),
    text: `Your parcel ${number} arrives today.`,
    kind: 'transactional',
  });
}

/** How many texts have been requested so far. */
export const requested = () => texts;

/**
 * Waits until every stored text has ended. Some open text is looked for only after the last one that was found has ended: there are
 * servers that read all of them to answer with one.
 * @throws Error when that takes too long
 */
export async function untilAllEnded(store: Store, patienceMs: number, pauseMs: number): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  for (let open = await store.messages.anyOpen(); open !== undefined; open = await store.messages.anyOpen()) {
    while (!(await store.messages.find(open))?.finalAt) {
      if (performance.now() > giveUpAt) {
        throw new Error(`Only ${await delivered(store)} of ${texts} texts were delivered in time.`);
      }
      await sleep(pauseMs);
    }
  }
}

/** Reads every text. @throws Error when one of them was not delivered */
export async function checkDelivered(store: Store): Promise<void> {
  const count = await delivered(store);
  if (count < texts) throw new Error(`Only ${count} of ${texts} texts were delivered.`);
}

async function delivered(store: Store): Promise<number> {
  return (await store.messages.countByStatus()).find((row) => row._id === 'delivered')?.count ?? 0;
}
