import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../store/store.ts';
import { atATime, type Timing, timingFrom } from './timing.ts';

export interface Target {
  readonly url: string;
  readonly apiKey: string;
  readonly from: string;
  readonly store: Store;
}

/** Something came to a standstill: better a clear end than an endless measurement. */
const patienceMs = 180_000;
const lookEveryMs = 50;

let sent = 0;

/** Valid numbers of no real subscriber, 7,000 of them in turn. */
export function recipientOf(number: number): string {
  return `+1206555${String(2000 + (number % 7000)).padStart(4, '0')}`;
}

/** Callers keep their connections. Node's own client instead of `fetch`, which costs as much as the API itself. */
const agent = new Agent({ keepAlive: true });

function post(url: string, apiKey: string, body: string): Promise<{ status: number | undefined; body: string }> {
  const headers = {
    Authorization: `Bearer ${apiKey}`,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST', agent, headers }, (response) => {
      text(response).then((content) => resolve({ status: response.statusCode, body: content }), reject);
    })
      .once('error', reject)
      .end(body);
  });
}

/** POST /v1/messages for one text. @returns its id and the milliseconds until the 202 */
async function send(target: Target): Promise<{ id: string; ms: number }> {
  const begun = performance.now();
  const number = sent++;
  const body = JSON.stringify({
    from: target.from,
    to: recipientOf(number),
    text: `Your parcel ${number} arrives today.`,
    kind: 'transactional',
  });
  const answer = await post(`${target.url}/v1/messages`, target.apiKey, body);
  if (answer.status !== 202) throw new Error(`POST /v1/messages answered ${answer.status}: ${answer.body}`);
  const { id } = JSON.parse(answer.body) as { id: string };
  return { id, ms: performance.now() - begun };
}

/**
 * Waits until every stored text has ended, then counts. Some open text is looked for only after the last one that was found has ended: there
 * are servers that read all of them to answer with one.
 */
export async function untilDelivered(store: Store, wanted: number, patienceMs: number, pauseMs: number): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  for (let open = await store.messages.anyOpen(); open !== undefined; open = await store.messages.anyOpen()) {
    while (!(await store.messages.find(open))?.finalAt) {
      if (performance.now() > giveUpAt)
        throw new Error(`Only ${await delivered(store)} of ${wanted} texts were delivered in time.`);
      await sleep(pauseMs);
    }
  }
  const count = await delivered(store);
  if (count < wanted) throw new Error(`Only ${count} of ${wanted} texts were delivered.`);
}

/** Reads every text. */
export async function delivered(store: Store): Promise<number> {
  return (await store.messages.countByStatus()).find((row) => row._id === 'delivered')?.count ?? 0;
}

/**
 * Texts one after the other, each begun when the workflow of the one before has ended.
 * @param ended waits for the end of a workflow: to ask the store for the text all the time would slow the text down
 * @returns the milliseconds from the request to the stored receipt of each
 */
export async function sendLone(
  target: Target,
  ended: (workflowId: string) => Promise<void>,
  count: number,
): Promise<readonly number[]> {
  const each: number[] = [];
  while (each.length < count) {
    const startedAt = Date.now();
    const { id } = await send(target);
    for (let finalAt: Date | undefined; finalAt === undefined; ) {
      if (Date.now() - startedAt > patienceMs) throw new Error(`Text ${id} is not final.`);
      await sleep(lookEveryMs);
      const { workflowId } = (await target.store.messages.find(id)) ?? {};
      if (workflowId) await ended(workflowId);
      finalAt = (await target.store.messages.find(id))?.finalAt;
      if (finalAt) each.push(finalAt.getTime() - startedAt);
    }
  }
  return each;
}

/** Single requests from many clients. @returns the latency of the 202, and the rate until the last receipt is stored */
export async function sendMany(target: Target, count: number, clients: number): Promise<Timing> {
  const before = await delivered(target.store);
  const begun = performance.now();
  const answers = await atATime(count, clients, () => send(target));
  await untilDelivered(target.store, before + count, patienceMs, lookEveryMs);
  return timingFrom(
    answers.map((answer) => answer.ms),
    (performance.now() - begun) / 1000,
  );
}
