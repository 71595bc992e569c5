import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OrderSnapshot, PortOrderRequest } from '../../../carriers/carrier.ts';
import { telnyxClient } from '../../../carriers/telnyx/client.ts';
import { TelnyxPorting } from '../../../carriers/telnyx/porting.ts';
import { TelnyxLookup } from '../../../npdb/telnyx/telnyx-lookup.ts';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';

let simulator: Simulator;
let porting: TelnyxPorting;
let lookup: TelnyxLookup;

const numbers = Array.from({ length: 60 }, (_, index) => `+1202555${String(3000 + index)}`);
const account = { accountNumber: 'A-1', pin: '4321', postalCode: '20001', name: 'Example Inc' };

beforeAll(async () => {
  simulator = await startSimulator({
    scenario: {
      ports: {
        reviewMs: 20,
        losingReviewMs: 20,
        focLeadMs: 100,
        activationMs: 20,
        smsLagMs: [20, 60],
        overlapMs: 0,
        cancelMs: 20,
        cancelCutOffMs: 0,
      },
    },
  });
  simulator.world.numbers.provision(numbers.map((phoneNumber) => ({ phoneNumber, carrier: 'alpha', ...account })));
  const options = { baseUrl: simulator.telnyx.baseUrl, apiKey: simulator.telnyx.apiKey, timeoutMs: 2_000 };
  porting = new TelnyxPorting('telnyx', telnyxClient(options));
  lookup = new TelnyxLookup(options);
});
afterAll(() => simulator.stop());

function requestFor(reference: string, phoneNumbers: readonly string[], pin: string = account.pin): PortOrderRequest {
  return {
    reference,
    phoneNumbers,
    messagingPlan: 'move',
    portType: 'full',
    subscriber: {
      name: 'Ann Example',
      entityName: account.name,
      accountNumber: account.accountNumber,
      pin,
      serviceAddress: {
        street: '1 Main St',
        city: 'Washington',
        region: 'DC',
        postalCode: account.postalCode,
        country: 'US',
      },
      authorizedBy: 'Ann Example',
    },
    activation: 'automatic',
  };
}

async function until(id: string, ready: (snapshot: OrderSnapshot) => boolean): Promise<OrderSnapshot> {
  return vi.waitFor(
    async () => {
      const snapshot = await porting.readOrder(id);
      expect(ready(snapshot), `${snapshot.carrierState}`).toBe(true);
      return snapshot;
    },
    { timeout: 8_000, interval: 30 },
  );
}

describe('orders at the simulated Telnyx', () => {
  it('ports more numbers than an order shows, from the check to the texts', async () => {
    const checked = await porting.checkPortability(numbers);
    expect(checked).toHaveLength(numbers.length);
    expect(checked[0]).toMatchObject({ phoneNumber: numbers[0], portable: true, messagingCapable: true });
    expect(await lookup.lookUp(numbers[0] ?? '')).toMatchObject({ ported: false, spid: '1234' });

    const since = new Date(Date.now() - 1_000).toISOString();
    const ordered = numbers.slice(0, 55);
    const { carrierOrderId } = await porting.submitOrder(requestFor('port-a', ordered));
    const again = await porting.submitOrder(requestFor('port-a', ordered));
    expect(again.carrierOrderId).toBe(carrierOrderId);

    const active = await until(carrierOrderId, ({ numbers: all }) =>
      all.every(({ voice, messaging }) => voice === 'active' && messaging === 'active'),
    );
    expect(active).toMatchObject({ state: 'ported', rejections: [] });
    expect(Date.parse(active.focAt ?? '')).toBeGreaterThan(Date.parse(since));
    expect(active.numbers.map(({ phoneNumber }) => phoneNumber).sort()).toEqual([...ordered].sort());

    const changed: OrderSnapshot[] = [];
    for await (const order of porting.listChangedOrders(since)) changed.push(order);
    expect(changed.map((order) => [order.carrierOrderId, order.numbers.length])).toEqual([[carrierOrderId, 55]]);
    expect(await lookup.lookUp(numbers[0] ?? '')).toMatchObject({ ported: true });
  }, 20_000);

  it('is told what is wrong, and corrects it', async () => {
    const wrong = requestFor('port-b', numbers.slice(55, 57), '0000');
    const { carrierOrderId } = await porting.submitOrder(wrong);
    const refused = await until(carrierOrderId, ({ state }) => state === 'exception');
    expect(refused.rejections).toMatchObject([{ code: 'PASSCODE_PIN_INVALID', message: expect.stringMatching(/PIN/) }]);
    await porting.supplementOrder(carrierOrderId, requestFor('port-b', numbers.slice(55, 57)));
    await until(carrierOrderId, ({ state }) => state === 'foc-confirmed' || state === 'ported');
  }, 20_000);

  it('finds an order by our reference, and takes another date and a supplement until the date', async () => {
    simulator.world.setScenario(simulator.world.scenario, { ports: { focLeadMs: 5_000 } });
    const request = requestFor('port-d', numbers.slice(58, 59));
    expect(await porting.findOrder('port-d')).toBeUndefined();
    const { carrierOrderId } = await porting.submitOrder(request);
    expect(await porting.findOrder('port-d')).toMatchObject({ carrierOrderId });
    await until(carrierOrderId, ({ state }) => state === 'foc-confirmed');
    const date = new Date(Date.now() + 3_600_000).toISOString();
    expect(await porting.rescheduleOrder(carrierOrderId, date)).toMatchObject({ state: 'submitted' });
    expect((await until(carrierOrderId, ({ state }) => state === 'foc-confirmed')).focAt).toBe(date);
    const wrong = requestFor('port-d', numbers.slice(58, 59), '0000');
    await porting.supplementOrder(carrierOrderId, { ...wrong, requestedFocAt: date });
    await until(carrierOrderId, ({ state }) => state === 'exception');
    // In exception another date alone sends it again; the PIN is as wrong as before.
    expect((await porting.rescheduleOrder(carrierOrderId, date)).state).not.toBe('exception');
    await until(carrierOrderId, ({ state }) => state === 'exception');
  }, 20_000);

  it('cancels', async () => {
    simulator.world.setScenario(simulator.world.scenario, { ports: { losingReviewMs: 60_000 } });
    const { carrierOrderId } = await porting.submitOrder(requestFor('port-c', numbers.slice(57, 58)));
    await porting.cancelOrder(carrierOrderId);
    const cancelled = await until(carrierOrderId, ({ state }) => state === 'cancelled');
    expect(cancelled.numbers).toMatchObject([{ voice: 'cancelled' }]);
    expect(await porting.cancelOrder(carrierOrderId)).toMatchObject({ state: 'cancelled' });
  }, 20_000);
});
