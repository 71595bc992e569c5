import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PortOutSnapshot } from '../../../carriers/carrier.ts';
import { CarrierRefused, CarrierUnavailable } from '../../../carriers/errors.ts';
import { telnyxClient } from '../../../carriers/telnyx/client.ts';
import { portOutRejectionOf, portOutSnapshotOf } from '../../../carriers/telnyx/port-out-snapshot.ts';
import { TelnyxPortOuts } from '../../../carriers/telnyx/port-outs.ts';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import type { PortOut } from '../../../simulator/telnyx/port-out.ts';
import { Control } from '../../simulator/control.ts';

let simulator: Simulator;
let control: Control;
let portOuts: TelnyxPortOuts;
let count = 0;

beforeAll(async () => {
  simulator = await startSimulator();
  control = new Control(simulator);
  const { baseUrl, apiKey } = simulator.telnyx;
  portOuts = new TelnyxPortOuts('telnyx', telnyxClient({ baseUrl, apiKey, timeoutMs: 2_000 }));
});
afterAll(() => simulator.stop());

/** A foreign carrier asks for a number of ours. */
function asked(rest: object = {}): Promise<PortOut> {
  count += 1;
  const phoneNumber = `+1202555${String(4000 + count)}`;
  simulator.world.numbers.provision([{ phoneNumber, carrier: 'telnyx' }]);
  return control.call('POST', '/port-outs', { phoneNumber, pin: '4711', postalCode: '20001', ...rest });
}
const trace = async ({ id }: PortOut) =>
  (await control.call<PortOut>('GET', `/port-outs/${id}`)).trace.map(({ what }) => what);

