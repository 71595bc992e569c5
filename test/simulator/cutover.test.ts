import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { Control } from './control.ts';
import { headerOf, SmppClient, textOf } from './smpp-client.ts';
import { HookReceiver, telnyxClient } from './telnyx-client.ts';
import { pause, until } from './until.ts';

const NUMBER = '+12125550100';
const SUBSCRIBER = '+447700900123';

let simulator: Simulator;
let control: Control;
let hooks: HookReceiver;
let alpha: SmppClient;

beforeEach(async () => {
  hooks = await HookReceiver.start();
  simulator = await startSimulator({ webhookUrl: hooks.url, seed: 11 });
  control = new Control(simulator);
  alpha = await SmppClient.bound(simulator, 'alpha');
});
afterEach(async () => {
  await alpha.close();
  await simulator.stop();
  await hooks.stop();
});

/** Ports the number; the texts follow `smsLagMs` after voice. */
async function ported({
  smsLagMs,
  keepsAccepting = false,
}: {
  smsLagMs: number;
  keepsAccepting?: boolean;
}): Promise<void> {
  const account = { accountNumber: '1', pin: '2', postalCode: '3', name: 'Acme' };
  await control.call('POST', '/numbers', { phoneNumber: NUMBER, carrier: 'alpha', keepsAccepting, ...account });
  await control.call('POST', '/scenario', {
    ports: {
      reviewMs: 10,
      losingReviewMs: 10,
      focLeadMs: 50,
      activationMs: 10,
      smsLagMs: [smsLagMs, smsLagMs],
      overlapMs: 1500,
    },
  });
  const telnyx = telnyxClient(simulator);
  const { data } = await telnyx.portingOrders.create({ phone_numbers: [NUMBER] });
  const id = data?.[0]?.id ?? '';
  await telnyx.portingOrders.update(id, {
    end_user: {
      admin: { entity_name: 'Acme', auth_person_name: 'Jo', account_number: '1', pin_passcode: '2' },
      location: { street_address: 's', locality: 'l', postal_code: '3', country_code: 'US' },
    },
  });
  await telnyx.portingOrders.actions.confirm(id);
  await until(() => hooks.of('porting_order.status_changed').some(({ payload }) => payload.status.value === 'ported'));
}

const smsCarrier = async () => {
  const { sms } = await control.call<{ sms: { carrier: string }[] }>('GET', `/numbers/${NUMBER}`);
  return sms.at(-1)?.carrier;
};
const messagingMoved = () => until(async () => (await smsCarrier()) === 'telnyx');
const sendAtTelnyx = (text: string) => telnyxClient(simulator).messages.send({ from: NUMBER, to: SUBSCRIBER, text });
const write = (...texts: string[]) =>
  control.call(
    'POST',
    '/texts',
    texts.map((text) => ({ from: SUBSCRIBER, to: NUMBER, text })),
  );
const allArrived = () => until(async () => (await control.summary()).inbound.undelivered === 0);

describe('between voice and texts', () => {
  it('the gaining carrier refuses with 40151, the losing one still carries both ways', async () => {
    await ported({ smsLagMs: 60_000 });
    await expect(sendAtTelnyx('too early')).rejects.toMatchObject({
      status: 409,
      error: { errors: [{ code: '40151' }] },
    });
    await alpha.submit({ text: 'still this way' });
    await write('and back');
    await alpha.receipt();
    await until(() => alpha.delivered.some((pdu) => textOf(pdu) === 'and back'));
    expect(await control.entries('delivered')).toMatchObject([{ carrier: 'alpha', text: 'still this way' }]);
    expect(hooks.of('message.received')).toEqual([]);
  });

  it('a losing carrier that keeps accepting sends receipts for texts that never arrive', async () => {
    await ported({ smsLagMs: 60_000, keepsAccepting: true });
    await alpha.submit({ text: 'into the void' });
    expect(await alpha.receipt()).toContain('stat:DELIVRD');
    expect(await control.entries('false-receipt')).toMatchObject([{ carrier: 'alpha', text: 'into the void' }]);
    expect((await control.summary()).outbound).toMatchObject({
      delivered: 0,
      acceptedNotDelivered: 1,
      falseReceipts: 1,
    });
  });

  it('the same carrier is honest until the texts move, if the scenario says so', async () => {
    await control.call('POST', '/scenario', { ports: { falseReceiptsFrom: 'messaging-moved' } });
    await ported({ smsLagMs: 300, keepsAccepting: true });
    await alpha.submit({ text: 'true' });
    await messagingMoved();
    await alpha.submit({ text: 'false' });
    await until(() => alpha.receipts().length === 2);
    expect((await control.entries('delivered')).map(({ text }) => text)).toEqual(['true']);
    expect((await control.entries('false-receipt')).map(({ text }) => text)).toEqual(['false']);
  });

  it('the gaining carrier keeps texts between its own numbers to itself', async () => {
    await ported({ smsLagMs: 60_000 });
    await control.call('POST', '/numbers', { phoneNumber: '+13125550100', carrier: 'telnyx' });
    await telnyxClient(simulator).messages.send({ from: '+13125550100', to: NUMBER, text: 'proves nothing' });
    await until(() => hooks.of('message.received').length === 1);
    await control.call('POST', '/numbers', { phoneNumber: '+12125550199', carrier: 'alpha' });
    await alpha.submit({ from: '+12125550199', to: NUMBER, text: 'from outside' });
    await until(() => alpha.delivered.some((pdu) => textOf(pdu) === 'from outside'));
  });
});

