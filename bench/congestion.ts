import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import { call, type OwnStack, withOwnStack } from './own-stack.ts';
import { timingFrom } from './timing.ts';

const from = '+12065550199';
/** Notices go to these, one after the other. Marketing would wait for its hours, and queue nowhere, if this runs at night. */
const subscribers = Array.from({ length: 50 }, (_, index) => `+1206555${4000 + index}`);
/** How many times what the carrier takes is offered. */
const overload = 10;
const codesPerSecond = 2;
/** What is still queued of the codes when the load ends has this long. */
const graceMs = 10_000;
/** The aim: from the acceptance to the submission, 95 of 100 codes. */
const aimMs = 2000;

/**
 * One carrier that takes a tenth of what is offered: notices queue up, and one-time passwords keep their latency. Prints how long either
 * waited from its acceptance until it was claimed, which is right before it is written.
 */
export async function runCongestion(args: string[]): Promise<number> {
  const options = { rate: { type: 'string', default: '10' }, seconds: { type: 'string', default: '40' } } as const;
  const { values } = parseArgs({ args, options });
  const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
  if (!(rate >= 1 && seconds >= 5)) {
    console.error('--rate takes segments per second from 1, --seconds a time from 5.');
    return 2;
  }
  const prepare = (simulator: string) =>
    call('POST', `${simulator}/numbers`, { phoneNumber: from, carrier: 'alpha' }).then(() => undefined);
  const limits = { segmentsPerSecond: rate, window: 32 };
  return withOwnStack({ prepare, limits }, async (stack) => {
    await register(stack);
    const [codes, notices] = await offer(stack, rate * overload, seconds);
    await sleep(graceMs);
    const codesSent = await waitsOf(stack.store, codes);
    const noticesSent = await waitsOf(stack.store, notices);
    const offered = (codes.length + notices.length) / seconds;
    console.log(`${rate} segments per second taken, ${offered.toFixed(0)} offered`);
    report('one-time passwords', codes.length, codesSent);
    report('notices', notices.length, noticesSent);
    // The carrier was full all the time: else this shows nothing.
    const full = noticesSent.length < notices.length / 2 && noticesSent.length > (rate * seconds) / 2;
    return full && p95(codesSent) < aimMs && codesSent.length === codes.length ? 0 : 1;
  });
}

async function register({ url, apiKey }: OwnStack): Promise<void> {
  const headers = { Authorization: `Bearer ${apiKey}` };
  await call('PUT', `${url}/v1/numbers/${encodeURIComponent(from)}`, { carrier: 'alpha' }, headers);
}

/** @returns the ids of the codes and of the notices that were accepted */
async function offer(stack: OwnStack, perSecond: number, seconds: number): Promise<[string[], string[]]> {
  const codes: string[] = [];
  const notices: string[] = [];
  const open: Promise<unknown>[] = [];
  const begun = performance.now();
  const due = (rate: number) => Math.min(rate * seconds, ((performance.now() - begun) / 1000) * rate);
  for (let sent = 0, sentCodes = 0; performance.now() - begun < seconds * 1000; await sleep(20)) {
    for (; sent < due(perSecond); sent++) {
      const to = subscribers[sent % subscribers.length] ?? from;
      open.push(post(stack, { to, text: `Notice ${sent}`, kind: 'transactional' }).then((id) => notices.push(id)));
    }
    for (; sentCodes < due(codesPerSecond); sentCodes++) {
      const to = `+1206555${6000 + sentCodes}`;
      open.push(post(stack, { to, text: `Your code is ${sentCodes}`, kind: 'otp' }).then((id) => codes.push(id)));
    }
  }
  await Promise.all(open);
  return [codes, notices];
}

async function post({ url, apiKey }: OwnStack, text: object): Promise<string> {
  const headers = { Authorization: `Bearer ${apiKey}` };
  return ((await call('POST', `${url}/v1/messages`, { from, ...text }, headers)) as { id: string }).id;
}

/** Milliseconds that each text that has been submitted had waited. */
async function waitsOf(store: Store, ids: readonly string[]): Promise<number[]> {
  const waits: number[] = [];
  for (let first = 0; first < ids.length; first += 1000) {
    const texts: MessageDocument[] = await store.messages.findMany(ids.slice(first, first + 1000));
    waits.push(
      ...texts.flatMap(({ acceptedAt, attempts }) =>
        attempts[0] ? [attempts[0].claimedAt.getTime() - acceptedAt.getTime()] : [],
      ),
    );
  }
  return waits;
}

function p95(waits: readonly number[]): number {
  return [...waits].sort((a, b) => a - b)[Math.floor(waits.length * 0.95)] ?? Number.POSITIVE_INFINITY;
}

function report(what: string, accepted: number, waits: readonly number[]): void {
  const { p50, p99 } = timingFrom(waits, 1);
  const figures = [p50, p95(waits), p99].map((ms) => `${(ms / 1000).toFixed(2)} s`);
  const names = ['p50', 'p95', 'p99'].map((name, index) => `${name} ${figures[index]}`);
  console.log(
    `  ${what.padEnd(20)} accepted ${accepted}, submitted ${waits.length}; from acceptance to submission ${names.join(', ')}`,
  );
}