describe('port-outs at the simulated Telnyx', () => {
  it('are read in our terms, with the PIN that only the events tell', async () => {
    const { id, phoneNumbers, insertedAt, focAt, supportKey } = await asked({ name: 'Ann Example' });
    expect(await portOuts.readPortOut(id)).toEqual({
      carrierPortOutId: id,
      carrierState: 'pending',
      state: 'pending',
      phoneNumbers,
      given: { pin: '4711', postalCode: '20001' },
      subscriberName: 'Ann Example',
      gaining: { name: 'Foreign network', spid: '9999' },
      orderNumber: expect.stringMatching(/^PON/),
      supportKey,
      requestedAt: insertedAt,
      requestedFocAt: focAt,
      updatedAt: expect.any(String),
      textsStay: false,
    });
    expect(portOuts.tells).not.toContain('accountNumber');
  });

  it('are rejected by a code that is eligible, and by no other', async () => {
    const portOut = await asked();
    expect(await portOuts.listRejections(portOut.id)).toEqual([
      { code: '1001', description: 'Other', reasonRequired: true, reason: 'other' },
      { code: '1002', description: 'Invalid PIN', reasonRequired: false, reason: 'pin' },
      { code: '1003', description: 'Account number mismatch', reasonRequired: false, reason: 'account-number' },
      { code: '1004', description: 'Zip code mismatch', reasonRequired: false, reason: 'postal-code' },
    ]);
    await expect(portOuts.rejectPortOut(portOut.id, '4', 'No.')).rejects.toBeInstanceOf(CarrierRefused);
    expect(await portOuts.rejectPortOut(portOut.id, '1002', 'The PIN is wrong.')).toMatchObject({
      state: 'rejecting',
      carrierState: 'rejected-pending',
    });
    await expect.poll(async () => (await portOuts.readPortOut(portOut.id)).state).toBe('rejected');
    expect(await trace(portOut)).toEqual(['requested', 'rejected', 'rejection-accepted']);
    const { trace: steps } = await control.call<PortOut>('GET', `/port-outs/${portOut.id}`);
    expect(steps[1]).toMatchObject({ code: 1002, reason: 'The PIN is wrong.' });
  });

  it('come back when the porting desk does not accept the reason', async () => {
    const portOut = await asked({ acceptsRejections: false });
    await portOuts.rejectPortOut(portOut.id, '1001', 'Because.');
    await expect.poll(async () => (await portOuts.readPortOut(portOut.id)).state).toBe('pending');
    await expect(portOuts.authorizePortOut(portOut.id)).resolves.toMatchObject({ state: 'authorized' });
  });

  it('are authorized, and take voice and texts away at the date', async () => {
    const portOut = await asked({ focInMs: 200 });
    expect(await portOuts.authorizePortOut(portOut.id)).toMatchObject({ state: 'authorized', focAt: portOut.focAt });
    await expect(portOuts.authorizePortOut(portOut.id)).rejects.toBeInstanceOf(CarrierRefused);
    await expect.poll(async () => (await portOuts.readPortOut(portOut.id)).state).toBe('ported');
    const number = await control.call('GET', `/numbers/${portOut.phoneNumbers[0]}`);
    expect(number).toMatchObject({ voice: [{}, { carrier: 'foreign' }], sms: [{}, { carrier: 'foreign' }] });
  });

  it('approve themselves when nobody answers', async () => {
    const portOut = await asked({ answerWithinMs: 100 });
    await expect.poll(async () => (await portOuts.readPortOut(portOut.id)).state).toBe('authorized');
    expect(await trace(portOut)).toEqual(['requested', 'approved-by-silence']);
  });

  it('are cancelled and moved by the foreign carrier, and commented on by us', async () => {
    const portOut = await asked();
    await portOuts.commentPortOut(portOut.id, 'It is being reviewed.');
    await portOuts.authorizePortOut(portOut.id);
    const { focAt } = await control.call<PortOut>('POST', `/port-outs/${portOut.id}/foc`, { focInMs: 90_000 });
    expect((await portOuts.readPortOut(portOut.id)).focAt).toBe(focAt);
    await control.call('POST', `/port-outs/${portOut.id}/cancel`);
    expect((await portOuts.readPortOut(portOut.id)).state).toBe('cancelled');
    expect(await trace(portOut)).toEqual(['requested', 'commented', 'authorized', 'dated', 'canceled']);
    expect((await control.raw('POST', `/port-outs/${portOut.id}/cancel`)).status).toBe(422);
  });

  it('are listed when they changed, and as long as they are unanswered', async () => {
    const unanswered = await asked();
    const answered = await asked();
    await portOuts.authorizePortOut(answered.id);
    const listed = async (since: number) => {
      const found: PortOutSnapshot[] = [];
      for await (const each of portOuts.listChangedPortOuts(new Date(since).toISOString())) found.push(each);
      return found.map(({ carrierPortOutId }) => carrierPortOutId);
    };
    expect(await listed(Date.now() - 60_000)).toEqual(expect.arrayContaining([unanswered.id, answered.id]));
    const later = await listed(Date.now() + 1);
    expect(later).toContain(unanswered.id);
    expect(later).not.toContain(answered.id);
  });

  it('that are nowhere are refused, and a carrier that is away is away', async () => {
    await expect(portOuts.readPortOut('0')).rejects.toBeInstanceOf(CarrierRefused);
    simulator.world.outages.order('telnyx', 100);
    await expect(portOuts.readPortOut('0')).rejects.toBeInstanceOf(CarrierUnavailable);
    await expect(portOuts.listChangedPortOuts(new Date().toISOString()).next()).rejects.toBeInstanceOf(
      CarrierUnavailable,
    );
  });
});

describe('what Telnyx says of a port-out', () => {
  it.each([
    ['pending', 'pending'],
    ['authorized', 'authorized'],
    ['rejected-pending', 'rejecting'],
    ['rejected', 'rejected'],
    ['canceled', 'cancelled'],
    ['ported', 'ported'],
    ['on-hold', 'unknown'],
  ] as const)('%s is %s', (status, state) => {
    const details = { id: 'p', status: status as 'pending' };
    expect(portOutSnapshotOf(details, undefined)).toMatchObject({ state, carrierState: status });
  });

  it('a number that has moved has moved, whatever the status says', () => {
    expect(portOutSnapshotOf({ id: 'p', status: 'authorized', already_ported: true }, undefined).state).toBe('ported');
  });

  it('a rejection code that no table has is read by its description, or left to a person', () => {
    expect(portOutRejectionOf({ code: 1077, description: 'The number is not active' }).reason).toBe('number-inactive');
    expect(portOutRejectionOf({ code: 1078, description: 'Something else' })).toEqual({
      code: '1078',
      description: 'Something else',
      reasonRequired: false,
    });
  });
});
