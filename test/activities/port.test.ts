import { ApplicationFailure } from '@temporalio/common';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { createPortActivities } from '../../activities/port.ts';
import { CarrierRefused, CarrierUnavailable } from '../../carriers/errors.ts';
import { newOrder, nextOrder, type OrderState } from '../../domain/lifecycle/order.ts';
import type { PortDocument } from '../../store/ports.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber, samplePort } from '../store/samples.ts';
import { fakeCarrier } from './fake-carrier.ts';
import { FakePorting } from './fake-porting.ts';

const own = ownStore();
let porting: FakePorting;
/** What the portability database says; an Error is thrown. */
let database: { spid: string } | Error | undefined;

function activities() {
  return createPortActivities({
    store: own.store,
    carriers: new Map([
      ['alpha', fakeCarrier('alpha', { settings: { spids: ['1234'] } })],
      ['telnyx', fakeCarrier('telnyx', { porting, settings: { adapter: 'telnyx', spids: ['073H'] } })],
    ]),
    lookUps: {
      lookUp: async () => {
        if (database instanceof Error) throw database;
        return database && { ported: true, source: 'enum', at: new Date().toISOString(), ...database };
      },
      refresh: async () => undefined,
    },
    logger: pino({ enabled: false }),
  });
}

let count = 0;
let numbers: string[] = [];
beforeEach(() => {
  porting = new FakePorting();
  database = undefined;
  count += 1;
  numbers = [`+1202555${2000 + count}`, `+1202555${4000 + count}`];
});

async function storePort(rest: Partial<PortDocument> = {}): Promise<PortDocument> {
  const port = samplePort(own.store.vault, numbers, rest);
  await own.store.ports.insert(port);
  return port;
}
const keysOf = (port: PortDocument) => port.numbers.map(({ numberKey }) => numberKey);
const holders = async (port: PortDocument) => [...(await own.store.numberClaims.openPorts(keysOf(port))).values()];

