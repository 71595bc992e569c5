import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConsentEvent } from '../../api/schemas/consents.ts';
import type { OutboundMessage } from '../../api/schemas/messages.ts';
import { Network } from '../../cli/demo/network.ts';
import { Product } from '../../cli/demo/product.ts';
import { isFinal, messageStatuses } from '../../domain/message.ts';
import type { Stack } from '../../embedded/stack.ts';
import type { LedgerEntry } from '../../simulator/world/ledger.ts';
import type { CarrierId } from '../../simulator/world/networks.ts';
import { startCompiledStack } from './compiled-stack.ts';

/** By now the carrier is in the middle of it: the simulator's carriers take 100 segments per second of us. */
const before = 150;

let stack: Stack;
let network: Network;
/** Where the network's ledger stood before the present texts: what came before is not read again, twenty times a second. */
let begunAt = 0;
let url = '';

const senders = {
  alpha: '+12065550110',
  beta: '+447400123456',
  gamma: '+33612345678',
  telnyx: '+13125550120',
} as const satisfies Record<CarrierId, string>;

beforeAll(async () => {
  stack = await startCompiledStack({ env: { SIMULATOR_SCENARIO: 'quiet' }, tell: (line) => console.error(line) });
  url = `http://127.0.0.1:${stack.env.PORT}`;
  network = new Network(`http://127.0.0.1:${stack.env.SIMULATOR_PORT}`);
  const product = new Product(url, stack.env.PORTSMS_API_KEY ?? '');
  await network.provision(
    Object.entries(senders).map(([carrier, phoneNumber]) => ({ phoneNumber, carrier: carrier as CarrierId })),
  );
  for (const [carrier, phoneNumber] of Object.entries(senders)) await product.registerNumber(phoneNumber, { carrier });
}, 240_000);
afterAll(() => stack?.stop());

// biome-ignore lint/suspicious/noExplicitAny: looked at field by field
async function call(method: string, path: string, body?: string, type = 'application/json'): Promise<any> {
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${stack.env.PORTSMS_API_KEY}`,
      'idempotency-key': crypto.randomUUID(),
      ...(body !== undefined && { 'content-type': type }),
    },
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(20_000),
  });
  const answer = await response.json();
  expect(response.ok, `${method} ${path}: ${JSON.stringify(answer)}`).toBe(true);
  return answer;
}
const post = (path: string, body: object) => call('POST', path, JSON.stringify(body));

/** So many texts to one person, of which the carrier has got some. */
async function queueTexts(texts: number, from: string, to: string): Promise<void> {
  begunAt = (await network.summary()).lastSeq;
  const lines = Array.from({ length: texts }, (_, i) =>
    JSON.stringify({ from, to, text: `Text ${i}`, kind: 'transactional' }),
  );
  const { accepted } = await call('POST', '/v1/message-batches', lines.join('\n'), 'application/x-ndjson');
  expect(accepted).toBe(texts);
  const written = async () => (await submitted(from, to)).length;
  await expect.poll(written, { timeout: 20_000, interval: 50 }).toBeGreaterThanOrEqual(before);
}

/** What the carriers have got of the bulk, by their own account. */
async function submitted(from: string, to: string): Promise<LedgerEntry[]> {
  const ledger = await network.ledgerSince(begunAt);
  return ledger.filter(
    (entry) =>
      entry.event === 'submitted' && entry.from === from && entry.to === to && entry.text?.startsWith('Text ') === true,
  );
}

/** Waits until all texts are final: none was submitted after that moment, and what was not is refused. */
async function expectNoneAfter(moment: number, texts: number, from: string, to: string, code: string): Promise<void> {
  const query = `/v1/messages?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
  const areOpen = async () => {
    for (const status of messageStatuses.filter((each) => !isFinal(each))) {
      if ((await call('GET', `${query}&status=${status}&limit=1`)).data.length > 0) return status;
    }
    return 'no';
  };
  await expect.poll(areOpen, { timeout: 40_000, interval: 300 }).toBe('no');
  const written = await submitted(from, to);
  expect(written.filter(({ at }) => Date.parse(at) > moment)).toEqual([]);
  expect(written.length).toBeGreaterThanOrEqual(before);
  expect(written.length).toBeLessThan(texts - before);
  const account: Record<string, number> = {};
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { data: OutboundMessage[]; nextCursor: string | null } = await call(
      'GET',
      `${query}&limit=200${cursor && `&cursor=${cursor}`}`,
    );
    cursor = page.nextCursor;
    for (const { kind, status, failure } of page.data) {
      // The confirmation of a STOP is none of them.
      if (kind !== 'transactional') continue;
      const what = [status, failure?.code].filter(Boolean).join(' ');
      account[what] = (account[what] ?? 0) + 1;
    }
  }
  expect(account).toEqual({ delivered: written.length, [`refused ${code}`]: texts - written.length });
}

const eventsOf = async (phoneNumber: string): Promise<ConsentEvent[]> =>
  (await call('GET', `/v1/consents?phoneNumber=${encodeURIComponent(phoneNumber)}`)).data;

test('a consent is revoked while 1,000 texts to the person are queued: none is submitted after the answer (invariants 5, 6)', async () => {
  const [from, to] = [senders.alpha, '+12025557001'];
  const consent = await post('/v1/consents', {
    phoneNumber: to,
    basis: 'express',
    evidence: { act: 'checkbox', name: 'Ann Example' },
  });
  await queueTexts(1000, from, to);
  await post(`/v1/consents/${consent.id}/revoke`, { channel: 'call' });
  await expectNoneAfter(Date.now(), 1000, from, to, 'recipient-opted-out');
});

test('STOP comes by SMPP: none of 500 is submitted after it holds, and one text confirms it', async () => {
  const [from, to] = [senders.beta, '+447911123456'];
  await queueTexts(500, from, to);
  await network.write({ from: to, to: from, text: 'STOP' });
  const honoured = async () => (await eventsOf(to)).find(({ type }) => type === 'honoured');
  await expect.poll(honoured, { timeout: 10_000, interval: 50 }).toBeDefined();
  await expectNoneAfter(Date.parse((await honoured())?.at ?? ''), 500, from, to, 'recipient-opted-out');
  const confirmations = async () =>
    (await network.ledgerSince(begunAt)).filter(
      (entry) => entry.event === 'delivered' && entry.to === to && entry.text?.includes('unsubscribed'),
    ).length;
  await expect.poll(confirmations).toBe(1);
});

test('a file of revocations is imported: none of 500 is submitted after the answer', async () => {
  const [from, to] = [senders.telnyx, '+12025557003'];
  await queueTexts(500, from, to);
  const file = `type,phoneNumber,channel\nrevoked,+12025557099,call\nrevoked,${to},call\n`;
  expect(await call('POST', '/v1/consents/import', file, 'text/csv')).toMatchObject({ recorded: 2, refused: 0 });
  await expectNoneAfter(Date.now(), 500, from, to, 'recipient-opted-out');
});

test('the person is erased: none of 500 is submitted after the answer', async () => {
  const [from, to] = [senders.gamma, '+33612345699'];
  await queueTexts(500, from, to);
  const proof = await call('DELETE', `/v1/subjects/${encodeURIComponent(to)}`);
  const answeredAt = Date.now();
  expect(proof).toMatchObject({ keyDestroyed: true, erased: { texts: 500 } });
  await expectNoneAfter(answeredAt, 500, from, to, 'recipient-erased');
});
