import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Telnyx from 'telnyx';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import type { ScenarioPatch } from '../../../simulator/world/scenario.ts';
import { Control } from '../control.ts';
import { HookReceiver, telnyxClient } from '../telnyx-client.ts';
import { pause, until } from '../until.ts';

const NUMBER = '+12125550100';
const ACCOUNT = { accountNumber: 'A-100', pin: '4321', postalCode: '10001', name: 'Acme Widgets, Inc.' };
const FAST = {
  reviewMs: 30,
  losingReviewMs: 30,
  focLeadMs: 600,
  activationMs: 20,
  smsLagMs: [150, 150],
  overlapMs: 200,
  cancelMs: 50,
  cancelCutOffMs: 50,
} as const;

let simulator: Simulator;
let control: Control;
let telnyx: Telnyx;
let hooks: HookReceiver;

beforeEach(async () => {
  hooks = await HookReceiver.start();
  simulator = await startSimulator({ webhookUrl: hooks.url, scenario: { ports: { ...FAST, smsLagMs: [150, 150] } } });
  control = new Control(simulator);
  telnyx = telnyxClient(simulator);
  await control.call('POST', '/numbers', { phoneNumber: NUMBER, carrier: 'alpha', ...ACCOUNT });
});
afterEach(async () => {
  await simulator.stop();
  await hooks.stop();
});

const location = {
  street_address: '1 Main St',
  locality: 'New York',
  administrative_area: 'NY',
  postal_code: '10001',
  country_code: 'US',
};
const admin = {
  entity_name: 'ACME WIDGETS INC',
  auth_person_name: 'Jo Doe',
  account_number: 'a100',
  pin_passcode: '4321',
};

/** Creates, completes and confirms an order, and gives its id. */
async function submitted(changes: Telnyx.PortingOrderUpdateParams = {}, phoneNumbers = [NUMBER]): Promise<string> {
  const { data } = await telnyx.portingOrders.create({ phone_numbers: phoneNumbers, customer_reference: 'port_1' });
  const id = data?.[0]?.id ?? '';
  await telnyx.portingOrders.update(id, { end_user: { admin, location }, ...changes });
  await telnyx.portingOrders.actions.confirm(id);
  return id;
}

const order = async (id: string) => (await telnyx.portingOrders.retrieve(id)).data ?? {};
const reaches = (id: string, status: string) =>
  until(async () => {
    const current = await order(id);
    return current.status?.value === status && current;
  });

describe('a key', () => {
  it('is needed', async () => {
    const stranger = telnyxClient(simulator, 'another key');
    await expect(stranger.portabilityChecks.run({ phone_numbers: [NUMBER] })).rejects.toBeInstanceOf(
      Telnyx.AuthenticationError,
    );
  });
});

describe('portability checks', () => {
  it('knows what can be ported, and why something cannot', async () => {
    await control.call('POST', '/numbers', [
      { phoneNumber: '+12125550101', carrier: 'alpha', portable: false, notPortableReason: 'LINE_NOT_ACTIVE' },
      { phoneNumber: '+12125550102', carrier: 'telnyx' },
    ]);
    const { data } = await telnyx.portabilityChecks.run({
      phone_numbers: [NUMBER, '+12125550101', '+12125550102', '+12125559999'],
    });
    expect(data).toMatchObject([
      { phone_number: NUMBER, portable: true, fast_portable: false, not_portable_reason: '' },
      { portable: false, not_portable_reason: 'LINE_NOT_ACTIVE' },
      { portable: false, not_portable_reason: 'ALREADY_ON_TELNYX' },
      { portable: false, not_portable_reason: 'NO_COVERAGE' },
    ]);
  });
});

