import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Carrier, CarrierEvent, PartAnswer } from '../../carriers/carrier.ts';
import { loadCarriers } from '../../carriers/configuration.ts';
import { CarrierUnavailable } from '../../carriers/errors.ts';
import type { PartFinding } from '../../carriers/message-inquiry.ts';
import { createCarriers } from '../../carriers/registry.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { sinkOf } from './event-sink.ts';
import { type CarrierId, ids, senders } from './simulated-senders.ts';

/** Reached; never reached; still on its way. */
const recipients = { there: '+12025552001', gone: '+12025552002', slow: '+12025552003' };

let simulator: Simulator;
let carriers: ReadonlyMap<string, Carrier>;
const received: CarrierEvent[] = [];

beforeAll(async () => {
  const silent = () => undefined;
  simulator = await startSimulator({
    seed: 3,
    scenario: {
      carriers: { all: { answerMs: [0, 5], deliveryMs: [5, 10], receipts: { neverRate: 1 } } },
      recipients: [
        { phoneNumber: recipients.gone, carrier: 'telnyx', outcome: 'failed', code: '40001' },
        { phoneNumber: recipients.gone, outcome: 'failed', state: 'UNDELIV', code: '001' },
        { phoneNumber: recipients.slow, outcome: 'silent' },
      ],
    },
  });
  simulator.world.numbers.provision(ids.map((carrier) => ({ phoneNumber: senders[carrier], carrier })));
  const yaml = await (await fetch(`${simulator.url}/carriers.yaml`)).text();
  carriers = createCarriers(loadCarriers(yaml, {}), { logger: { info: silent, warn: silent, error: silent } });
  for (const carrier of carriers.values()) {
    carrier.connect(sinkOf(async (events) => received.push(...events)));
  }
}, 30_000);
afterAll(async () => {
  await Promise.all([...carriers.values()].map((carrier) => carrier.close(100)));
  await simulator.stop();
});

function carrierOf(id: string): Carrier {
  const carrier = carriers.get(id);
  if (!carrier) throw new Error(`No carrier ${id}.`);
  return carrier;
}

async function send(id: CarrierId, to: string): Promise<Extract<PartAnswer, { outcome: 'accepted' }>> {
  const { messaging } = carrierOf(id);
  const reservation = await messaging.reserve({ wanted: 1, timeoutMs: 5_000 });
  const text = { from: senders[id], to, text: `Hello ${to}`, validityMs: 60_000, references: [1] };
  const [answers] = messaging.submit([text], reservation);
  const [answer] = (await answers) ?? [];
  reservation.release();
  if (answer?.outcome !== 'accepted') throw new Error(`Not accepted: ${answer?.outcome}`);
  return answer;
}

describe.each(ids)('%s is asked about a text whose receipt never comes', (id) => {
  const ask = async (givenId: string) =>
    (await carrierOf(id).inquiry?.ask([{ givenId, from: senders[id] }]))?.[0] as PartFinding | undefined;

  it('and says that it was delivered, failed, or is on its way', async () => {
    const sent = {
      there: await send(id, recipients.there),
      gone: await send(id, recipients.gone),
      slow: await send(id, recipients.slow),
    };
    await delay(100);
    const finding = (name: keyof typeof sent) => ask(sent[name].givenId ?? sent[name].carrierMessageId);
    expect(await finding('there')).toMatchObject({ state: 'DELIVRD' });
    expect(await finding('there')).not.toHaveProperty('code');
    expect(await finding('gone')).toMatchObject({ state: 'UNDELIV', code: id === 'telnyx' ? '40001' : '1' });
    expect(await finding('slow')).toMatchObject({ state: 'ENROUTE' });
    expect(received.filter(({ type }) => type === 'receipt')).toEqual([]);
  });

  it('and knows nothing of an id that it never gave', async () => {
    expect(await ask('4711')).toBeUndefined();
  });
});

it('a carrier without a session can’t be asked', async () => {
  const [configured] = [...carriers.values()];
  await configured?.close(0);
  await expect(configured?.inquiry?.ask([{ givenId: 'x', from: senders.alpha }])).rejects.toThrow(CarrierUnavailable);
});