describe('the check', () => {
  test('claims the numbers before anything is asked of a carrier (invariant 7)', async () => {
    const port = await storePort();
    let held: string[] = [];
    porting.check = (phoneNumber) => ({ phoneNumber, portable: true });
    const asked = porting.checkPortability.bind(porting);
    porting.checkPortability = async (phoneNumbers) => {
      held = await holders(port);
      return asked(phoneNumbers);
    };
    expect(await activities().checkPort({ portId: port._id })).toEqual({ problems: [] });
    expect(held).toEqual([port._id, port._id]);
  });

  test('tells a port whose numbers another one has, and asks nobody; once that has ended it passes (invariant 7)', async () => {
    const [first, second] = [await storePort(), await storePort()];
    await activities().checkPort({ portId: first._id });
    const { problems } = await activities().checkPort({ portId: second._id });
    const message = expect.stringContaining(first._id);
    expect(problems).toMatchObject([{ code: 'number-has-open-port', field: 'phoneNumbers', message }]);
    expect(await holders(first)).toEqual([first._id, first._id]);
    await activities().releaseNumbers({ portId: second._id });
    expect(await holders(first)).toEqual([first._id, first._id]);
    await activities().releaseNumbers({ portId: first._id });
    expect(await activities().checkPort({ portId: second._id })).toEqual({ problems: [] });
  });

  test('made again by a workflow that was cut off comes to the same result', async () => {
    const port = await storePort();
    porting.failure = new CarrierUnavailable('away');
    await expect(activities().checkPort({ portId: port._id })).rejects.toThrow('away');
    porting.failure = undefined;
    expect(await activities().checkPort({ portId: port._id })).toEqual({ problems: [] });
  });

  test('says what speaks against the port, without a number in it (invariant 9)', async () => {
    const port = await storePort();
    porting.check = (phoneNumber) => ({
      phoneNumber,
      portable: phoneNumber !== numbers[1],
      reason: `no ${phoneNumber}`,
    });
    database = { spid: '073H' };
    const { problems } = await activities().checkPort({ portId: port._id });
    expect(problems.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['number-not-portable', 'already-at-gaining-carrier']),
    );
    for (const number of numbers) expect(JSON.stringify(problems)).not.toContain(number.slice(2));
  });

  test('does not hold a port back for what is only likely, and says it in the timeline, once for each request', async () => {
    const soon = new Date(Date.now() + 3600_000).toISOString();
    const port = await storePort({ requestedFocAt: soon });
    expect(await activities().checkPort({ portId: port._id })).toEqual({ problems: [] });
    expect(await activities().checkPort({ portId: port._id })).toEqual({ problems: [] });
    const warned = (await own.store.timeline.list(port._id)).filter(({ type }) => type === 'port.warned');
    expect(warned).toHaveLength(1);
    expect(warned[0]?.detail).toContain('requested-date-too-near (requestedFocAt)');
  });

  test('holds back a date that is past, and a number that is locked here', async () => {
    const past = await storePort({ requestedFocAt: '2026-01-01T10:00:00.000Z' });
    const { problems } = await activities().checkPort({ portId: past._id });
    expect(problems).toMatchObject([{ code: 'requested-date-past', field: 'requestedFocAt' }]);
    await activities().releaseNumbers({ portId: past._id });
    const locked = { ...sampleNumber(own.store.vault, numbers[0] ?? ''), portOutLock: true };
    await own.store.numbers.insert(locked);
    const port = await storePort();
    expect((await activities().checkPort({ portId: port._id })).problems).toMatchObject([{ code: 'port-out-locked' }]);
  });

  test("reads the gaining carrier's reason for a no", async () => {
    const port = await storePort();
    porting.check = (phoneNumber) => ({ phoneNumber, portable: false, reason: `no_coverage` });
    const { problems } = await activities().checkPort({ portId: port._id });
    expect(problems).toMatchObject([{ code: 'number-not-covered', field: 'phoneNumbers' }]);
  });

  test('goes on without the portability database when that does not answer', async () => {
    database = new Error('time-out');
    const port = await storePort();
    expect(await activities().checkPort({ portId: port._id })).toEqual({ problems: [] });
  });
});