describe('an order', () => {
  it('goes from draft to ported by itself: voice first, texts after their lag', async () => {
    const id = await submitted();
    expect(await order(id)).toMatchObject({
      customer_reference: 'port_1',
      status: { value: 'in-process', details: [] },
      messaging: { enable_messaging: true, messaging_port_status: 'pending', messaging_port_completed: false },
      phone_numbers: [{ phone_number: NUMBER, activation_status: 'Pending' }],
    });
    const confirmed = await reaches(id, 'foc-date-confirmed');
    const focAt = Date.parse(confirmed.activation_settings?.foc_datetime_actual ?? '');
    expect(focAt).toBeGreaterThan(Date.now());
    expect(confirmed.phone_numbers).toMatchObject([{ activation_status: 'Concurred' }]);
    const ported = await reaches(id, 'ported');
    expect(Date.now()).toBeGreaterThanOrEqual(focAt);
    expect(ported).toMatchObject({
      phone_numbers: [{ activation_status: 'Active' }],
      messaging: { messaging_port_status: 'activating', messaging_port_completed: false },
    });
    await until(async () => (await order(id)).messaging?.messaging_port_completed);
    expect((await order(id)).messaging?.messaging_port_status).toBe('ported');
    const number = await control.call<{ voice: { carrier: string }[]; sms: { carrier: string }[] }>(
      'GET',
      `/numbers/${NUMBER}`,
    );
    expect(number.voice.map(({ carrier }) => carrier)).toEqual(['alpha', 'telnyx']);
    expect(number.sms.map(({ carrier }) => carrier)).toEqual(['alpha', 'telnyx']);
  });

  it('tells of every step by a webhook that the SDK verifies', async () => {
    const id = await submitted();
    await until(() => hooks.of('porting_order.messaging_changed').length === 2);
    const states = hooks.of('porting_order.status_changed').map(({ payload }) => [payload.id, payload.status.value]);
    expect(states).toHaveLength(4);
    for (const state of ['in-process', 'submitted', 'foc-date-confirmed', 'ported']) {
      expect(states).toContainEqual([id, state]);
    }
    for (const { body, headers } of hooks.hooks) {
      await expect(telnyx.webhooks.unwrap(body, { headers })).resolves.toBeDefined();
      await expect(telnyx.webhooks.unwrap(`${body} `, { headers })).rejects.toThrow('Signature');
    }
  });

  it.each([
    [{ admin: { ...admin, account_number: 'B-7' } }, 'ACCOUNT_NUMBER_MISMATCH'],
    [{ admin: { ...admin, pin_passcode: '0000' } }, 'PASSCODE_PIN_INVALID'],
    [{ admin: { ...admin, entity_name: 'Apex' } }, 'ENTITY_NAME_MISMATCH'],
    [{ location: { ...location, postal_code: '90210' } }, 'POSTAL_CODE_MISMATCH'],
  ])('is rejected for %j with %s, and goes on once it is corrected', async (wrong, code) => {
    const id = await submitted({ end_user: { admin, location, ...wrong } });
    const exception = await reaches(id, 'exception');
    expect(exception.status?.details?.map((detail) => detail.code)).toEqual([code]);
    await telnyx.portingOrders.update(id, { end_user: { admin, location } });
    await telnyx.portingOrders.actions.confirm(id);
    expect((await reaches(id, 'foc-date-confirmed')).status?.details).toEqual([]);
  });

  it('meets whatever else the losing carrier objects to, once each', async () => {
    const rejections = ['SV_CONFLICT', 'LSR_PENDING'];
    await control.call('POST', '/numbers', { phoneNumber: NUMBER, carrier: 'alpha', ...ACCOUNT, rejections });
    const id = await submitted();
    for (const code of rejections) {
      const { status, phone_numbers } = await reaches(id, 'exception');
      expect(status?.details?.[0]?.code).toBe(code);
      expect(phone_numbers?.[0]?.activation_status).toBe(code === 'SV_CONFLICT' ? 'Conflict' : 'Pending');
      await telnyx.portingOrders.actions.confirm(id);
    }
    await reaches(id, 'foc-date-confirmed');
  });

  it('is split by losing carrier and country, and refused for bad and for busy numbers', async () => {
    await control.call('POST', '/numbers', { phoneNumber: '+442079460100', carrier: 'beta' });
    const { data } = await telnyx.portingOrders.create({ phone_numbers: [NUMBER, '+442079460100'] });
    expect(data?.map(({ phone_numbers }) => phone_numbers?.map(({ phone_number }) => phone_number))).toEqual([
      [NUMBER],
      ['+442079460100'],
    ]);
    const again = telnyx.portingOrders.create({ phone_numbers: [NUMBER] });
    await expect(again).rejects.toBeInstanceOf(Telnyx.UnprocessableEntityError);
    await expect(telnyx.portingOrders.create({ phone_numbers: ['2125550100'] })).rejects.toMatchObject({
      status: 422,
      error: { errors: [{ code: '10016', source: { pointer: '/phone_numbers/0' } }] },
    });
    await telnyx.portingOrders.delete(data?.[0]?.id ?? '');
    expect((await telnyx.portingOrders.create({ phone_numbers: [NUMBER] })).data).toHaveLength(1);
  });

  it('needs its data before it can be confirmed', async () => {
    const { data } = await telnyx.portingOrders.create({ phone_numbers: [NUMBER] });
    await expect(telnyx.portingOrders.actions.confirm(data?.[0]?.id ?? '')).rejects.toMatchObject({
      status: 422,
      error: { errors: [{ source: { pointer: '/end_user/admin/entity_name' } }] },
    });
  });

  it('takes a requested date when it is late enough, else its own', async () => {
    const requested = new Date(Date.now() + 3_600_000).toISOString();
    const id = await submitted({ activation_settings: { foc_datetime_requested: requested } });
    expect((await reaches(id, 'foc-date-confirmed')).activation_settings?.foc_datetime_actual).toBe(requested);
    const { data } = await telnyx.portingOrders.retrieveAllowedFocWindows(id);
    expect(Date.parse(data?.[0]?.started_at ?? '')).toBeGreaterThan(Date.now());
  });

  it('is cancelled while there is time', async () => {
    const id = await submitted();
    await reaches(id, 'foc-date-confirmed');
    const { data } = await telnyx.portingOrders.actions.cancel(id);
    expect(data?.status?.value).toBe('cancel-pending');
    const cancelled = await reaches(id, 'cancelled');
    expect(cancelled.messaging?.messaging_port_status).toBe('canceled');
    await pause(700);
    expect((await order(id)).status?.value).toBe('cancelled');
    await expect(telnyx.portingOrders.actions.cancel(id)).rejects.toMatchObject({ status: 422 });
  });

  it('cannot be cancelled right before its date', async () => {
    await control.call('POST', '/scenario', { ports: { cancelCutOffMs: 10_000 } });
    const id = await submitted();
    await reaches(id, 'foc-date-confirmed');
    await expect(telnyx.portingOrders.actions.cancel(id)).rejects.toMatchObject({ status: 422 });
  });

  it('leaves the texts behind when messaging stays', async () => {
    const id = await submitted({ messaging: { enable_messaging: false } });
    const ported = await reaches(id, 'ported');
    expect(ported.messaging).toMatchObject({ enable_messaging: false, messaging_port_status: 'not_applicable' });
    await pause(250);
    const number = await control.call<{ sms: { carrier: string }[] }>('GET', `/numbers/${NUMBER}`);
    expect(number.sms.map(({ carrier }) => carrier)).toEqual(['alpha']);
  });
});

