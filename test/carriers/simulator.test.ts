import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Carrier, CarrierEvent, InboundEvent, PartAnswer, ReceiptEvent } from '../../carriers/carrier.ts';
import { loadCarriers } from '../../carriers/configuration.ts';
import { createCarriers } from '../../carriers/registry.ts';
import type { PortabilityDatabase } from '../../npdb/portability-database.ts';
import { createPortabilityDatabase } from '../../npdb/registry.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { sinkOf } from './event-sink.ts';
import { type CarrierId, ids, senders } from './simulated-senders.ts';

const textsPerCarrier = 120;

let simulator: Simulator;
let carriers: ReadonlyMap<string, Carrier>;
let database: PortabilityDatabase;
const webhooks = createServer();
const events = new Map<string, CarrierEvent[]>(ids.map((id) => [id, []]));
const lines: string[] = [];
let sinkCalls = 0;

const log = (fields: object, message: string) => lines.push(JSON.stringify([fields, message]));

/** Every tenth time the store is down. */
async function sink(id: string, group: readonly CarrierEvent[]): Promise<void> {
  await delay(2);
  if (++sinkCalls % 10 === 0) throw new Error('The store is down.');
  events.get(id)?.push(...group);
}

function carrierOf(id: CarrierId): Carrier {
  const carrier = carriers.get(id);
  if (!carrier) throw new Error(`No carrier ${id}.`);
  return carrier;
}

beforeAll(async () => {
  webhooks.on('request', async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    try {
      const headers = request.headers as Record<string, string | undefined>;
      await sink('telnyx', carrierOf('telnyx').webhook?.parse(Buffer.concat(chunks), headers) ?? []);
      response.writeHead(200).end();
    } catch {
      response.writeHead(503).end();
    }
  });
  await new Promise<void>((resolve) => webhooks.listen(0, '127.0.0.1', resolve));
  simulator = await startSimulator({
    preset: 'weather',
    seed: 7,
    webhookUrl: `http://127.0.0.1:${(webhooks.address() as AddressInfo).port}/`,
    scenario: {
      carriers: {
        all: {
          cutUntakenRate: 0.02,
          cutBeforeAnswerRate: 0.02,
          cutAfterAnswerRate: 0.02,
          noAnswerRate: 0.01,
          slowMs: [100, 200],
          deliveryMs: [5, 100],
          receiptMs: [5, 100],
          receipts: { lateMs: [100, 300] },
          redeliverMs: 100,
          outages: { everyMs: 1_500, forMs: 300 },
        },
      },
      webhooks: { retryMs: [50, 500], lateMs: [100, 300], dropRate: 0 },
    },
  });
  simulator.world.numbers.provision(ids.map((carrier) => ({ phoneNumber: senders[carrier], carrier })));
  const yaml = (await (await fetch(`${simulator.url}/carriers.yaml`)).text())
    // So that ambiguous texts don't hold the test up.
    .replaceAll(
      'adapter: "smpp"',
      'adapter: "smpp"\n    responseTimeoutMs: 1000\n    reconnectMinMs: 20\n    reconnectMaxMs: 200',
    )
    .replaceAll('baseUrl:', 'timeoutMs: 1000\n    baseUrl:');
  const configuration = loadCarriers(yaml, {});
  carriers = createCarriers(configuration, { logger: { info: log, warn: log, error: log } });
  database = createPortabilityDatabase(configuration);
  for (const [id, carrier] of carriers) carrier.connect(sinkOf((group) => sink(id, group)));
}, 30_000);

afterAll(async () => {
  await Promise.all([...carriers.values()].map((carrier) => carrier.close(200)));
  await simulator.stop();
  await new Promise((resolve) => webhooks.close(resolve));
});

const passing = new Set(['0x58', '0x14', '0x08', '40011', '10011', 'http-429']);

/** Submits as the service does: again only what was certainly not taken. */
async function submitUntilDecided(
  id: CarrierId,
  to: string,
  text: string,
  reference: number,
): Promise<readonly PartAnswer[]> {
  const { messaging } = carrierOf(id);
  for (;;) {
    const segments = messaging.segments(text);
    const reservation = await messaging.reserve({ wanted: segments, timeoutMs: 20_000, atLeast: segments });
    const references = Array.from({ length: segments }, (_, index) => reference + index);
    const [pending] = messaging.submit([{ from: senders[id], to, text, validityMs: 60_000, references }], reservation);
    reservation.release();
    const answers = (await pending) ?? [];
    const untaken = answers.every(
      (answer) => answer.outcome === 'unsent' || (answer.outcome === 'rejected' && passing.has(answer.code)),
    );
    if (!untaken) return answers;
    await delay(20);
  }
}

