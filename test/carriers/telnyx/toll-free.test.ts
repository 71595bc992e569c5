import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OrderSnapshot } from '../../../carriers/carrier.ts';
import { telnyxClient } from '../../../carriers/telnyx/client.ts';
import { TelnyxPorting } from '../../../carriers/telnyx/porting.ts';
import { TelnyxSenderVerification } from '../../../carriers/telnyx/sender-verification.ts';
import { TelnyxLookup } from '../../../npdb/telnyx/telnyx-lookup.ts';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import { startTelnyxApi } from './telnyx-api.ts';

describe('verification of toll-free senders', () => {
  const request = (verificationStatus: string, ...phoneNumbers: string[]) => ({
    id: `v-${verificationStatus}`,
    verificationStatus,
    phoneNumbers: phoneNumbers.map((phoneNumber) => ({ phoneNumber })),
  });

  async function statesOf(records: object[], asked: readonly string[], status = 200) {
    const api = await startTelnyxApi(({ path, query }) => {
      if (path !== '/v2/messaging_tollfree/verification/requests') return undefined;
      const [page, size] = [Number(query.get('page')), Number(query.get('page_size'))];
      const body = { records: records.slice((page - 1) * size, page * size), total_records: records.length };
      return { status, body };
    });
    const client = telnyxClient({ baseUrl: api.baseUrl, apiKey: 'k', timeoutMs: 1_000 });
    try {
      return await new TelnyxSenderVerification('telnyx', client).verificationsOf(asked);
    } finally {
      await api.stop();
    }
  }

  it.each([
    ['Verified', 'verified'],
    ['Rejected', 'refused'],
    ['In Progress', 'pending'],
    ['Waiting For Customer', 'pending'],
    ['A new state', 'pending'],
  ])('calls %s %s', async (raw, state) => {
    const states = await statesOf([request(raw, '+18005550100', '+18005550101')], ['+18005550100', '+18005550102']);
    expect([...states]).toEqual([['+18005550100', state]]);
  });

  it('takes the best of several requests for a number, over all pages', async () => {
    const others = Array.from({ length: 150 }, (_, index) => request('Verified', `+1800556${1000 + index}`));
    const ours = [request('Rejected', '+18005550100'), request('Verified', '+18005550100')];
    const states = await statesOf([...ours, ...others, request('Rejected', '+18005550100')], ['+18005550100']);
    expect(states.get('+18005550100')).toBe('verified');
  });

  it('tells that it could not be asked', async () => {
    await expect(statesOf([], ['+18005550100'], 503)).rejects.toMatchObject({ name: 'CarrierUnavailable' });
  });
});

describe('a toll-free port at the simulated Telnyx', () => {
  let simulator: Simulator;
  const number = '+18005550170';
  beforeAll(async () => {
    simulator = await startSimulator({
      scenario: {
        ports: { reviewMs: 10, losingReviewMs: 60_000, focLeadMs: 50, activationMs: 10, smsLagMs: [60_000, 60_000] },
        tollFree: { respOrgMs: 100, tssMs: 20, verificationMs: 50 },
      },
    });
    const account = { accountNumber: 'A-1', pin: '4321', postalCode: '20001', name: 'Example Inc' };
    simulator.world.numbers.provision([{ phoneNumber: number, carrier: 'alpha', type: 'toll_free', ...account }]);
  });
  afterAll(() => simulator.stop());

  it('is a change of the RespOrg, which no database knows; texts follow at once', async () => {
    const options = { baseUrl: simulator.telnyx.baseUrl, apiKey: simulator.telnyx.apiKey, timeoutMs: 2_000 };
    const porting = new TelnyxPorting('telnyx', telnyxClient(options));
    const { carrierOrderId } = await porting.submitOrder({
      reference: 'port-tf',
      phoneNumbers: [number],
      messagingPlan: 'move',
      portType: 'full',
      subscriber: {
        name: 'Ann Example',
        entityName: 'Example Inc',
        accountNumber: 'A-1',
        pin: '4321',
        serviceAddress: { street: '1 Main St', city: 'Washington', postalCode: '20001', country: 'US' },
        authorizedBy: 'Ann Example',
      },
      activation: 'automatic',
    });
    const seen: OrderSnapshot[] = [];
    await vi.waitFor(
      async () => {
        seen.push(await porting.readOrder(carrierOrderId));
        expect(seen.at(-1)?.numbers).toEqual([{ phoneNumber: number, voice: 'active', messaging: 'active' }]);
      },
      { timeout: 5_000, interval: 20 },
    );
    // A toll-free number has no activation of its own: its voice is what its order says.
    expect(seen.filter(({ state }) => state !== 'ported').every(({ numbers }) => numbers[0]?.voice === 'pending')).toBe(
      true,
    );
    const route = simulator.world.numbers.get(number);
    expect(route?.voice.at(-1)).toMatchObject({ carrier: 'telnyx' });
    expect(route?.voice.at(-1)?.lrn).toBeUndefined();
    expect((await new TelnyxLookup(options).lookUp(number))?.spid).toBeUndefined();
  });

  it('leaves the sender blocked until the carrier has verified it', async () => {
    const { baseUrl, apiKey } = simulator.telnyx;
    const client = telnyxClient({ baseUrl, apiKey, timeoutMs: 2_000 });
    const send = () => client.messages.send({ from: number, to: '+12025550199', text: 'Hello' });
    await expect(send()).rejects.toMatchObject({ error: { errors: [{ code: '40329' }] } });
    const verification = new TelnyxSenderVerification('telnyx', client);
    expect(await verification.verificationsOf([number])).toEqual(new Map());
    await client.post('/messaging_tollfree/verification/requests', {
      body: { businessName: 'Example Inc', useCase: '2FA', phoneNumbers: [{ phoneNumber: number }] },
    });
    expect((await verification.verificationsOf([number])).get(number)).toBe('pending');
    await vi.waitFor(async () => expect((await verification.verificationsOf([number])).get(number)).toBe('verified'));
    await send();
  });
});