describe('time', () => {
  it('goes on across a restart: the order keeps its date, the texts their lag', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'simulator-port-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true }));
    await simulator.stop();
    const start = async (scenario?: ScenarioPatch) => {
      simulator = await startSimulator({ dataDir, webhookUrl: hooks.url, scenario });
      control = new Control(simulator);
      telnyx = telnyxClient(simulator);
    };
    await start({ ports: { ...FAST, smsLagMs: [500, 500] } });
    await control.call('POST', '/numbers', { phoneNumber: NUMBER, carrier: 'alpha', ...ACCOUNT });
    const id = await submitted();
    const confirmed = await reaches(id, 'foc-date-confirmed');
    await simulator.stop();
    await start();
    expect((await order(id)).activation_settings).toEqual(confirmed.activation_settings);
    await reaches(id, 'ported');
    await simulator.stop();
    await start();
    expect((await order(id)).messaging?.messaging_port_status).toBe('activating');
    await until(async () => (await order(id)).messaging?.messaging_port_completed);
  });

  it('is what a losing carrier plays for that keeps the NNID', async () => {
    await control.call('POST', '/numbers', { phoneNumber: NUMBER, carrier: 'alpha', ...ACCOUNT, keepsNnidMs: 60_000 });
    const id = await submitted();
    await reaches(id, 'ported');
    await pause(400);
    expect((await order(id)).messaging?.messaging_port_status).toBe('activating');
  });
});

