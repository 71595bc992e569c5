import { afterAll, beforeAll, expect, it } from 'vitest';
import { CarrierUnavailable } from '../../../carriers/errors.ts';
import type { CarrierOptOut } from '../../../carriers/opt-outs.ts';
import { telnyxClient } from '../../../carriers/telnyx/client.ts';
import { TelnyxOptOuts } from '../../../carriers/telnyx/opt-outs.ts';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import { Control } from '../../simulator/control.ts';

let simulator: Simulator;
const [here, other] = ['+12025553911', '+12025553912'];

beforeAll(async () => {
  simulator = await startSimulator();
  simulator.world.numbers.provision([here, other].map((phoneNumber) => ({ phoneNumber, carrier: 'telnyx' })));
});
afterAll(() => simulator.stop());

async function listOf(number: string): Promise<CarrierOptOut[]> {
  const list: CarrierOptOut[] = [];
  const client = telnyxClient({ ...simulator.telnyx, timeoutMs: 5_000 });
  for await (const optOut of new TelnyxOptOuts('telnyx', client).list(number)) list.push(optOut);
  return list;
}

it('lists who has opted out of one number, over several pages, and who has come back no more', async () => {
  const control = new Control(simulator);
  const write = (from: string, to: string, text: string) => control.call('POST', '/texts', { from, to, text });
  const person = (index: number) => `+1202556${1000 + index}`;
  for (let index = 0; index < 260; index++) await write(person(index), here, 'STOP');
  await write(person(999), other, 'stop');
  await write(person(3), here, 'START');
  await write(person(4), here, 'STOP PLEASE');
  await expect.poll(async () => (await listOf(here)).length, { timeout: 8000, interval: 100 }).toBe(259);
  const list = await listOf(here);
  expect(list.map(({ recipient }) => recipient)).not.toContain(person(3));
  const first = list.find(({ recipient }) => recipient === person(0));
  expect(first).toMatchObject({ keyword: 'STOP', at: expect.stringMatching(/^\d{4}-/) });
  expect((await listOf(other)).map(({ recipient }) => recipient)).toEqual([person(999)]);
});

it('says nothing when the carrier is away', async () => {
  const away = telnyxClient({ baseUrl: 'http://127.0.0.1:9/v2', apiKey: 'KEY', timeoutMs: 500 });
  const reading = new TelnyxOptOuts('telnyx', away).list(here)[Symbol.asyncIterator]().next();
  await expect(reading).rejects.toThrow(CarrierUnavailable);
});