describe('an order', () => {
  test('is submitted under the id of its port, while the numbers are claimed (invariant 7)', async () => {
    const port = await storePort();
    let held: string[] = [];
    porting.beforeSubmit = async () => {
      held = await holders(port);
    };
    await activities().checkPort({ portId: port._id });
    const reading = await activities().submitOrder({ portId: port._id });
    expect(held).toEqual([port._id, port._id]);
    expect(porting.requests).toMatchObject([
      { reference: port._id, phoneNumbers: numbers, messagingPlan: 'move', subscriber: { accountNumber: 'ACC4711' } },
    ]);
    expect(reading).toMatchObject({ carrierOrderId: `order of ${port._id}`, state: 'submitted' });
  });

  test('is read without numbers and without the free words of the carrier (invariant 9)', async () => {
    const port = await storePort();
    const { carrierOrderId } = await activities().submitOrder({ portId: port._id });
    porting.put({
      carrierOrderId,
      state: 'exception',
      carrierState: 'exception',
      rejections: [{ code: 'PASSCODE_PIN_INVALID', message: `PIN 4711 of Ada Byron, ${numbers[0]}` }],
    });
    const reading = await activities().readOrder({ portId: port._id, carrierOrderId });
    expect(reading.numbers.map(({ numberKey }) => numberKey)).toEqual(keysOf(port));
    expect(reading.rejections).toMatchObject([{ code: 'PASSCODE_PIN_INVALID', message: expect.any(String) }]);
    for (const secret of ['4711', 'Byron', ...numbers.map((number) => number.slice(2))]) {
      expect(JSON.stringify(reading)).not.toContain(secret);
    }
  });

  test('is cancelled by the port that it was made for, when the answer to its submission was lost; or there is none', async () => {
    const port = await storePort();
    expect(await activities().cancelOrder({ portId: port._id })).toBeUndefined();
    await activities().submitOrder({ portId: port._id });
    expect(await activities().cancelOrder({ portId: port._id })).toMatchObject({ state: 'cancel-pending' });
    const other = await storePort();
    await expect(activities().readOrder({ portId: other._id })).rejects.toMatchObject({ details: ['no-such-order'] });
  });

  test('that gets another date has it on record; one that is not submitted yet has nobody to ask', async () => {
    const port = await storePort();
    const requestedFocAt = '2027-02-01T15:00:00.000Z';
    expect(await activities().rescheduleOrder({ portId: port._id, requestedFocAt })).toBeUndefined();
    expect(await own.store.ports.find(port._id)).toMatchObject({ requestedFocAt });
    const { carrierOrderId } = await activities().submitOrder({ portId: port._id });
    const later = '2027-02-02T15:00:00.000Z';
    const reading = await activities().rescheduleOrder({ portId: port._id, carrierOrderId, requestedFocAt: later });
    expect(reading).toMatchObject({ focAt: later });
    porting.failure = new CarrierRefused('no', 'FOC_REJECTED');
    const refused = activities().rescheduleOrder({ portId: port._id, carrierOrderId, requestedFocAt });
    await expect(refused).rejects.toMatchObject({ type: 'carrier-refused' });
    expect(await own.store.ports.find(port._id)).toMatchObject({ requestedFocAt: later });
  });

  test('has the clocks of its country and carrier', async () => {
    const port = await storePort();
    const focAt = '2027-01-29T15:00:00.000Z';
    const clocks = await activities().readClocks({ portId: port._id, submittedAt: '2027-01-25T15:00:00.000Z', focAt });
    expect(clocks).toMatchObject({ answerDueAt: expect.any(String), cancelUntil: '2027-01-27T15:00:00.000Z' });
    await expect(activities().readClocks({ portId: 'port_none' })).rejects.toMatchObject({ type: 'unknown-port' });
  });

  test('holds its numbers again before it is undone, unless another port has them (invariant 7)', async () => {
    const [first, second] = [await storePort(), await storePort()];
    await activities().holdNumbers({ portId: first._id });
    expect(await holders(first)).toEqual([first._id, first._id]);
    await expect(activities().holdNumbers({ portId: second._id })).rejects.toMatchObject({
      type: 'carrier-refused',
      details: ['number-has-open-port'],
    });
  });

  test('that the carrier refuses is not submitted again; one that did not reach it is', async () => {
    const port = await storePort();
    porting.failure = new CarrierRefused(`Number ${numbers[0]} is not ours`, 'PASSCODE_PIN_INVALID');
    const refused = await activities()
      .submitOrder({ portId: port._id })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApplicationFailure);
    expect(refused).toMatchObject({ type: 'carrier-refused', nonRetryable: true, details: ['PASSCODE_PIN_INVALID'] });
    expect(String(refused)).not.toContain(numbers[0]);
    porting.failure = new CarrierUnavailable('no answer');
    await expect(activities().submitOrder({ portId: port._id })).rejects.toBeInstanceOf(CarrierUnavailable);
  });

  test('of a port that nobody knows, or to a carrier that takes none, says so', async () => {
    await expect(activities().submitOrder({ portId: 'port_none' })).rejects.toMatchObject({
      type: 'unknown-port',
      nonRetryable: true,
    });
    const port = await storePort({ gainingCarrier: 'alpha' });
    await expect(activities().submitOrder({ portId: port._id })).rejects.toMatchObject({
      type: 'carrier-cannot-port',
      nonRetryable: false,
    });
  });
});

