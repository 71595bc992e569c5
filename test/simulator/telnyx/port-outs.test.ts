import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import type { PortOut } from '../../../simulator/telnyx/port-out.ts';
import { Control } from '../control.ts';
import { HookReceiver, telnyxClient } from '../telnyx-client.ts';

const phoneNumber = '+12025550143';
let dataDir: string;
let receiver: HookReceiver;
let simulator: Simulator;

const start = () => startSimulator({ dataDir, webhookUrl: receiver.url });
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'simulator-port-outs-'));
  receiver = await HookReceiver.start();
  simulator = await start();
  simulator.world.numbers.provision([{ phoneNumber, carrier: 'telnyx' }]);
});
afterEach(async () => {
  await simulator.stop();
  await receiver.stop();
  rmSync(dataDir, { recursive: true, force: true });
});
const ask = (rest: object = {}) => new Control(simulator).call<PortOut>('POST', '/port-outs', { phoneNumber, ...rest });

it('a port-out is told by signed webhooks, which the SDK believes, with the PIN that was tried', async () => {
  const { id } = await ask({ pin: '4711', focInMs: 50 });
  await expect.poll(() => receiver.of('portout.status_changed').length).toBe(1);
  const [hook] = receiver.hooks;
  await telnyxClient(simulator).webhooks.unwrap(hook?.body ?? '', { headers: hook?.headers ?? {} });
  expect(hook?.payload).toMatchObject({ id, attempted_pin: '4711', status: 'pending', phone_numbers: [phoneNumber] });
  await telnyxClient(simulator).portouts.updateStatus('authorized', { id, reason: 'ok' });
  const told = () => receiver.of('portout.status_changed').map(({ payload }) => payload.status);
  await expect.poll(told).toEqual(['pending', 'authorized', 'ported']);

  const events = [];
  for await (const event of telnyxClient(simulator).portouts.events.list({ filter: { portout_id: id } }))
    events.push(event);
  expect(events).toHaveLength(3);
  await telnyxClient(simulator).portouts.events.republish(events[0]?.id ?? '');
  await expect.poll(told).toEqual(['pending', 'authorized', 'ported', 'pending']);
});

it('a restart takes it up where it was: it approves itself, and leaves at its date', async () => {
  const { id } = await ask({ answerWithinMs: 300, focInMs: 600 });
  await simulator.stop();
  simulator = await start();
  await expect.poll(async () => (await telnyxClient(simulator).portouts.retrieve(id)).data?.status).toBe('ported');
  const { trace } = await new Control(simulator).call<PortOut>('GET', `/port-outs/${id}`);
  expect(trace.map(({ what }) => what)).toEqual(['requested', 'approved-by-silence', 'ported']);
  expect(simulator.world.numbers.smsRoute(phoneNumber)?.carrier).toBe('foreign');
});

it('a number that is elsewhere cannot be asked for, nor two at once in one field', async () => {
  const control = new Control(simulator);
  simulator.world.numbers.provision([{ phoneNumber, carrier: 'alpha' }]);
  expect((await control.raw('POST', '/port-outs', { phoneNumber })).status).toBe(422);
  expect((await control.raw('POST', '/port-outs', { phoneNumber, phoneNumbers: [phoneNumber] })).status).toBe(422);
  expect((await control.raw('GET', '/port-outs/none')).status).toBe(404);
});
