import Telnyx from 'telnyx';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import { Control } from '../control.ts';
import { HookReceiver, telnyxClient } from '../telnyx-client.ts';
import { pause, until } from '../until.ts';

const FROM = '+13125550100';
const TO = '+447700900123';

let simulator: Simulator;
let control: Control;
let telnyx: Telnyx;
let hooks: HookReceiver;

beforeEach(async () => {
  hooks = await HookReceiver.start();
  simulator = await startSimulator({ webhookUrl: hooks.url, scenario: { webhooks: { retryMs: [30, 100] } } });
  control = new Control(simulator);
  telnyx = telnyxClient(simulator);
  await control.call('POST', '/numbers', { phoneNumber: FROM, carrier: 'telnyx' });
});
afterEach(async () => {
  await simulator.stop();
  await hooks.stop();
});

const send = (text = 'Hello', to = TO, from = FROM) => telnyx.messages.send({ from, to, text });
const patch = (change: object) => control.call('POST', '/scenario', change);
const inbound = (text: string) => control.call('POST', '/texts', { from: TO, to: FROM, text });
const finalized = () => hooks.of('message.finalized');

describe('a text out', () => {
  it('is queued, sent, delivered, and can be read back', async () => {
    const { data } = await send('Ünïcode ✓');
    expect(data).toMatchObject({
      direction: 'outbound',
      from: { phone_number: FROM },
      to: [{ phone_number: TO, status: 'queued' }],
      encoding: 'UCS-2',
      parts: 1,
    });
    await until(() => finalized().length === 1 && hooks.of('message.sent').length === 1);
    expect(finalized()[0]?.payload).toMatchObject({
      id: data?.id,
      text: 'Ünïcode ✓',
      to: [{ status: 'delivered' }],
      errors: [],
    });
    expect((await telnyx.messages.retrieve(data?.id ?? '')).data).toMatchObject({ to: [{ status: 'delivered' }] });
    expect((await control.summary()).outbound).toMatchObject({ texts: 1, acceptedOnce: 1, delivered: 1 });
  });

  it.each([
    ['40305', 400, { from: '+13125559999' }],
    ['40310', 400, { to: 'nobody' }],
  ])('is refused with %s', async (code, status, { from, to }: { from?: string; to?: string }) => {
    await expect(send('Hello', to, from)).rejects.toMatchObject({ status, error: { errors: [{ code }] } });
    expect(await control.entries('refused')).toMatchObject([{ code, carrier: 'telnyx' }]);
  });

  it('fails later with the code and status of the reference', async () => {
    await patch({
      recipients: [
        { phoneNumber: '+447700900101', outcome: 'failed', code: '40001' },
        { phoneNumber: '+447700900102', outcome: 'failed', code: '40005' },
        { phoneNumber: '+447700900103', outcome: 'refused', code: '40012' },
      ],
    });
    await send('a', '+447700900101');
    await send('b', '+447700900102');
    await expect(send('c', '+447700900103')).rejects.toMatchObject({ status: 400 });
    await until(() => finalized().length === 2);
    const ends = finalized().map(({ payload }) => [payload.to[0].status, payload.errors[0].code]);
    expect(ends).toContainEqual(['delivery_failed', '40001']);
    expect(ends).toContainEqual(['expired', '40005']);
  });

  it('is throttled with Retry-After, and refused while the service is down', async () => {
    await patch({ carriers: { telnyx: { throttleRate: 1, retryAfterMs: 2000 } } });
    const throttled = await send().catch((error) => error);
    expect(throttled).toBeInstanceOf(Telnyx.RateLimitError);
    expect(throttled.headers.get('retry-after')).toBe('2');
    await patch({ carriers: { telnyx: { throttleRate: 0 } } });
    await control.call('POST', '/carriers/telnyx/down', { forMs: 200 });
    await expect(send()).rejects.toMatchObject({ status: 503 });
    await expect(telnyx.portingOrders.list()).rejects.toMatchObject({ status: 503 });
    await pause(220);
    await send();
  });

  it.each([
    ['cutUntakenRate', 0],
    ['cutBeforeAnswerRate', 1],
    ['noAnswerRate', 1],
  ] as const)('is in doubt with %s: %i arrives', async (rate, arrived) => {
    await patch({ carriers: { telnyx: { [rate]: 1 } } });
    const hasty = telnyx.messages.send({ from: FROM, to: TO, text: 'Hello' }, { timeout: 300 });
    await expect(hasty).rejects.toBeInstanceOf(Telnyx.APIConnectionError);
    await pause(150);
    expect(await control.entries('delivered')).toHaveLength(arrived);
    expect(finalized().map(({ payload }) => payload.text)).toEqual(Array(arrived).fill('Hello'));
  });

  it('may be reported before it is answered', async () => {
    await patch({ recipients: [{ phoneNumber: TO, outcome: 'delivered', receipt: 'before-answer' }] });
    const { data } = await send();
    expect(finalized()).toHaveLength(1);
    expect(data?.to?.[0]?.status).toBe('queued');
  });
});

