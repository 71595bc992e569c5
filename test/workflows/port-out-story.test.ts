import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCarrierSyncActivities } from '../../activities/carrier-sync.ts';
import { createPortOutActivities } from '../../activities/port-out.ts';
import type { Carrier } from '../../carriers/carrier.ts';
import { telnyxConfig } from '../../carriers/telnyx/config.ts';
import { TelnyxCarrier } from '../../carriers/telnyx/telnyx-carrier.ts';
import { createEngine, type Engine } from '../../intake/engine.ts';
import { createIntake, type Intake } from '../../intake/intake.ts';
import { portOutIdOf } from '../../intake/port-outs.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import type { PortOut } from '../../simulator/telnyx/port-out.ts';
import { registeredAccount } from '../../store/port-out-credentials.ts';
import { Control } from '../simulator/control.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber } from '../store/samples.ts';
import type { EngineInTest } from './engine-in-test.ts';
import { startInRealTime } from './time-skipping.ts';

/** Everything but the API: the simulated carrier, its webhooks, the store, the engine. The carrier wants its answer within seconds. */
const answerMs = 12_000;
const own = ownStore();
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
let simulator: Simulator;
let control: Control;
let carriers: Map<string, Carrier>;
let temporal: EngineInTest;
let engine: Engine;
let intake: Intake;
let hooks: Server;

beforeAll(async () => {
  hooks = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const events = carriers
      .get('telnyx')
      ?.webhook?.parse(Buffer.concat(chunks), request.headers as Record<string, string>);
    await intake.receive('telnyx', events ?? []);
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve));
  simulator = await startSimulator({ webhookUrl: `http://127.0.0.1:${(hooks.address() as AddressInfo).port}/` });
  control = new Control(simulator);
  const config = telnyxConfig.parse({
    id: 'telnyx',
    adapter: 'telnyx',
    ...simulator.telnyx,
    portOutAnswerHours: answerMs / 3600_000,
  });
  carriers = new Map([['telnyx', new TelnyxCarrier(config)]]);
  temporal = await startInRealTime();
  engine = createEngine(temporal.env.client);
  intake = createIntake({ store: own.store, engine, carriers, logger: quiet });
});
afterAll(async () => {
  await simulator.stop();
  await new Promise((resolve) => hooks.close(resolve));
  await temporal.close();
});

const sync = () => createCarrierSyncActivities({ store: own.store, engine, carriers });
const running = (act: () => Promise<void>) =>
  temporal.withActivities(
    {
      ...createPortOutActivities({ store: own.store, engine, carriers, logger: quiet, undecided: 'reject' }),
      ...sync(),
    },
    act,
  );

/** A number of ours at telnyx, which somebody asks for. */
async function asked(phoneNumber: string, registered: { pin: string } | undefined, given: object): Promise<PortOut> {
  const { vault } = own.store;
  const record = sampleNumber(vault, phoneNumber, { routing: { state: 'settled', carrier: 'telnyx' } });
  await own.store.numbers.insert({
    ...record,
    ...(registered && { portOutAccount: registeredAccount(vault, record._id, registered, new Date()) }),
  });
  simulator.world.numbers.provision([{ phoneNumber, carrier: 'telnyx' }]);
  return control.call('POST', '/port-outs', { phoneNumber, focInMs: 1_000, answerWithinMs: answerMs, ...given });
}
const ours = ({ id }: PortOut) => portOutIdOf(own.store, 'telnyx', id);
const status = async (portOut: PortOut) => (await own.store.portOuts.find(ours(portOut)))?.status;
const trace = async ({ id }: PortOut) => (await control.call<PortOut>('GET', `/port-outs/${id}`)).trace;
const patience = { timeout: 40_000, interval: 100 };

describe('port-outs from the first webhook to the last', () => {
  it('the right PIN lets the number go: authorized, then gone', async () => {
    await running(async () => {
      const portOut = await asked('+12025550101', { pin: '271828' }, { pin: '271828' });
      await expect.poll(() => status(portOut), patience).toBe('ported');
      expect((await trace(portOut)).map(({ what }) => what)).toEqual(['requested', 'authorized', 'ported']);
      const key = own.store.vault.numberKey('+12025550101');
      await expect.poll(async () => (await own.store.numbers.find(key))?.routing, patience).toEqual({ state: 'gone' });
    });
  }, 60_000);

  it('a wrong PIN is rejected by its code, at once', async () => {
    await running(async () => {
      const portOut = await asked('+12025550102', { pin: '271828' }, { pin: '314159' });
      await expect.poll(() => status(portOut), patience).toBe('rejected');
      expect((await trace(portOut))[1]).toMatchObject({ what: 'rejected', code: 1002 });
    });
  }, 60_000);

  it('all webhooks lost, nobody decides: found by the schedule, rejected before silence counts', async () => {
    simulator.world.setScenario(simulator.world.scenario, { webhooks: { dropRate: 1 } });
    await running(async () => {
      const portOut = await asked('+12025550103', undefined, {});
      expect(await sync().syncCarrier({ carrier: 'telnyx' })).toBeGreaterThan(0);
      await expect.poll(() => status(portOut), patience).toBe('rejecting');
      const steps = await trace(portOut);
      expect(steps.map(({ what }) => what).slice(0, 3)).toEqual(['requested', 'commented', 'rejected']);
      expect(steps[2]).toMatchObject({ code: 1001, reason: expect.stringContaining('has not confirmed') });
      await sync().syncCarrier({ carrier: 'telnyx' });
      await expect.poll(() => status(portOut), patience).toBe('rejected');
    });
  }, 60_000);

  it('nothing personal is in the histories, nor in what the Web UI shows (invariant 9)', async () => {
    const { client } = temporal.env;
    const portOuts = await own.store.portOuts.list({}, 10);
    expect(portOuts.length).toBeGreaterThanOrEqual(3);
    for (const { _id } of portOuts) {
      const handle = client.workflow.getHandle(_id);
      const described = JSON.stringify([await handle.fetchHistory(), (await handle.describe()).raw]);
      // Payloads are shown in base64.
      const shown = described.replace(/"data":"([^"]*)"/g, (_, data) => Buffer.from(data, 'base64').toString('utf8'));
      expect(shown).toContain('carrierPortOutId');
      expect(shown).not.toMatch(/2025550|271828|314159|Example Ltd/);
    }
  });
});
