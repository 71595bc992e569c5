import Telnyx from 'telnyx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebhookRejected } from '../../../carriers/errors.ts';
import { TelnyxWebhook } from '../../../carriers/telnyx/webhook.ts';
import { startTelnyxApi } from './telnyx-api.ts';

let api: Awaited<ReturnType<typeof startTelnyxApi>>;
let webhook: TelnyxWebhook;

beforeAll(async () => {
  api = await startTelnyxApi();
  webhook = new TelnyxWebhook(api.publicKeyText);
});
afterAll(() => api.stop());

const parse = (body: string, headers = api.signed(body)) => webhook.parse(Buffer.from(body), headers);
const event = (event_type: string, payload: unknown, more: object = {}) =>
  JSON.stringify({
    data: { id: 'e-1', event_type, occurred_at: '2026-06-30T12:00:00.5+02:00', payload, ...more },
    meta: { attempt: 1 },
  });

function reasonOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof WebhookRejected) return error.reason;
    throw error;
  }
  return 'accepted';
}

const outbound = (status: string, errors: unknown[] = []) => ({
  id: 'm-1',
  direction: 'outbound',
  from: { phone_number: '+12025550100', carrier: 'Telnyx' },
  to: [{ phone_number: '+12025550199', status }],
  text: 'Your verification code is 471134.',
  errors,
});

describe('the signature of a webhook', () => {
  const body = event('message.finalized', outbound('delivered'));
  const now = () => Math.floor(Date.now() / 1000);

  it('is believed exactly when the official client believes it', async () => {
    const client = new Telnyx({ apiKey: 'k', publicKey: api.publicKeyText });
    const cases: [string, Record<string, string>][] = [
      [body, api.signed(body)],
      [body, api.signed(body, String(now() - 290))],
      [body, api.signed(body, String(now() - 310))],
      [body, api.signed(body, String(now() + 310))],
      [`${body} `, api.signed(body)],
      [body, { ...api.signed(body), 'telnyx-timestamp': String(now() - 1) }],
      [body, { ...api.signed(body), 'telnyx-signature-ed25519': '' }],
      [body, {}],
    ];
    for (const [text, headers] of cases) {
      const theirs = await client.webhooks.unwrap(text, { headers }).then(
        () => 'accepted',
        () => 'rejected',
      );
      const ours =
        reasonOf(() => parse(text, headers as ReturnType<typeof api.signed>)) === 'accepted' ? 'accepted' : 'rejected';
      expect(ours).toBe(theirs);
    }
  });

  it('says what is wrong with it', () => {
    expect(reasonOf(() => parse(body, api.signed(body, String(now() - 301))))).toBe('webhook-too-old');
    expect(reasonOf(() => parse(`${body} `, api.signed(body)))).toBe('webhook-signature-invalid');
    expect(reasonOf(() => webhook.parse(Buffer.from(body), {}))).toBe('webhook-signature-invalid');
    expect(reasonOf(() => parse(body, { ...api.signed(body), 'telnyx-timestamp': 'soon' }))).toBe(
      'webhook-signature-invalid',
    );
    expect(reasonOf(() => parse(body, { ...api.signed(body), 'telnyx-signature-ed25519': '%%%' }))).toBe(
      'webhook-signature-invalid',
    );
  });
});

