import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InboundMessage, OutboundMessage } from '../../api/schemas/messages.ts';
import { Network } from '../../cli/demo/network.ts';
import { Product } from '../../cli/demo/product.ts';
import { isFinal, type MessageKind } from '../../domain/message.ts';
import type { ServiceName } from '../../embedded/launch.ts';
import type { Stack } from '../../embedded/stack.ts';
import { startCompiledStack } from './compiled-stack.ts';
import { account, moving, movingOrder } from './moving-number.ts';

/** Our numbers: two by SMPP whose receipts repeat the reference, one whose don't, one by REST, and one that moves. */
const senders = {
  alpha: '+12065550110',
  beta: '+447400123456',
  gamma: '+33612345678',
  telnyx: '+13125550120',
} as const;

/** Texts that are sent, one after the other, while servers are killed; and texts that come in. */
const texts = 240;
const pauseMs = 130;
const inboundTexts = 45;
const validitySeconds = 60;
/** One after the other; each is back before the next. */
const victims: readonly ServiceName[] = ['worker', 'api', 'mongodb', 'temporal'];

let stack: Stack;
let product: Product;
let network: Network;

beforeAll(async () => {
  stack = await startCompiledStack({
    env: { PORTSMS_CUTOVER_MARGIN_SECONDS: '5', PORTSMS_CARRIER_SYNC_SECONDS: '5' },
    tell: (line) => console.error(line),
  });
  product = new Product(`http://127.0.0.1:${stack.env.PORT}`, stack.env.PORTSMS_API_KEY ?? '');
  network = new Network(`http://127.0.0.1:${stack.env.SIMULATOR_PORT}`);
  // Quiet, but slow enough that something is under way at every moment.
  await network.setScenario({
    preset: 'quiet',
    carriers: {
      all: { answerMs: [20, 250], deliveryMs: [200, 1500], receiptMs: [50, 1000], inboundMs: [20, 400] },
    },
  });
  await network.provision([
    ...Object.entries(senders).map(([carrier, phoneNumber]) => ({
      phoneNumber,
      carrier: carrier as keyof typeof senders,
    })),
    { phoneNumber: moving, carrier: 'alpha', ...account },
  ]);
  await Promise.all([
    ...Object.entries(senders).map(([carrier, phoneNumber]) => product.registerNumber(phoneNumber, { carrier })),
    product.registerNumber(moving, { carrier: 'alpha' }),
  ]);
}, 240_000);
afterAll(() => stack?.stop());

/** Sends the texts; each is repeated until it has its 202. @returns their ids, by their words */
async function send(): Promise<Map<string, string>> {
  const kinds: readonly MessageKind[] = ['transactional', 'conversational', 'otp'];
  const from = [...Object.values(senders), moving];
  const accepted = new Map<string, string>();
  const requests: Promise<void>[] = [];
  for (let i = 0; i < texts; i += 1) {
    const text = i % 10 === 3 ? `Text ${i}: ${'a long one, in two parts. '.repeat(8)}` : `Text ${i}`;
    const request = {
      from: from[i % from.length] ?? moving,
      // Everybody gets one text, so that each is told apart by addresses alone.
      to: `+1202555${String(1000 + i)}`,
      text,
      kind: kinds[i % 3] ?? 'otp',
      validitySeconds,
    };
    requests.push(product.send(request, `text-${i}`).then(({ id }) => void accepted.set(text, id)));
    await sleep(pauseMs);
  }
  await Promise.all(requests);
  return accepted;
}

/** Subscribers write, every sixth a long text. @returns their words */
async function write(): Promise<string[]> {
  const to = [...Object.values(senders), moving, moving];
  const written: string[] = [];
  for (let i = 0; i < inboundTexts; i += 1) {
    const text = i % 6 === 0 ? `Answer ${i}: ${'it is long, too. '.repeat(14)}`.trim() : `Answer ${i}`;
    await network.write({ from: `+1202555${String(6000 + i)}`, to: to[i % to.length] ?? moving, text });
    written.push(text);
    await sleep((texts * pauseMs) / inboundTexts);
  }
  return written;
}

async function killAll(): Promise<void> {
  for (const name of victims) {
    await sleep(3000);
    const service = stack.processes[name];
    if (!service) throw new Error(`The stack runs no ${name}.`);
    service.kill('SIGKILL');
    await service.ready();
  }
}

/** Asks again until the answer is as it should be, or time is over; then it is what it is. */
async function eventually<T>(ask: () => Promise<T>, good: (answer: T) => boolean, withinMs: number): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (good(answer) || Date.now() > deadline) return answer;
    await sleep(1000);
  }
}

test('servers are killed one after the other while texts flow and a number moves: nothing is lost, nothing doubled', {
  timeout: 420_000,
}, async () => {
  const began = new Date();
  const { id: portId } = await product.orderPort(movingOrder, 'port');
  const [accepted, written] = await Promise.all([send(), write(), killAll()]);
  expect(accepted.size).toBe(texts);

  // Every accepted text comes to an end: by a receipt, or as unknown after its validity and a grace.
  const outbound = await eventually(
    () => product.outboundSince(began),
    (messages) => messages.length >= texts && messages.every(({ status }) => isFinal(status)),
    (validitySeconds + 60) * 1000,
  );
  const byId = new Map(outbound.map((message) => [message.id, message]));
  const ended = [...accepted].map(([text, id]) => ({ text, message: byId.get(id) }));
  expect(ended.filter(({ message }) => !message || !isFinal(message.status))).toEqual([]);
  expect(outbound).toHaveLength(texts);

  const ledger = await network.ledgerSince(0);
  const arrivals = (text: string) =>
    ledger.filter(({ event, part, text: words }) => event === 'delivered' && !part && words === text).length;
  const wrong = ended.filter(({ text, message }) => {
    const times = arrivals(text);
    return message?.status === 'delivered' ? times !== 1 : times > (mayHaveArrived(message) ? 1 : 0);
  });
  expect(wrong.map(({ text, message }) => [text.slice(0, 12), message?.status, arrivals(text)])).toEqual([]);

  // What was cut off ends as unknown; four kills cut off few.
  const delivered = outbound.filter(({ status }) => status === 'delivered');
  const others = outbound.filter(({ status }) => status !== 'delivered');
  console.error(`delivered ${delivered.length}; ${others.map(({ status, failure }) => `${status}/${failure?.code}`)}`);
  expect(delivered.length).toBeGreaterThan(texts * 0.9);

  const inbound = await eventually(
    () => product.inboundSince(began),
    (messages) => written.every((text) => forwardedTimes(messages, text) === 1),
    30_000,
  );
  expect(written.filter((text) => forwardedTimes(inbound, text) !== 1)).toEqual([]);

  const port = await eventually(
    () => product.port(portId),
    ({ status }) => status === 'completed',
    60_000,
  );
  expect(port).toMatchObject({ status: 'completed', counts: { ported: 1 } });
});

/** Without a receipt nobody can tell; a text that has failed in part may be there, too. */
function mayHaveArrived(message: OutboundMessage | undefined): boolean {
  return message?.status === 'unknown' || message?.failure?.code === 'partly-accepted';
}

function forwardedTimes(messages: readonly InboundMessage[], text: string): number {
  return messages.filter((message) => message.text === text && message.copyOf === undefined).length;
}
