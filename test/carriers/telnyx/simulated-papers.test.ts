import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OrderDocument, OrderSnapshot, PortOrderRequest } from '../../../carriers/carrier.ts';
import { telnyxClient } from '../../../carriers/telnyx/client.ts';
import { TelnyxPorting } from '../../../carriers/telnyx/porting.ts';
import { TelnyxWebhook } from '../../../carriers/telnyx/webhook.ts';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import { HookReceiver } from '../../simulator/telnyx-client.ts';

let simulator: Simulator;
let porting: TelnyxPorting;
let hooks: HookReceiver;

const account = { accountNumber: 'A-1', pin: '4321', postalCode: '20001', name: 'Example Inc' };
const number = (index: number) => `+1202555${String(4000 + index)}`;

beforeAll(async () => {
  hooks = await HookReceiver.start();
  simulator = await startSimulator({
    webhookUrl: hooks.url,
    scenario: { ports: { reviewMs: 10, losingReviewMs: 10, focLeadMs: 60_000, documentReviewMs: 50 } },
  });
  const { baseUrl, apiKey } = simulator.telnyx;
  porting = new TelnyxPorting('telnyx', telnyxClient({ baseUrl, apiKey, timeoutMs: 2_000 }));
});
afterAll(async () => {
  await simulator.stop();
  await hooks.stop();
});

function requestFor(phoneNumber: string): PortOrderRequest {
  const { postalCode, accountNumber, pin, name: entityName } = account;
  return {
    reference: `port ${phoneNumber}`,
    phoneNumbers: [phoneNumber],
    messagingPlan: 'move',
    portType: 'full',
    subscriber: {
      name: 'Ann Example',
      entityName,
      accountNumber,
      pin,
      serviceAddress: { street: '1 Main St', city: 'Washington', region: 'DC', postalCode, country: 'US' },
      authorizedBy: 'Ann Example',
    },
    activation: 'automatic',
  };
}

const paper = (kind: OrderDocument['kind'], reference = `${kind}-1`): OrderDocument => ({
  reference,
  kind,
  contentType: 'application/pdf',
  fileName: `${kind}.pdf`,
  content: async () => Buffer.from('%PDF-1.7\n%%EOF\n'),
});

const until = (id: string, ready: (snapshot: OrderSnapshot) => boolean) =>
  vi.waitFor(
    async () => {
      const snapshot = await porting.readOrder(id);
      expect(ready(snapshot), snapshot.carrierState).toBe(true);
      return snapshot;
    },
    { timeout: 5_000, interval: 20 },
  );

describe('papers and comments at the simulated Telnyx', () => {
  it('an order whose losing carrier wants documents is confirmed with them, attached before it is submitted', async () => {
    simulator.world.numbers.provision([
      { phoneNumber: number(0), carrier: 'alpha', ...account, requiresDocuments: ['loa', 'invoice'] },
    ]);
    const papers = [paper('loa', 'a-loa'), paper('invoice', 'a-invoice'), paper('identity', 'a-id')];
    const { carrierOrderId } = await porting.submitOrder(requestFor(number(0)), (orderId) =>
      porting.documents.attach(orderId, papers),
    );
    await until(carrierOrderId, ({ state }) => state === 'foc-confirmed');
    const [order] = (await (await fetch(`${simulator.url}/orders`)).json()) as {
      documents: object;
      additionalDocuments: object[];
    }[];
    expect(order?.documents).toEqual({ loa: expect.any(String), invoice: expect.any(String) });
    expect(order?.additionalDocuments).toMatchObject([{ type: 'other' }]);
  });

  it('without them it is in exception, a comment says which; with them it goes on', async () => {
    simulator.world.numbers.provision([
      { phoneNumber: number(1), carrier: 'alpha', ...account, requiresDocuments: ['loa', 'invoice'] },
    ]);
    const { carrierOrderId } = await porting.submitOrder(requestFor(number(1)), (orderId) =>
      porting.documents.attach(orderId, [paper('loa', 'b-loa')]),
    );
    const refused = await until(carrierOrderId, ({ state }) => state === 'exception');
    expect(refused.rejections).toMatchObject([{ code: 'OTHER' }]);
    expect(await porting.comments.list(carrierOrderId)).toMatchObject([
      { from: 'carrier', text: expect.stringContaining('invoice') },
    ]);
    // Its webhook is a hint about the comments, not about the order.
    const hook = await vi.waitFor(() => {
      const found = hooks.hooks.find(({ type }) => type === 'porting_order.new_comment');
      expect(found).toBeDefined();
      return found;
    });
    const parsed = new TelnyxWebhook(simulator.telnyx.webhookPublicKey).parse(
      Buffer.from(hook?.body ?? ''),
      hook?.headers ?? {},
    );
    expect(parsed).toMatchObject([{ type: 'order', carrierOrderId, about: 'comments' }]);
    expect(await porting.comments.listCommentedOrders(new Date(Date.now() - 60_000).toISOString())).toContain(
      carrierOrderId,
    );

    await porting.documents.attach(carrierOrderId, [paper('loa', 'b-loa'), paper('invoice', 'b-invoice')]);
    await porting.supplementOrder(carrierOrderId, requestFor(number(1)));
    await until(carrierOrderId, ({ state }) => state === 'foc-confirmed');
  });

  it('reviews what it got: some is denied', async () => {
    simulator.world.numbers.provision([
      { phoneNumber: number(2), carrier: 'alpha', ...account, deniedDocuments: ['invoice'] },
    ]);
    const { carrierOrderId } = await porting.submitOrder(requestFor(number(2)));
    // The order is with the losing carrier: the list takes them all.
    const handed = await porting.documents.attach(carrierOrderId, [
      paper('loa', 'c-loa'),
      paper('invoice', 'c-invoice'),
    ]);
    const ids = [...handed.values()].map((each) => each.carrierDocumentId);
    await vi.waitFor(async () =>
      expect(await porting.documents.review(ids)).toMatchObject([{ state: 'accepted' }, { state: 'refused' }]),
    );
  });

  it('takes our comments, and lets its people write', async () => {
    simulator.world.numbers.provision([{ phoneNumber: number(3), carrier: 'alpha', ...account }]);
    const { carrierOrderId } = await porting.submitOrder(requestFor(number(3)));
    await porting.comments.add(carrierOrderId, 'When?');
    await fetch(`${simulator.url}/orders/${carrierOrderId}/comments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ body: 'Tomorrow.' }),
    });
    expect(await porting.comments.list(carrierOrderId)).toMatchObject([
      { from: 'us', text: 'When?' },
      { from: 'carrier', text: 'Tomorrow.' },
    ]);
  });
});
