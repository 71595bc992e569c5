import type Telnyx from 'telnyx';
import { toFile } from 'telnyx';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import { Control } from '../control.ts';
import { HookReceiver, telnyxClient } from '../telnyx-client.ts';
import { until } from '../until.ts';

const NUMBER = '+12125550100';
let simulator: Simulator;
let control: Control;
let telnyx: Telnyx;
let hooks: HookReceiver;

beforeEach(async () => {
  hooks = await HookReceiver.start();
  simulator = await startSimulator({
    webhookUrl: hooks.url,
    scenario: {
      hosting: { reviewMs: 20, provisioningMs: 30, removalMs: 30 },
      ports: { smsLagMs: [100, 100], overlapMs: 0 },
      tollFree: { tssMs: 10 },
    },
  });
  control = new Control(simulator);
  telnyx = telnyxClient(simulator);
  await control.call('POST', '/numbers', { phoneNumber: NUMBER, carrier: 'alpha' });
});
afterEach(async () => {
  await simulator.stop();
  await hooks.stop();
});

const pdf = () => toFile(Buffer.from('%PDF-1.7'), 'a.pdf', { type: 'application/pdf' });
const statusOf = async (id: string) => (await telnyx.messagingHostedNumberOrders.retrieve(id)).data?.status;

async function ordered(phoneNumber = NUMBER): Promise<string> {
  const { data } = await telnyx.messagingHostedNumberOrders.create({ phone_numbers: [phoneNumber] });
  return data?.id ?? '';
}

async function handIn(id: string): Promise<void> {
  await telnyx.messagingHostedNumberOrders.actions.uploadFile(id, { loa: await pdf(), bill: await pdf() });
}

async function hosted(phoneNumber = NUMBER): Promise<string> {
  const id = await ordered(phoneNumber);
  await handIn(id);
  await until(async () => (await statusOf(id)) === 'successful');
  return id;
}

const hear = () => hooks.of('message.received').map(({ payload }) => payload.text);

