import { afterEach, describe, expect, it } from 'vitest';
import type { PortOrderRequest } from '../../../carriers/carrier.ts';
import { CarrierRefused, CarrierUnavailable } from '../../../carriers/errors.ts';
import { telnyxClient } from '../../../carriers/telnyx/client.ts';
import { TelnyxPorting } from '../../../carriers/telnyx/porting.ts';
import { type ApiRequest, page, startTelnyxApi } from './telnyx-api.ts';

interface StoredOrder {
  id: string;
  customer_reference: string;
  status: { value: string; details: { code: string; description: string }[] };
  created_at: string;
  updated_at: string;
  [field: string]: unknown;
}

const day = 86_400_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

/** Orders as the API keeps them: enough of its rules to see what the client relies on. */
class Orders {
  readonly all: StoredOrder[] = [];
  readonly calls: string[] = [];
  split = false;
  failNext: string | undefined;

  readonly route = ({ method, path, query, body }: ApiRequest) => {
    const [, , resource, id, , action] = path.split('/');
    const call = [method, resource, action].filter(Boolean).join(' ');
    this.calls.push(call);
    if (this.failNext === call) {
      this.failNext = undefined;
      return { status: 503 };
    }
    if (resource === 'portability_checks') return { status: 201, body: { data: checks } };
    if (resource === 'porting_phone_numbers') return { status: 200, body: page(this.phoneNumbers(query), query) };
    if (resource !== 'porting_orders') return undefined;
    if (method === 'POST' && !id) return this.create(body as { phone_numbers: string[]; customer_reference: string });
    if (method === 'GET' && !id) return { status: 200, body: page(this.find(query), query) };
    const order = this.all.find((each) => each.id === id);
    if (!order) return undefined;
    if (method === 'PATCH') Object.assign(order, body, { updated_at: ago(0) });
    if (method === 'DELETE') this.all.splice(this.all.indexOf(order), 1);
    if (action === 'confirm' && order.status.value !== 'draft' && order.status.value !== 'exception') {
      return { status: 422, body: { errors: [{ code: '10015', title: 'Cannot be confirmed' }] } };
    }
    if (action === 'confirm') order.status = { value: 'in-process', details: [] };
    if (action === 'cancel') order.status = { value: 'cancel-pending', details: [] };
    if (action === 'activate') return { status: 202, body: { data: { id: 'job-1', status: 'created' } } };
    return { status: 200, body: { data: view(order) } };
  };

  add(order: Partial<StoredOrder> & { id: string }): StoredOrder {
    const stored = {
      customer_reference: `ref-${order.id}`,
      status: { value: 'submitted', details: [] },
      created_at: ago(day),
      updated_at: ago(day),
      phone_numbers: [],
      ...order,
    };
    this.all.push(stored);
    return stored;
  }

  private create({ phone_numbers, customer_reference }: { phone_numbers: string[]; customer_reference: string }) {
    const groups = this.split ? phone_numbers.map((number) => [number]) : [phone_numbers];
    const made = groups.map((numbers) =>
      this.add({
        id: `o-${this.all.length + 1}`,
        customer_reference,
        status: { value: 'draft', details: [] },
        created_at: ago(0),
        updated_at: ago(0),
        phone_numbers: numbers.map((phone_number) => ({ phone_number, activation_status: 'New' })),
      }),
    );
    return { status: 201, body: { data: made.map(view) } };
  }

  private find(query: URLSearchParams) {
    const reference = query.get('filter[customer_reference]');
    return this.all
      .filter((order) => !reference || order.customer_reference.includes(reference))
      .sort((a, b) => b.created_at.localeCompare(a.created_at))
      .map(view);
  }

  private phoneNumbers(query: URLSearchParams) {
    const id = query.get('filter[porting_order_id]');
    const order = this.all.find((each) => each.id === id);
    return ((order?.phone_numbers ?? []) as object[]).map((number) => ({ ...number, porting_order_id: id }));
  }
}

const checks = [
  {
    phone_number: '+12025550100',
    portable: true,
    fast_portable: true,
    not_portable_reason: '',
    messaging_capable: true,
  },
  { phone_number: '+12025550101', portable: false, not_portable_reason: 'No coverage' },
];

/** Like the API: at most 50 numbers in an order, and their count. */
function view(order: StoredOrder) {
  const numbers = order.phone_numbers as object[];
  return { ...order, phone_numbers: numbers.slice(0, 50), porting_phone_numbers_count: numbers.length };
}

const request: PortOrderRequest = {
  reference: 'port-1',
  phoneNumbers: ['+12025550100', '+12025550101'],
  messagingPlan: 'move',
  portType: 'partial',
  subscriber: {
    name: 'Ann Example',
    entityName: 'Example Inc',
    accountNumber: '77',
    pin: '1234',
    billingNumber: '+12025550100',
    serviceAddress: { street: '1 Main St', city: 'Washington', region: 'DC', postalCode: '20001', country: 'US' },
    authorizedBy: 'Ann Example',
  },
  requestedFocAt: '2026-07-10T15:00:00Z',
  activation: 'automatic',
};

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop();
});

