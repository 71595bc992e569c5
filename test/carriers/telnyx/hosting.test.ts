import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { OrderSnapshot, PortOrderRequest } from '../../../carriers/carrier.ts';
import { CarrierRefused, CarrierUnavailable } from '../../../carriers/errors.ts';
import type { OrderPapers } from '../../../carriers/order-papers.ts';
import { telnyxClient } from '../../../carriers/telnyx/client.ts';
import { TelnyxHosting } from '../../../carriers/telnyx/hosting.ts';
import { explainRejection } from '../../../domain/rejections.ts';
import { type ApiRequest, page, startTelnyxApi } from './telnyx-api.ts';

interface StoredOrder {
  id: string;
  status: string;
  messaging_profile_id?: string;
  phone_numbers: { id: string; phone_number: string; status: string }[];
}

const states: { order: Record<string, string>; number: Record<string, string> } = JSON.parse(
  readFileSync(new URL('../../../carriers/telnyx/hosting-states.json', import.meta.url), 'utf8'),
);

/** Hosted orders as the API keeps them: enough of its rules to see what the client relies on. */
class HostedOrders {
  readonly all: StoredOrder[] = [];
  readonly calls: string[] = [];
  /** Forms as they were sent. */
  readonly forms: string[] = [];
  failNext: string | undefined;

  readonly route = ({ method, path, query, body }: ApiRequest) => {
    const [, , resource, id, action] = path.split('/');
    const call = [method, resource, id && id.length > 8 ? id : '', action].filter(Boolean).join(' ');
    this.calls.push(call);
    if (this.failNext === call) {
      this.failNext = undefined;
      return { status: 503 };
    }
    if (resource === 'messaging_hosted_numbers') return this.hosted(method, query, id);
    if (resource !== 'messaging_hosted_number_orders') return undefined;
    if (id === 'eligibility_numbers_check') return { status: 200, body: { phone_numbers: eligibility } };
    if (method === 'POST' && !id) return this.create(body as { phone_numbers: string[] });
    if (method === 'GET' && !id) return { status: 200, body: page(this.all, query) };
    const order = this.all.find((each) => each.id === id);
    if (!order) return undefined;
    if (action === 'actions') {
      this.forms.push(body as string);
      order.status = 'pending';
    }
    if (action === 'verification_codes') {
      const numbers = (body as { phone_numbers: string[]; verification_method: string }).phone_numbers;
      return {
        status: 200,
        body: { data: numbers.map((phone_number, index) => ({ phone_number, ...(index && { error: 'no' }) })) },
      };
    }
    if (action === 'validation_codes') {
      const { verification_codes } = body as { verification_codes: { phone_number: string; code: string }[] };
      const phone_numbers = verification_codes.map(({ phone_number, code }) => ({
        phone_number,
        status: code === '12345' ? 'verified' : 'rejected',
      }));
      return { status: 200, body: { data: { order_id: id, phone_numbers } } };
    }
    if (method === 'DELETE') order.status = 'deleted';
    return { status: 200, body: { data: order } };
  };

  add(status: string, phoneNumbers = numbers, numberStatus = 'pending'): StoredOrder {
    const order = {
      id: `h-${this.all.length + 1}`,
      status,
      phone_numbers: phoneNumbers.map((phone_number, index) => ({
        id: `n-${index}`,
        phone_number,
        status: numberStatus,
      })),
    };
    this.all.push(order);
    return order;
  }

  private create({ phone_numbers, ...rest }: { phone_numbers: string[] }) {
    return { status: 200, body: { data: Object.assign(this.add('pending', phone_numbers), rest) } };
  }

  private hosted(method: string, query: URLSearchParams, id?: string) {
    const all = this.all.flatMap(({ phone_numbers }) => phone_numbers);
    const number = all.find((each) => each.id === id);
    if (method === 'DELETE' && number) number.status = 'deleted';
    if (method === 'DELETE') return { status: 200, body: { data: {} } };
    return {
      status: 200,
      body: page(
        all.filter(({ status }) => status === 'successful'),
        query,
      ),
    };
  }
}

const numbers = ['+12025550100', '+12025550101'];
const eligibility = [
  { phone_number: numbers[0], eligible: true, eligible_status: 'eligible', detail: '' },
  { phone_number: numbers[1], eligible: false, eligible_status: 'number_can_not_be_wireless', detail: '' },
];