describe('a hosted order', () => {
  it('tells its states by webhook, in order', async () => {
    await hosted();
    await until(() => hooks.of('messaging_hosted_numbers_orders.updated').length === 3);
    expect(hooks.of('messaging_hosted_numbers_orders.created')).toHaveLength(1);
    const told = hooks.of('messaging_hosted_numbers_orders.updated').map(({ payload }) => payload);
    expect(told.map(({ order_status }) => order_status).sort()).toEqual([
      'loa_file_successful',
      'provisioning',
      'successful',
    ]);
    expect(told[0]).toMatchObject({ decision: 'pending', numbers: [{ value: NUMBER }] });
  });

  it('brings texts here while calls stay: in both directions', async () => {
    const send = () => telnyx.messages.send({ from: NUMBER, to: '+12025550199', text: 'Hello' });
    const id = await ordered();
    await expect(send()).rejects.toMatchObject({ error: { errors: [{ code: '40151' }] } });
    await control.call('POST', '/texts', { from: '+12025550199', to: NUMBER, text: 'before' });
    await handIn(id);
    await until(async () => (await statusOf(id)) === 'successful');
    await send();
    await control.call('POST', '/texts', { from: '+12025550199', to: NUMBER, text: 'after' });
    await until(() => hear().includes('after'));
    expect(hear()).toEqual(['after']);
    expect(simulator.world.numbers.voiceCarrier(NUMBER)).toBe('alpha');
  });

  it('lets its texts go back to the carrier of voice', async () => {
    await hosted();
    const { data } = await telnyx.messagingHostedNumbers.list({});
    expect(data).toMatchObject([{ phone_number: NUMBER }]);
    await telnyx.messagingHostedNumbers.delete(data[0]?.id ?? '');
    await until(() => simulator.world.numbers.smsRoute(NUMBER)?.carrier === 'alpha');
    expect((await telnyx.messagingHostedNumbers.list({})).data).toEqual([]);
    const again = telnyx.messages.send({ from: NUMBER, to: '+12025550199', text: 'Hello' });
    await expect(again).rejects.toMatchObject({ error: { errors: [{ code: '40305' }] } });
  });

  it('sends its code as a text to the number, by whoever has its texts now', async () => {
    simulator.world.setScenario(simulator.world.scenario, { hosting: { codes: true } });
    const id = await ordered();
    await handIn(id);
    await telnyx.messagingHostedNumberOrders.createVerificationCodes(id, {
      phone_numbers: [NUMBER],
      verification_method: 'sms',
    });
    const { code } = await control.call<{ code: string }>('GET', `/numbers/${encodeURIComponent(NUMBER)}/code`);
    const ledger = [...simulator.world.tally.undelivered()].map(({ text }) => text);
    expect(ledger).toEqual([`Your code is ${code}`]);
    expect(await statusOf(id)).toBe('pending');
    const give = (given: string) =>
      telnyx.messagingHostedNumberOrders.validateCodes(id, {
        verification_codes: [{ phone_number: NUMBER, code: given }],
      });
    expect((await give('0')).data?.phone_numbers[0]?.status).toBe('rejected');
    expect((await give(code)).data?.phone_numbers[0]?.status).toBe('verified');
    expect((await give(code)).data?.phone_numbers[0]?.status).toBe('already_verified');
    await until(async () => (await statusOf(id)) === 'successful');
  });

  it('is reviewed again with other papers, and refuses numbers that cannot be hosted', async () => {
    const id = await ordered();
    await telnyx.messagingHostedNumberOrders.actions.uploadFile(id, { loa: await pdf() });
    await until(async () => (await statusOf(id)) === 'incomplete_documentation');
    await handIn(id);
    await until(async () => (await statusOf(id)) === 'successful');
    await expect(ordered()).rejects.toMatchObject({ status: 422 });
    await control.call('POST', '/numbers', { phoneNumber: '+12125550101', carrier: 'alpha', type: 'mobile' });
    const { phone_numbers } = await telnyx.messagingHostedNumberOrders.checkEligibility({
      phone_numbers: [NUMBER, '+12125550101', '12', '+447700900101'],
    });
    expect(phone_numbers?.map(({ eligible_status }) => eligible_status)).toEqual([
      'number_can_not_be_active_in_your_account',
      'number_can_not_be_wireless',
      'number_is_not_in_e164_format',
      'number_can_not_be_validated',
    ]);
  });

  it('switches toll-free texts in their registry at once', async () => {
    simulator.world.setScenario(simulator.world.scenario, { ports: { smsLagMs: [60_000, 60_000] } });
    await control.call('POST', '/numbers', { phoneNumber: '+18005550170', carrier: 'alpha', type: 'toll_free' });
    await hosted('+18005550170');
    expect(simulator.world.numbers.smsRoute('+18005550170')?.carrier).toBe('telnyx');
  });
});

it('goes on with its orders where an earlier process has left them', async () => {
  const { mkdtempSync, rmSync } = await import('node:fs');
  const dataDir = mkdtempSync('/tmp/hosted-');
  try {
    const first = await startSimulator({ dataDir, scenario: { hosting: { reviewMs: 300 } } });
    const client = telnyxClient(first);
    first.world.numbers.provision([{ phoneNumber: NUMBER, carrier: 'alpha' }]);
    const { data } = await client.messagingHostedNumberOrders.create({ phone_numbers: [NUMBER] });
    const id = data?.id ?? '';
    await client.messagingHostedNumberOrders.actions.uploadFile(id, { loa: await pdf(), bill: await pdf() });
    await first.stop();
    const second = await startSimulator({ dataDir, scenario: { hosting: { provisioningMs: 10 } } });
    const later = telnyxClient(second);
    await until(async () => (await later.messagingHostedNumberOrders.retrieve(id)).data?.status !== 'pending');
    await second.stop();
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