describe('on-demand activation', () => {
  beforeEach(async () => {
    await control.call('POST', '/scenario', { ports: { activationWindowMs: 400 } });
    await control.call('POST', '/numbers', { phoneNumber: NUMBER, carrier: 'alpha', ...ACCOUNT, fastPortable: true });
  });

  it('waits for its order, within the window', async () => {
    const id = await submitted();
    await reaches(id, 'foc-date-confirmed');
    await expect(telnyx.portingOrders.actions.activate(id)).rejects.toMatchObject({ status: 422 });
    await until(async () => (await order(id)).phone_numbers?.[0]?.activation_status === 'Activate RDY');
    const { data } = await telnyx.portingOrders.actions.activate(id);
    expect(data).toMatchObject({ activation_type: 'on-demand', status: 'in-process' });
    await reaches(id, 'ported');
    const jobs = await telnyx.portingOrders.activationJobs.list(id);
    expect(jobs.data).toMatchObject([{ id: data?.id, status: 'completed' }]);
  });

  it('happens by itself when the window closes', async () => {
    const id = await submitted();
    const confirmed = await reaches(id, 'foc-date-confirmed');
    const focAt = Date.parse(confirmed.activation_settings?.foc_datetime_actual ?? '');
    await reaches(id, 'ported');
    expect(Date.now()).toBeGreaterThanOrEqual(focAt + 400);
  });

  it('is for FastPort orders only', async () => {
    await control.call('POST', '/numbers', { phoneNumber: NUMBER, carrier: 'alpha', ...ACCOUNT });
    const id = await submitted();
    await expect(telnyx.portingOrders.actions.activate(id)).rejects.toMatchObject({ status: 422 });
  });
});

describe('lists', () => {
  it('come in pages, filtered and sorted', async () => {
    const numbers = Array.from({ length: 7 }, (_, index) => `+1212555020${index}`);
    await control.call(
      'POST',
      '/numbers',
      numbers.map((phoneNumber) => ({ phoneNumber, carrier: 'alpha' })),
    );
    for (const [index, phoneNumber] of numbers.entries()) {
      await telnyx.portingOrders.create({ phone_numbers: [phoneNumber], customer_reference: `ref ${index % 2}` });
    }
    const listed: (string | null | undefined)[] = [];
    for await (const { customer_reference } of telnyx.portingOrders.list({ 'page[size]': 3 })) {
      listed.push(customer_reference);
    }
    expect(listed).toHaveLength(7);
    const filtered = await telnyx.portingOrders.list({
      filter: { customer_reference: 'ref 1' },
      sort: { value: 'created_at' },
      include_phone_numbers: true,
    });
    expect(filtered.data.map(({ phone_numbers }) => phone_numbers?.[0]?.phone_number)).toEqual([
      '+12125550201',
      '+12125550203',
      '+12125550205',
    ]);
    const containing = await telnyx.portingOrders.list({
      filter: { phone_numbers: { phone_number: { contains: '0206' } } },
    });
    expect(containing.data).toHaveLength(1);
  });

  it('show fifty numbers of an order, and all of them apart', async () => {
    const numbers = Array.from({ length: 60 }, (_, index) => `+121255503${String(index).padStart(2, '0')}`);
    await control.call(
      'POST',
      '/numbers',
      numbers.map((phoneNumber) => ({ phoneNumber, carrier: 'alpha' })),
    );
    const { data } = await telnyx.portingOrders.create({ phone_numbers: numbers });
    const id = data?.[0]?.id ?? '';
    expect(await order(id)).toMatchObject({ porting_phone_numbers_count: 60 });
    expect((await order(id)).phone_numbers).toHaveLength(50);
    const all: string[] = [];
    for await (const { phone_number, porting_order_id } of telnyx.portingPhoneNumbers.list({ 'page[size]': 25 })) {
      if (porting_order_id === id) all.push(phone_number ?? '');
    }
    expect(all).toEqual(numbers);
  });

  it('keep the events of an order, which can be sent again', async () => {
    const id = await submitted();
    await until(() => hooks.of('porting_order.status_changed').length >= 2);
    const events = await telnyx.porting.events.list({ filter: { porting_order_id: id } });
    const [first] = events.data;
    expect(first).toMatchObject({
      event_type: 'porting_order.status_changed',
      payload: { status: { value: 'in-process' } },
    });
    await telnyx.porting.events.republish(first?.id ?? '');
    await until(() => hooks.hooks.filter(({ payload }) => payload.status?.value === 'in-process').length === 2);
  });

  it('keep comments', async () => {
    const id = await submitted();
    await telnyx.portingOrders.comments.create(id, { body: 'Please hurry' });
    const comments = await telnyx.portingOrders.comments.list(id);
    expect(comments.data).toMatchObject([{ body: 'Please hurry', user_type: 'user', porting_order_id: id }]);
  });
});