const paper = (fileName: string) => ({ fileName, contentType: 'application/pdf', content: Buffer.from('%PDF-1.7 …') });
const bothPapers: OrderPapers = { loa: paper('loa.pdf'), bill: paper('bill.pdf') };

const request = (papers: OrderPapers = bothPapers, phoneNumbers: readonly string[] = numbers): PortOrderRequest => ({
  reference: 'port-1',
  phoneNumbers,
  messagingPlan: 'messaging-only',
  portType: 'full',
  subscriber: {
    name: 'Ann Example',
    accountNumber: '77',
    serviceAddress: { street: '1 Main St', city: 'Washington', postalCode: '20001', country: 'US' },
    authorizedBy: 'Ann Example',
  },
  activation: 'automatic',
  papers: async () => papers,
});

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop();
});

async function start(messagingProfileId?: string) {
  const orders = new HostedOrders();
  const api = await startTelnyxApi(orders.route);
  open.push(api);
  const client = telnyxClient({ baseUrl: api.baseUrl, apiKey: 'k', timeoutMs: 1_000 });
  return { orders, hosting: new TelnyxHosting('telnyx', client, messagingProfileId) };
}

describe('hosted messaging orders at Telnyx', () => {
  it('says whose texts it can host, and why not', async () => {
    const { hosting } = await start();
    expect(await hosting.checkPortability(numbers)).toEqual([
      { phoneNumber: numbers[0], portable: true, messagingCapable: true },
      { phoneNumber: numbers[1], portable: false, messagingCapable: false, reason: 'NUMBER_CAN_NOT_BE_WIRELESS' },
    ]);
  });

  it('creates the order in the profile and hands in its papers', async () => {
    const { orders, hosting } = await start('profile-1');
    expect(await hosting.submitOrder(request())).toMatchObject({
      carrierOrderId: 'h-1',
      carrierState: 'pending',
      state: 'submitted',
      rejections: [],
      numbers: numbers.map((phoneNumber) => ({ phoneNumber, voice: 'pending', messaging: 'pending' })),
    });
    expect(orders.all).toMatchObject([{ messaging_profile_id: 'profile-1' }]);
    expect(orders.forms).toHaveLength(1);
    for (const part of ['name="loa"; filename="loa.pdf"', 'name="bill"; filename="bill.pdf"', '%PDF-1.7']) {
      expect(orders.forms[0]).toContain(part);
    }
  });

  it('creates the order without papers too, and says which it waits for; asked again it goes on with them', async () => {
    const { orders, hosting } = await start();
    const missing = (snapshot: OrderSnapshot) => [snapshot.state, ...snapshot.rejections.map(({ code }) => code)];
    expect(missing(await hosting.submitOrder(request({})))).toEqual(['draft', 'LOA_MISSING', 'BILL_MISSING']);
    expect(missing(await hosting.submitOrder(request({ loa: paper('l.pdf') })))).toEqual(['draft', 'BILL_MISSING']);
    expect(orders.forms).toEqual([]);
    expect(missing(await hosting.submitOrder(request()))).toEqual(['submitted']);
    expect(orders.all).toHaveLength(1);
  });

  it('makes one order when it is asked twice, wherever the first time broke off (invariant 4)', async () => {
    const broken = ['GET messaging_hosted_number_orders', 'POST messaging_hosted_number_orders actions'];
    for (const failNext of broken) {
      const { orders, hosting } = await start();
      orders.failNext = failNext;
      await expect(hosting.submitOrder(request())).rejects.toBeInstanceOf(CarrierUnavailable);
      await hosting.submitOrder(request());
      expect(orders.all).toHaveLength(1);
    }
  });

  it('knows its order by the numbers, over all pages, and takes no ended one for it', async () => {
    const { orders, hosting } = await start();
    orders.add('deleted');
    orders.add('successful', numbers, 'deleted');
    orders.add('pending', numbers.slice(1));
    for (let index = 0; index < 260; index++) orders.add('successful', [`+1202556${1000 + index}`], 'successful');
    orders.add('provisioning', [...numbers].reverse());
    expect(await hosting.submitOrder(request())).toMatchObject({ carrierOrderId: 'h-264', state: 'provisioning' });
    expect(orders.forms).toEqual([]);
  });

  it.each([...Object.entries(states.order), ['on-the-moon', 'unknown']])('calls an order %s %s', async (raw, state) => {
    const { orders, hosting } = await start();
    orders.add(raw);
    expect(await hosting.readOrder('h-1')).toMatchObject({ carrierState: raw, state });
  });

  it.each([...Object.entries(states.number), ['on-the-moon', 'pending']])(
    'calls a number %s %s, and leaves its voice alone',
    async (raw, messaging) => {
      const { orders, hosting } = await start();
      orders.add('successful', numbers, raw);
      const { numbers: read } = await hosting.readOrder('h-1');
      expect(read).toEqual(numbers.map((phoneNumber) => ({ phoneNumber, voice: 'pending', messaging })));
    },
  );

  it('has an explanation and a way out for every state that stops an order or a number', async () => {
    const { orders, hosting } = await start();
    const stopped = Object.entries(states.order).filter(([, state]) => state === 'exception');
    for (const [raw] of stopped) orders.add(raw);
    orders.add('successful', numbers.slice(1), 'failed_timeout');
    const seen: string[] = [];
    for await (const { rejections } of hosting.listChangedOrders()) seen.push(...rejections.map(({ code }) => code));
    expect(seen).toEqual([...stopped.map(([raw]) => raw.toUpperCase()), 'FAILED_TIMEOUT']);
    const reasons = [...Object.entries(states.order), ...Object.entries(states.number)];
    for (const [raw] of reasons.filter(([, state]) => state === 'exception')) {
      expect(explainRejection('telnyx', raw).source, raw).toBeDefined();
    }
  });

  it('hands in mended papers only while the order takes any', async () => {
    const { orders, hosting } = await start();
    orders.add('loa_file_invalid');
    expect(await hosting.supplementOrder('h-1', request())).toMatchObject({ state: 'submitted' });
    orders.add('provisioning');
    expect(await hosting.supplementOrder('h-2', request())).toMatchObject({ state: 'provisioning' });
    expect(orders.forms).toHaveLength(1);
  });

  it('cancels once, and not what has come here already', async () => {
    const { orders, hosting } = await start();
    orders.add('pending');
    expect(await hosting.cancelOrder('h-1')).toMatchObject({ state: 'cancelled', carrierState: 'deleted' });
    expect(await hosting.cancelOrder('h-1')).toMatchObject({ state: 'cancelled' });
    expect(orders.calls.filter((call) => call.startsWith('DELETE'))).toHaveLength(1);
    orders.add('successful', numbers, 'successful');
    await expect(hosting.cancelOrder('h-2')).rejects.toMatchObject({ name: 'CarrierRefused', code: 'ALREADY_HOSTED' });
    await expect(hosting.activateOrder()).rejects.toBeInstanceOf(CarrierRefused);
  });

  it('sends codes to numbers and gives them back', async () => {
    const { orders, hosting } = await start();
    orders.add('pending');
    expect(await hosting.sendCodes('h-1', numbers, 'call')).toEqual([
      { phoneNumber: numbers[0], sent: true },
      { phoneNumber: numbers[1], sent: false },
    ]);
    const codes = [
      { phoneNumber: numbers[0] ?? '', code: '12345' },
      { phoneNumber: numbers[1] ?? '', code: '54321' },
    ];
    expect(await hosting.checkCodes('h-1', codes)).toEqual([
      { phoneNumber: numbers[0], verified: true },
      { phoneNumber: numbers[1], verified: false },
    ]);
  });

  it('stops hosting the numbers it is told, and leaves others; told twice it is done once', async () => {
    const { orders, hosting } = await start();
    orders.add('successful', [...numbers, '+12025550109'], 'successful');
    expect(await hosting.listHosted([...numbers, '+12025550199'])).toEqual(numbers);
    expect(await hosting.removeTexts(numbers)).toEqual([]);
    expect(await hosting.removeTexts(numbers)).toEqual([]);
    expect(orders.all[0]?.phone_numbers.map(({ status }) => status)).toEqual(['deleted', 'deleted', 'successful']);
    expect(orders.calls.filter((call) => call.startsWith('DELETE'))).toHaveLength(2);
  });

  it('tells a no from silence', async () => {
    const { orders, hosting } = await start();
    await expect(hosting.readOrder('nowhere')).rejects.toMatchObject({ name: 'CarrierRefused', code: '10005' });
    orders.failNext = 'GET messaging_hosted_number_orders';
    await expect(hosting.listChangedOrders().next()).rejects.toBeInstanceOf(CarrierUnavailable);
  });
});
