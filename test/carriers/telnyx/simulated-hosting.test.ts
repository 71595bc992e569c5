import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OrderSnapshot, PortOrderRequest } from '../../../carriers/carrier.ts';
import type { OrderPapers } from '../../../carriers/order-papers.ts';
import { telnyxClient } from '../../../carriers/telnyx/client.ts';
import { TelnyxHosting } from '../../../carriers/telnyx/hosting.ts';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';

let simulator: Simulator;
let hosting: TelnyxHosting;

const numbers = Array.from({ length: 10 }, (_, index) => `+1202555${String(3100 + index)}`);
const file = (content: string) => ({
  fileName: 'a.pdf',
  contentType: 'application/pdf',
  content: Buffer.from(content),
});
const papers: OrderPapers = { loa: file('%PDF-1.7'), bill: file('%PDF-1.4') };

beforeAll(async () => {
  simulator = await startSimulator({
    scenario: {
      // So long that a busy machine sees the order before its review, and asks again before the texts are gone.
      hosting: { reviewMs: 600, provisioningMs: 50, removalMs: 1500 },
      ports: { smsLagMs: [20, 60], overlapMs: 0 },
    },
  });
  simulator.world.numbers.provision(numbers.map((phoneNumber) => ({ phoneNumber, carrier: 'alpha' })));
  const options = { baseUrl: simulator.telnyx.baseUrl, apiKey: simulator.telnyx.apiKey, timeoutMs: 2_000 };
  hosting = new TelnyxHosting('telnyx', telnyxClient(options));
});
afterAll(() => simulator.stop());

const requestFor = (phoneNumbers: readonly string[], given: OrderPapers = papers): PortOrderRequest => ({
  reference: 'port-a',
  phoneNumbers,
  messagingPlan: 'messaging-only',
  portType: 'full',
  subscriber: {
    name: 'Ann Example',
    accountNumber: 'A-1',
    serviceAddress: { street: '1 Main St', city: 'Washington', postalCode: '20001', country: 'US' },
    authorizedBy: 'Ann Example',
  },
  activation: 'automatic',
  papers: async () => given,
});

async function until(id: string, ready: (snapshot: OrderSnapshot) => boolean): Promise<OrderSnapshot> {
  return vi.waitFor(
    async () => {
      const snapshot = await hosting.readOrder(id);
      expect(ready(snapshot), `${snapshot.carrierState}`).toBe(true);
      return snapshot;
    },
    { timeout: 8_000, interval: 20 },
  );
}

const routeOf = (phoneNumber = '') => simulator.world.numbers.smsRoute(phoneNumber)?.carrier;

describe('texts alone at the simulated Telnyx', () => {
  it('come here while the number stays with its carrier, and go back', async () => {
    const ordered = numbers.slice(0, 2);
    expect(await hosting.checkPortability([...ordered, '+12025559999'])).toMatchObject([
      { portable: true },
      { portable: true },
      { portable: false, reason: 'NUMBER_CAN_NOT_BE_VALIDATED' },
    ]);
    const { carrierOrderId, state } = await hosting.submitOrder(requestFor(ordered));
    expect(state).toBe('submitted');
    expect(await hosting.submitOrder(requestFor(ordered))).toMatchObject({ carrierOrderId });
    const moved = await until(carrierOrderId, (order) => order.state === 'ported');
    expect(moved.numbers.map(({ messaging }) => messaging)).toEqual(['active', 'active']);
    expect(ordered.map(routeOf)).toEqual(['telnyx', 'telnyx']);
    expect(simulator.world.numbers.voiceCarrier(ordered[0] ?? '')).toBe('alpha');

    expect(await hosting.listHosted(numbers)).toEqual(ordered);
    expect(await hosting.removeTexts(ordered.slice(0, 1))).toEqual(ordered.slice(0, 1));
    await vi.waitFor(async () => expect(await hosting.removeTexts(ordered.slice(0, 1))).toEqual([]), {
      timeout: 8_000,
      interval: 100,
    });
    expect(ordered.map(routeOf)).toEqual(['alpha', 'telnyx']);
  });

  it('wait for papers that can be read', async () => {
    const ordered = numbers.slice(2, 3);
    const first = await hosting.submitOrder(requestFor(ordered, {}));
    expect(first).toMatchObject({ state: 'draft', carrierState: 'pending', rejections: [{}, {}] });
    await hosting.submitOrder(requestFor(ordered, { ...papers, loa: file('a photo') }));
    const refused = await until(first.carrierOrderId, ({ state }) => state === 'exception');
    expect(refused.rejections).toMatchObject([{ code: 'LOA_FILE_INVALID' }]);
    await hosting.supplementOrder(first.carrierOrderId, requestFor(ordered));
    await until(first.carrierOrderId, ({ state }) => state === 'ported');
  });

  it('wait for the code of each number where the carrier wants one', async () => {
    simulator.world.setScenario(simulator.world.scenario, { hosting: { codes: true } });
    const [number = ''] = numbers.slice(3);
    const { carrierOrderId } = await hosting.submitOrder(requestFor([number]));
    expect(await hosting.sendCodes(carrierOrderId, [number], 'call')).toEqual([{ phoneNumber: number, sent: true }]);
    const answer = await fetch(`${simulator.url}/numbers/${encodeURIComponent(number)}/code`);
    const { code } = (await answer.json()) as { code: string };
    const give = (given: string) => hosting.checkCodes(carrierOrderId, [{ phoneNumber: number, code: given }]);
    expect(await give('0')).toEqual([{ phoneNumber: number, verified: false }]);
    expect(await hosting.readOrder(carrierOrderId)).toMatchObject({ carrierState: 'pending' });
    expect(await give(code)).toEqual([{ phoneNumber: number, verified: true }]);
    await until(carrierOrderId, ({ state }) => state === 'ported');
    simulator.world.setScenario(simulator.world.scenario, { hosting: { codes: false } });
  });

  it('stay where they were when a number, or the order, is refused or cancelled', async () => {
    const [failing = '', rejected = '', cancelled = ''] = numbers.slice(4);
    simulator.world.numbers.provision([
      { phoneNumber: failing, carrier: 'alpha', rejections: ['failed_number_already_hosted'] },
      { phoneNumber: rejected, carrier: 'alpha', rejections: ['carrier_rejected'] },
    ]);
    const partly = await hosting.submitOrder(requestFor([failing, numbers[7] ?? '']));
    const settled = await until(partly.carrierOrderId, ({ state }) => state === 'ported');
    expect(settled.numbers.map(({ messaging }) => messaging)).toEqual(['exception', 'active']);
    expect(settled.rejections).toMatchObject([{ code: 'FAILED_NUMBER_ALREADY_HOSTED' }]);

    const refused = await hosting.submitOrder(requestFor([rejected]));
    await until(refused.carrierOrderId, ({ carrierState }) => carrierState === 'carrier_rejected');

    simulator.world.setScenario(simulator.world.scenario, { hosting: { reviewMs: 60_000 } });
    const late = await hosting.submitOrder(requestFor([cancelled]));
    expect(await hosting.cancelOrder(late.carrierOrderId)).toMatchObject({ state: 'cancelled' });
    expect([failing, rejected, cancelled].map(routeOf)).toEqual(['alpha', 'alpha', 'alpha']);

    const changed = new Map<string, string>();
    for await (const { carrierOrderId, carrierState } of hosting.listChangedOrders()) {
      changed.set(carrierOrderId, carrierState);
    }
    expect(changed.get(late.carrierOrderId)).toBe('deleted');
    expect(changed.get(refused.carrierOrderId)).toBe('carrier_rejected');
  });
});