describe('once the texts have moved', () => {
  it('the gaining carrier sends, the losing one refuses', async () => {
    await ported({ smsLagMs: 10 });
    await messagingMoved();
    await sendAtTelnyx('this way');
    expect((await alpha.submit({ text: 'the old way' })).command_status).toBe(0x0a);
    await until(async () => (await control.entries('delivered')).length === 1);
  });

  it('both carriers bring inbound texts for a while: each by one of them or by both', async () => {
    await ported({ smsLagMs: 10 });
    await messagingMoved();
    const texts = Array.from({ length: 30 }, (_, index) => `text ${index}`);
    await write(...texts);
    await allArrived();
    const { inbound } = await control.texts();
    const ways = new Set(inbound.map(({ delivered }) => Object.keys(delivered).sort().join(' and ')));
    await until(async () => (await control.summary()).inbound.copied > 3);
    expect(ways).toContain('alpha');
    expect(ways).toContain('telnyx');
    expect(inbound.every(({ delivered }) => Object.values(delivered).every((copies) => copies === 1))).toBe(true);
  });

  it('only the gaining one afterwards', async () => {
    await ported({ smsLagMs: 10 });
    await messagingMoved();
    await pause(1550);
    await write(...Array.from({ length: 10 }, (_, index) => `text ${index}`));
    await allArrived();
    expect((await control.entries('mo-delivered')).map(({ carrier }) => carrier)).toEqual(Array(10).fill('telnyx'));
  });
});

describe('a long text in the overlap of two carriers that deliver segments', () => {
  it('may come in halves, one by each, under one reference', async () => {
    const beta = await SmppClient.bound(simulator, 'beta');
    await control.call('POST', '/numbers', { phoneNumber: NUMBER, carrier: 'alpha' });
    await control.call('POST', `/numbers/${NUMBER}/routes`, { sms: 'beta', overlapMs: 60_000 });
    await control.call('POST', '/scenario', { ports: { bothRate: 0, splitRate: 1 } });
    await write('Long texts are torn apart. '.repeat(15));
    await allArrived();
    const parts = [...alpha.delivered, ...beta.delivered];
    expect(alpha.delivered.length).toBeGreaterThan(0);
    expect(beta.delivered.length).toBeGreaterThan(0);
    expect(new Set(parts.map((pdu) => headerOf(pdu)?.[2])).size).toBe(1);
    expect((await control.entries('mo-delivered')).map(({ carrier }) => carrier?.split('+').sort())).toEqual([
      ['alpha', 'beta'],
    ]);
    await beta.close();
  });
});

describe('a number that has left us', () => {
  it('gets no texts through our carriers any more', async () => {
    await control.call('POST', '/numbers', { phoneNumber: NUMBER, carrier: 'alpha' });
    await control.call('POST', `/numbers/${NUMBER}/routes`, { voice: 'foreign', sms: 'foreign' });
    await write('anyone?');
    await until(async () => (await control.entries('mo-rejected')).length === 1);
    expect((await alpha.submit()).command_status).toBe(0x0a);
  });
});