describe('webhooks', () => {
  it('come again until they are taken, signed anew', async () => {
    hooks.status = 500;
    await inbound('Yes');
    await until(() => hooks.hooks.length === 3);
    expect(await control.entries('mo-delivered')).toEqual([]);
    hooks.status = 200;
    await until(async () => (await control.entries('mo-delivered')).length === 1);
    expect(new Set(hooks.hooks.map(({ id }) => id)).size).toBe(1);
    expect(hooks.hooks.map(({ attempt }) => attempt).slice(0, 3)).toEqual([1, 2, 3]);
    expect(hooks.hooks[0]?.payload).toMatchObject({
      direction: 'inbound',
      from: { phone_number: TO },
      to: [{ phone_number: FROM }],
      text: 'Yes',
    });
  });

  it('wait for an address', async () => {
    await patch({ webhooks: { url: null } });
    await inbound('Yes');
    await pause(150);
    expect(hooks.hooks).toEqual([]);
    await patch({ webhooks: { url: hooks.url } });
    await until(() => hooks.of('message.received').length === 1);
  });

  it('are doubled, and dropped unless they bring a text', async () => {
    await patch({ webhooks: { doubleRate: 1, dropRate: 1 } });
    await send();
    await inbound('Yes');
    await until(() => hooks.hooks.length === 2);
    await pause(150);
    expect(hooks.hooks.map(({ type }) => type)).toEqual(['message.received', 'message.received']);
    expect(hooks.hooks[0]?.id).toBe(hooks.hooks[1]?.id);
  });

  it('overtake each other', async () => {
    await patch({ webhooks: { lateRate: 0.5, lateMs: [200, 300] } });
    const texts = Array.from({ length: 10 }, (_, index) => `text ${index}`);
    for (const text of texts) {
      await inbound(text);
      await pause(20);
    }
    await until(() => hooks.hooks.length === 10);
    const order = hooks.hooks.map(({ payload }) => payload.text);
    expect(order).not.toEqual(texts);
    expect([...order].sort()).toEqual(texts);
  });
});

describe('STOP', () => {
  it('is answered by the carrier, blocks our texts, and is lifted by START', async () => {
    await inbound(' stop ');
    const [received] = await until(() => hooks.of('message.received').length === 1 && hooks.of('message.received'));
    expect(received?.payload).toMatchObject({ text: ' stop ', autoresponse_type: 'STOP' });
    expect(await control.entries('auto-reply')).toMatchObject([{ from: FROM, to: TO }]);
    await expect(send()).rejects.toMatchObject({ status: 409, error: { errors: [{ code: '40300' }] } });
    await send('Hello', '+447700900199');
    expect((await telnyx.messagingOptouts.list()).data).toMatchObject([{ from: FROM, to: TO, keyword: 'STOP' }]);
    await inbound('START');
    await until(() => hooks.of('message.received').length === 2);
    await send();
  });

  it.each(['REVOKE', 'OPT OUT', 'STOP PLEASE'])('is not what the carrier reads in %j', async (text) => {
    await inbound(text);
    await until(() => hooks.of('message.received').length === 1);
    expect(await control.entries('auto-reply')).toEqual([]);
    await send();
  });
});

describe('number lookup', () => {
  it('agrees with the portability database, but for its own lag', async () => {
    await control.call('POST', '/numbers', { phoneNumber: '+12125550100', carrier: 'alpha' });
    const looked = async () => (await telnyx.numberLookup.retrieve('+12125550100', { type: 'carrier' })).data;
    expect(await looked()).toMatchObject({
      country_code: 'US',
      phone_number: '+12125550100',
      portability: { ported_status: 'N', spid: '1234', lrn: '', spid_carrier_name: 'Alpha Telecom' },
    });
    await patch({ ports: { lookupLagMs: 200 } });
    await control.call('POST', '/numbers/+12125550100/routes', { voice: 'telnyx' });
    expect((await looked())?.portability?.ported_status).toBe('N');
    await pause(220);
    expect((await looked())?.portability).toMatchObject({ ported_status: 'Y', spid: '073H' });
  });

  it('knows nothing of a foreign number, and refuses what is none', async () => {
    expect((await telnyx.numberLookup.retrieve(TO)).data?.portability).toMatchObject({ ported_status: '', spid: '' });
    await expect(telnyx.numberLookup.retrieve('12')).rejects.toMatchObject({ status: 422 });
  });
});
