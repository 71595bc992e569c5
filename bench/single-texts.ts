import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { nextText, type Recipients, type Target, untilAllEnded } from './target.ts';
import { atATime, type Timing, timingFrom } from './timing.ts';

/** Something came to a standstill: better a clear end than an endless measurement. */
const patienceMs = 180_000;
const lookEveryMs = 50;

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
async function send({ url, apiKey, from }: Target, recipients: Recipients): Promise<{ id: string; ms: number }> {
  const begun = performance.now();
  const answer = await post(`${url}/v1/messages`, apiKey, nextText(from, recipients));
  if (answer.status !== 202) throw new Error(`POST /v1/messages answered ${answer.status}: ${answer.body}`);
  const { id } = JSON.parse(answer.body) as { id: string };
  return { id, ms: performance.now() - begun };
}

/**
 * Texts one after the other, each begun when the workflow of the one before has ended.
 * @param ended waits for the end of a workflow: to ask the store for the text all the time would slow the text down
 * @returns the milliseconds from the request to the stored receipt of each
 */
export async function sendLone(
  target: Target,
  recipients: Recipients,
  ended: (workflowId: string) => Promise<void>,
  count: number,
): Promise<readonly number[]> {
  const each: number[] = [];
  while (each.length < count) {
    const startedAt = Date.now();
    const { id } = await send(target, recipients);
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
export async function sendMany(
  target: Target,
  recipients: Recipients,
  count: number,
  clients: number,
): Promise<Timing> {
  const begun = performance.now();
  const answers = await atATime(count, clients, () => send(target, recipients));
  await untilAllEnded(target.store, patienceMs, lookEveryMs);
  return timingFrom(
    answers.map((answer) => answer.ms),
    (performance.now() - begun) / 1000,
  );
}