describe('the events of a webhook', () => {
  it.each([
    [
      'portout.status_changed',
      { id: 'po-1', attempted_pin: '4711', phone_numbers: ['+12025550100'], status: 'pending' },
    ],
    ['portout.foc_date_changed', { id: 'po-1', foc_date: '2026-07-01T00:00:00Z' }],
    ['portout.new_comment', { id: 'c-1', portout_id: 'po-1', comment: 'Hello' }],
  ])('%s is a hint to read the port-out', (name, payload) => {
    const body = event(name, payload);
    expect(parse(body)).toEqual([
      { type: 'port-out', eventId: 'e-1', at: '2026-06-30T10:00:00.500Z', raw: body, carrierPortOutId: 'po-1', name },
    ]);
  });

  it.each([
    ['message.sent', 'sent', [], { state: 'ENROUTE' }],
    ['message.finalized', 'delivered', [], { state: 'DELIVRD' }],
    [
      'message.finalized',
      'delivery_failed',
      [{ code: '40008', title: 'Undeliverable' }],
      { state: 'UNDELIV', code: '40008' },
    ],
    ['message.finalized', 'sending_failed', [{ code: 40300, title: 'STOP' }], { state: 'REJECTD', code: '40300' }],
    ['message.finalized', 'expired', [], { state: 'EXPIRED' }],
    ['message.finalized', 'delivery_unconfirmed', [], { state: 'UNKNOWN' }],
    ['message.finalized', 'teleported', [], { state: 'UNKNOWN' }],
  ])('%s with %s is a receipt', (type, status, errors, said) => {
    const body = event(type, outbound(status, errors));
    expect(parse(body)).toEqual([
      {
        type: 'receipt',
        eventId: 'e-1',
        at: '2026-06-30T10:00:00.500Z',
        raw: body,
        carrierMessageId: 'm-1',
        from: '+12025550100',
        to: '+12025550199',
        textStart: 'Your verification co',
        ...said,
      },
    ]);
  });

  it('reads an inbound text, with its letters and without a part', () => {
    const payload = {
      id: 'in-1',
      from: { phone_number: '+12025550199', carrier: 'X', line_type: 'Wireless' },
      to: [{ phone_number: '+12025550100', status: 'webhook_delivered' }],
      text: 'Größe 🙂',
      received_at: '2026-06-30T11:59:59Z',
      media: [],
    };
    expect(parse(event('message.received', payload))).toMatchObject([
      {
        type: 'inbound',
        eventId: 'in-1',
        at: '2026-06-30T11:59:59.000Z',
        from: '+12025550199',
        to: '+12025550100',
        text: 'Größe 🙂',
      },
    ]);
  });

  it.each([
    ['porting_order.status_changed', { id: 'o-1', status: { value: 'exception' } }, ['o-1']],
    ['porting_order.messaging_changed', { id: 'o-1', messaging: {} }, ['o-1']],
    ['porting_order.new_comment', { porting_order_id: 'o-1', comment: { id: 'c-1', body: 'hi' } }, ['o-1']],
    ['porting_order.split', { from: { id: 'o-1' }, to: { id: 'o-2' }, porting_phone_numbers: [] }, ['o-1', 'o-2']],
    ['porting_order.sharing_token_expired', null, []],
    ['messaging_hosted_numbers_orders.updated', { order_id: 'h-1', order_status: 'provisioning' }, ['h-1']],
    ['messaging_hosted_numbers_orders.internal_transfer_rejected', { order_id: 'h-1', decision: 'rejected' }, ['h-1']],
  ])('%s names its orders', (type, payload, orders) => {
    const events = parse(event(type, payload));
    expect(events.map((each) => each.type === 'order' && [each.carrierOrderId, each.name])).toEqual(
      orders.map((id) => [id, type]),
    );
    expect(new Set(events.map((each) => each.eventId)).size).toBe(orders.length);
  });

  it('ignores what means nothing to us', () => {
    expect(parse(event('call.hangup', { call_leg_id: '1' }))).toEqual([]);
  });

  it.each([
    ['no JSON', '{'],
    ['no event', '{}'],
    ['an event without an id', event('message.received', {}, { id: '' })],
    ['a message without a recipient', event('message.finalized', { ...outbound('delivered'), to: [] })],
    ['a text without a sender', event('message.received', { id: 'in-1', to: [{ phone_number: '+1' }] })],
  ])('rejects %s, without repeating it', (_, body) => {
    expect(reasonOf(() => parse(body))).toBe('webhook-malformed');
    expect(() => parse(body)).not.toThrow(/2025550/);
  });
});