async function start() {
  const orders = new Orders();
  const api = await startTelnyxApi(orders.route);
  open.push(api);
  const client = telnyxClient({ baseUrl: api.baseUrl, apiKey: 'k', timeoutMs: 1_000 });
  return { orders, api, porting: new TelnyxPorting('telnyx', client) };
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('orders at Telnyx', () => {
  it('checks portability', async () => {
    const { porting } = await start();
    expect(await porting.checkPortability(['+12025550100', '+12025550101'])).toEqual([
      { phoneNumber: '+12025550100', portable: true, onDemand: true, messagingCapable: true },
      { phoneNumber: '+12025550101', portable: false, reason: 'No coverage' },
    ]);
  });

  it('creates a draft under our reference, completes it and submits it', async () => {
    const { orders, porting } = await start();
    const snapshot = await porting.submitOrder(request);
    expect(snapshot).toMatchObject({
      carrierOrderId: 'o-1',
      carrierState: 'in-process',
      state: 'submitted',
      rejections: [],
      numbers: [
        { phoneNumber: '+12025550100', voice: 'pending', messaging: 'pending' },
        { phoneNumber: '+12025550101', voice: 'pending', messaging: 'pending' },
      ],
    });
    expect(orders.all).toMatchObject([
      {
        customer_reference: 'port-1',
        misc: { type: 'partial' },
        messaging: { enable_messaging: true },
        activation_settings: { foc_datetime_requested: '2026-07-10T15:00:00Z' },
        end_user: {
          admin: {
            entity_name: 'Example Inc',
            auth_person_name: 'Ann Example',
            account_number: '77',
            pin_passcode: '1234',
          },
          location: { street_address: '1 Main St', locality: 'Washington', postal_code: '20001', country_code: 'US' },
        },
      },
    ]);
  });

  it('makes one order when it is asked twice, wherever the first time broke off (invariant 4)', async () => {
    for (const broken of ['PATCH porting_orders', 'POST porting_orders confirm', 'GET porting_orders']) {
      const { orders, porting } = await start();
      orders.failNext = broken;
      await expect(porting.submitOrder(request)).rejects.toBeInstanceOf(CarrierUnavailable);
      const first = await porting.submitOrder(request);
      const second = await porting.submitOrder(request);
      expect(orders.all).toHaveLength(1);
      expect(second).toEqual(first);
      expect(orders.calls.filter((call) => call === 'POST porting_orders')).toHaveLength(1);
    }
  });

  it('takes only the order with exactly its reference, and a live one before a cancelled one', async () => {
    const { orders, porting } = await start();
    orders.add({ id: 'x', customer_reference: 'port-12' });
    orders.add({
      id: 'y',
      customer_reference: 'port-1',
      status: { value: 'cancelled', details: [] },
      created_at: ago(0),
    });
    orders.add({ id: 'z', customer_reference: 'port-1', status: { value: 'exception', details: [] } });
    expect((await porting.submitOrder(request)).carrierOrderId).toBe('z');
  });

  it('refuses numbers that the carrier splits, and leaves no drafts behind', async () => {
    const { orders, porting } = await start();
    orders.split = true;
    await expect(porting.submitOrder(request)).rejects.toMatchObject({
      name: 'CarrierRefused',
      code: 'PORTING_ORDER_SPLIT_REQUIRED',
    });
    expect(orders.all).toEqual([]);
  });

  it('has no order for texts alone', async () => {
    const { porting } = await start();
    const refused = porting.submitOrder({ ...request, messagingPlan: 'messaging-only' });
    await expect(refused).rejects.toBeInstanceOf(CarrierRefused);
  });

  it('reads states, dates, rejections and numbers in our terms', async () => {
    const { orders, porting } = await start();
    orders.add({
      id: 'o-9',
      status: { value: 'exception', details: [{ code: 'PASSCODE_PIN_INVALID', description: 'The PIN is wrong.' }] },
      activation_settings: {
        foc_datetime_actual: '2026-07-10T10:00:00-05:00',
        activation_status: 'Concurred',
        fast_port_eligible: false,
      },
      messaging: { enable_messaging: true, messaging_port_status: 'partial_port_complete' },
      phone_numbers: ['New', 'Conflict', 'Sending', 'Active', 'Failed', 'Cancelled', 'Novel'].map(
        (activation_status, index) => ({
          phone_number: `+1202555010${index}`,
          activation_status,
        }),
      ),
      updated_at: '2026-07-01T00:00:00Z',
    });
    const snapshot = await porting.readOrder('o-9');
    expect(snapshot).toMatchObject({
      state: 'exception',
      focAt: '2026-07-10T15:00:00.000Z',
      // Not eligible for FastPort: it moves at its date by itself.
      onDemand: false,
      // One number in conflict is one too many.
      concurrence: 'conflict',
      rejections: [{ code: 'PASSCODE_PIN_INVALID', message: 'The PIN is wrong.' }],
      updatedAt: '2026-07-01T00:00:00.000Z',
    });
    expect(snapshot.numbers.map(({ voice }) => voice)).toEqual([
      'pending',
      'pending',
      'activating',
      'active',
      'failed',
      'cancelled',
      'pending',
    ]);
    expect(new Set(snapshot.numbers.map(({ messaging }) => messaging))).toEqual(new Set(['activating']));
  });

  it.each([
    ['draft', 'draft'],
    ['in-process', 'submitted'],
    ['submitted', 'submitted'],
    ['exception', 'exception'],
    ['foc-date-confirmed', 'foc-confirmed'],
    ['ported', 'ported'],
    ['cancel-pending', 'cancel-pending'],
    ['cancelled', 'cancelled'],
    ['on-the-moon', 'unknown'],
  ])('calls %s %s', async (value, state) => {
    const { orders, porting } = await start();
    orders.add({ id: 'o-1', status: { value, details: [] } });
    expect(await porting.readOrder('o-1')).toMatchObject({ carrierState: value, state });
  });

  it('takes a ported number without an activation of its own for active, and texts that stay for not applicable', async () => {
    const { orders, porting } = await start();
    orders.add({
      id: 'o-1',
      status: { value: 'ported', details: [] },
      messaging: { enable_messaging: false },
      phone_numbers: [{ phone_number: '+447911123456' }],
    });
    expect((await porting.readOrder('o-1')).numbers).toEqual([
      { phoneNumber: '+447911123456', voice: 'active', messaging: 'not-applicable' },
    ]);
  });

  it('reads all numbers of an order that has more than the API includes', async () => {
    const { orders, porting } = await start();
    const phone_numbers = Array.from({ length: 500 }, (_, index) => ({
      phone_number: `+1202555${1000 + index}`,
      activation_status: 'Active',
    }));
    orders.add({ id: 'o-1', phone_numbers });
    const { numbers } = await porting.readOrder('o-1');
    expect(new Set(numbers.map(({ phoneNumber }) => phoneNumber)).size).toBe(500);
  });

  it('corrects an order and submits it again only while it waits for that', async () => {
    const { orders, porting } = await start();
    orders.add({ id: 'o-1', status: { value: 'exception', details: [] } });
    expect(await porting.supplementOrder('o-1', request)).toMatchObject({ state: 'submitted' });
    expect(await porting.supplementOrder('o-1', request)).toMatchObject({ state: 'submitted' });
    expect(orders.calls.filter((call) => call.endsWith('confirm'))).toHaveLength(1);
  });

  it.each([
    [['New', 'Concurred'], 'awaited'],
    [['Concurred', 'Active'], 'given'],
    [['Novel'], undefined],
  ])('takes the activation of the numbers, %s, for concurrence that is %s', async (activations, concurrence) => {
    const { orders, porting } = await start();
    const phone_numbers = activations.map((activation_status) => ({ phone_number: '+12025550100', activation_status }));
    orders.add({ id: 'o-1', status: { value: 'foc-date-confirmed', details: [] }, phone_numbers });
    expect((await porting.readOrder('o-1')).concurrence).toBe(concurrence);
  });

  it('cancels once, and activates what is not active yet', async () => {
    const { orders, porting } = await start();
    orders.add({ id: 'o-1' });
    expect(await porting.cancelOrder('o-1')).toMatchObject({ state: 'cancel-pending' });
    expect(await porting.cancelOrder('o-1')).toMatchObject({ state: 'cancel-pending' });
    expect(orders.calls.filter((call) => call.endsWith('cancel'))).toHaveLength(1);

    orders.add({ id: 'o-2', phone_numbers: [{ phone_number: '+12025550100', activation_status: 'Activate RDY' }] });
    orders.add({ id: 'o-3', phone_numbers: [{ phone_number: '+12025550100', activation_status: 'Active' }] });
    await porting.activateOrder('o-2');
    await porting.activateOrder('o-3');
    expect(orders.calls.filter((call) => call.endsWith('activate'))).toHaveLength(1);
  });

  it('lists what has changed, over all pages, and leaves out what is too old to change', async () => {
    const { orders, porting } = await start();
    for (let index = 0; index < 300; index++) {
      orders.add({
        id: `o-${index}`,
        created_at: ago(index * 1_000),
        updated_at: ago(index % 100 === 0 ? 10 : 2 * day),
      });
    }
    orders.add({ id: 'ancient', created_at: ago(300 * day), updated_at: ago(0) });
    const changed = await all(porting.listChangedOrders(ago(day)));
    expect(changed.map(({ carrierOrderId }) => carrierOrderId)).toEqual(['o-0', 'o-100', 'o-200']);
  });

  it('tells a no from silence', async () => {
    const { orders, porting } = await start();
    await expect(porting.readOrder('nowhere')).rejects.toMatchObject({ name: 'CarrierRefused', code: '10005' });
    orders.failNext = 'GET porting_orders';
    await expect(all(porting.listChangedOrders(ago(day)))).rejects.toBeInstanceOf(CarrierUnavailable);
  });
});