test('a projection writes steps and state, and repeats harmlessly in any order (invariant 1)', async () => {
  const port = await storePort();
  const step = (type: string) => ({ at: new Date().toISOString(), actor: 'portsms' as const, type, detail: '' });
  const order = newOrder('2027-01-01T00:00:00.000Z');
  const [requested, submitted] = [step('port.requested'), step('order.submitted')];
  const first = { portId: port._id, counter: 1, order, firstStep: 0, steps: [requested] };
  const second = {
    portId: port._id,
    counter: 2,
    order: { ...order, status: 'submitted' as const },
    carrierOrderId: 'order-1',
    firstStep: 1,
    steps: [submitted],
  };
  await activities().projectPort(first);
  await activities().projectPort(second);
  await activities().projectPort(first);
  expect(await own.store.ports.find(port._id)).toMatchObject({
    counter: 2,
    status: 'submitted',
    carrierOrderId: 'order-1',
  });
  expect((await own.store.timeline.list(port._id)).map(({ type }) => type)).toEqual([
    'port.requested',
    'order.submitted',
  ]);
});

test('the agreed date is noted with the numbers, moved with the order, and forgotten when the order has none', async () => {
  const port = await storePort({ losingCarrier: 'alpha' });
  const [moved, other] = numbers as [string, string];
  await own.store.numbers.insert(
    sampleNumber(own.store.vault, moved, { routing: { state: 'settled', carrier: 'telnyx' } }),
  );
  await own.store.numbers.insert(sampleNumber(own.store.vault, other));
  const moveOf = async (phoneNumber: string) =>
    (await own.store.numbers.find(own.store.vault.numberKey(phoneNumber)))?.move;
  let counter = 0;
  const project = async (order: Partial<OrderState>) => {
    counter += 1;
    const now = new Date().toISOString();
    const full = { ...newOrder(now), ...order };
    await activities().projectPort({ portId: port._id, counter, order: full, firstStep: 0, steps: [] });
  };
  const first = '2027-01-01T10:00:00.000Z';
  const second = '2027-01-02T10:00:00.000Z';
  await project({ status: 'submitted' });
  expect(await moveOf(other)).toBeUndefined();
  await project({ status: 'foc-confirmed', focAt: first });
  expect(await moveOf(other)).toEqual({ portId: port._id, losing: 'alpha', gaining: 'telnyx', focAt: new Date(first) });
  await project({ status: 'foc-confirmed', focAt: second });
  expect(await moveOf(other)).toMatchObject({ focAt: new Date(second) });
  // A number that has moved already does not move again.
  expect(await moveOf(moved)).toBeUndefined();
  await project({ status: 'submitted' });
  expect(await moveOf(other)).toBeUndefined();
  await project({ status: 'activating', focAt: second });
  await project({ status: 'cancelled', focAt: second });
  expect(await moveOf(other)).toBeUndefined();
});

test('the date of an order on demand is noted only where the carrier does not activate on demand', async () => {
  const port = await storePort({ activation: 'on-demand' });
  const [number = ''] = numbers;
  await own.store.numbers.insert(sampleNumber(own.store.vault, number));
  const moveOf = async () => (await own.store.numbers.find(own.store.vault.numberKey(number)))?.move;
  const { carrierOrderId } = await activities().submitOrder({ portId: port._id });
  const focAt = '2027-01-29T15:00:00.000Z';
  let counter = 0;
  const follow = async (onDemand?: boolean) => {
    porting.put({ carrierOrderId, state: 'foc-confirmed', focAt, ...(onDemand !== undefined && { onDemand }) });
    const view = await activities().readOrder({ portId: port._id, carrierOrderId });
    const order = nextOrder(newOrder(focAt), { type: 'carrier', view }, focAt);
    counter += 1;
    await activities().projectPort({ portId: port._id, counter, order, firstStep: 0, steps: [] });
    return activities().readClocks({ portId: port._id, focAt, ...(onDemand !== undefined && { onDemand }) });
  };
  expect(await follow()).toHaveProperty('activationOpensAt');
  expect(await moveOf()).toBeUndefined();
  expect(await follow(true)).toHaveProperty('activationOpensAt');
  expect(await moveOf()).toBeUndefined();
  expect(await follow(false)).not.toHaveProperty('activationOpensAt');
  expect(await moveOf()).toMatchObject({ focAt: new Date(focAt) });
});