describe('all carriers in the weather of the simulator', () => {
  const recipient = (index: number) => `+1202555${2000 + index}`;
  const textOf = (id: string, index: number) =>
    index % 10 === 0
      ? `${id} ${index} ${'🙂é['.repeat(60)}`
      : index % 7 === 0
        ? `${id} ${index} ${'long [€] '.repeat(30)}`
        : `${id} text ${index}`;

  it('never has a text taken twice, knows the fate of each, and logs nobody (invariants 5 and 9)', async () => {
    const answers = new Map<string, readonly PartAnswer[]>();
    await Promise.all(
      ids.flatMap((id) =>
        Array.from({ length: textsPerCarrier }, async (_, index) => {
          const text = textOf(id, index);
          answers.set(text, await submitUntilDecided(id, recipient(index), text, index * 8));
        }),
      ),
    );
    const tally = new Map([...simulator.world.tally.outbound()].map((each) => [each.text, each]));
    const outcomes: Record<string, number> = {};
    for (const [text, parts] of answers) {
      const taken = Object.values(tally.get(text)?.accepted ?? {}).reduce((sum, count) => sum + count, 0);
      const worst = parts.find((part) => part.outcome !== 'accepted')?.outcome ?? 'accepted';
      outcomes[worst] = (outcomes[worst] ?? 0) + 1;
      if (worst === 'accepted') expect(taken, text).toBe(1);
      else expect(taken, text).toBeLessThanOrEqual(1);
    }
    // The weather was bad enough to mean something.
    expect(outcomes.accepted).toBeGreaterThan(textsPerCarrier * 2);
    expect(outcomes.ambiguous).toBeGreaterThan(3);
    expect(lines.join('\n')).not.toMatch(/2025550|2025552|447700|336123|-password|KEY-of/);

    const summary = () => simulator.world.tally.summary(0, 0);
    await vi.waitFor(() => expect(summary().outbound.acceptedNotDelivered).toBeLessThan(40), 10_000);
    const receipts = (id: CarrierId) => events.get(id)?.filter((event) => event.type === 'receipt') as ReceiptEvent[];
    await vi.waitFor(
      () => {
        for (const id of ids) {
          const known = new Set(receipts(id).map((receipt) => receipt.carrierMessageId));
          const given = [...answers]
            .filter(([text]) => text.startsWith(id))
            .flatMap(([, parts]) =>
              parts.flatMap((part) => (part.outcome === 'accepted' ? part.carrierMessageId : [])),
            );
          const missing = given.filter((carrierMessageId) => !known.has(carrierMessageId));
          // The simulator never sends one in a hundred.
          expect(missing.length, id).toBeLessThan(given.length * 0.06);
        }
      },
      { timeout: 15_000, interval: 200 },
    );
    for (const id of ids) {
      for (const receipt of receipts(id)) {
        expect(receipt.from).toBe(senders[id]);
        expect(Math.abs(Date.parse(receipt.at) - Date.now()), `${id}: ${receipt.at}`).toBeLessThan(180_000);
        expect(receipt.code === undefined).toBe(receipt.state === 'DELIVRD' || receipt.state === 'ENROUTE');
      }
    }
  }, 60_000);

  it('takes every inbound text exactly once, however often it is delivered (invariant 3)', async () => {
    const sent: { from: string; to: string; text: string }[] = [];
    for (const id of ids) {
      for (let index = 0; index < 40; index++) {
        const text = index % 8 === 0 ? `${id} ${'über 🙂 '.repeat(40)}${index}` : `${id} answer ${index}`;
        sent.push({ from: recipient(index % 3 === 0 ? 0 : index), to: senders[id], text });
      }
    }
    for (const text of sent) {
      const response = await fetch(`${simulator.url}/texts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(text),
      });
      expect(response.status).toBe(202);
    }
    const key = ({ from, to, text }: { from: string; to: string; text: string }) => `${from} ${to} ${text}`;
    const expected = sent.map(key).sort();
    await vi.waitFor(
      () =>
        expect(
          ids
            .flatMap((id) => wholeTexts(events.get(id) ?? []))
            .map(key)
            .sort(),
        ).toEqual(expected),
      {
        timeout: 20_000,
        interval: 200,
      },
    );
  }, 40_000);

  it('dips a number in both databases', async () => {
    simulator.world.setScenario(simulator.world.scenario, { portability: { dropRate: 0, failRate: 0 } });
    expect(await database.lookUp(senders.alpha)).toMatchObject({ ported: false, spid: '1234', source: 'enum' });
    expect(await database.lookUp(senders.gamma)).toMatchObject({ spid: '9012' });
  });
});

/** Each event id counts once; parts are joined by what they have in common. */
function wholeTexts(all: readonly CarrierEvent[]): { from: string; to: string; text: string }[] {
  const inbound = new Map(
    all.filter((event): event is InboundEvent => event.type === 'inbound').map((event) => [event.eventId, event]),
  );
  const whole: { from: string; to: string; text: string }[] = [];
  const parts = new Map<string, string[]>();
  for (const { from, to, text, part } of inbound.values()) {
    if (!part) {
      whole.push({ from, to, text });
      continue;
    }
    const key = `${from} ${to} ${part.reference} ${part.total}`;
    const collected = parts.get(key) ?? [];
    collected[part.sequence - 1] = text;
    parts.set(key, collected);
    if (collected.filter((each) => each !== undefined).length === part.total)
      whole.push({ from, to, text: collected.join('') });
  }
  return whole;
}
