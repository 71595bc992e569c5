import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { createBulkLookUps } from '../../activities/bulk-look-ups.ts';
import { createPortPlanActivities } from '../../activities/port-plan.ts';
import { newCutover } from '../../domain/lifecycle/cutover.ts';
import { newPlan } from '../../domain/lifecycle/plan.ts';
import type { CancelPort } from '../../intake/port-cancellation.ts';
import { PortabilityUnavailable } from '../../npdb/portability-database.ts';
import type { PortPlanDocument } from '../../store/port-plans.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber, samplePlan } from '../store/samples.ts';
import { fakeCarrier } from './fake-carrier.ts';
import { FakePorting } from './fake-porting.ts';

const own = ownStore();
let porting: FakePorting;
/** What the portability database says of a number. */
let spidOf: (phoneNumber: string) => string | undefined;
let asked: string[] = [];
let underWay = 0;
let mostUnderWay = 0;
const cancelled: string[] = [];
/** Why an order turns its cancellation down; it takes it, unless told. */
let refusal: Awaited<ReturnType<CancelPort>>;

function activities() {
  const { store } = own;
  return createPortPlanActivities({
    store,
    carriers: new Map([
      ['alpha', fakeCarrier('alpha', { settings: { spids: ['1234'] } })],
      ['beta', fakeCarrier('beta', { settings: { spids: ['5678'] } })],
      ['telnyx', fakeCarrier('telnyx', { porting, settings: { adapter: 'telnyx', spids: ['073H'] } })],
    ]),
    lookUps: createBulkLookUps({
      store,
      logger: pino({ enabled: false }),
      portability: {
        name: 'test',
        async lookUp(phoneNumber) {
          asked.push(phoneNumber);
          underWay += 1;
          mostUnderWay = Math.max(mostUnderWay, underWay);
          await new Promise((resolve) => setImmediate(resolve));
          underWay -= 1;
          const spid = spidOf(phoneNumber);
          return spid === undefined ? undefined : { ported: true, spid, source: 'test', at: new Date().toISOString() };
        },
      },
    }),
    cancelPort: async (portId) => {
      cancelled.push(portId);
      return refusal;
    },
  });
}

const environment = new MockActivityEnvironment();
const run = <I, O>(activity: (input: I) => Promise<O>, input: I): Promise<O> => environment.run(activity, input);

let count = 0;
beforeEach(() => {
  porting = new FakePorting();
  spidOf = () => '1234';
  asked = [];
  mostUnderWay = 0;
  refusal = undefined;
  count += 1;
});

/** Numbers of this test alone. */
const many = (size: number) => Array.from({ length: size }, (_, index) => `+1206${2000000 + count * 20_000 + index}`);

async function storePlan(phoneNumbers: readonly string[], rest: Partial<PortPlanDocument> = {}): Promise<string> {
  const { vault, portPlans } = own.store;
  const plan = samplePlan(vault, { numbers: phoneNumbers.length, ...rest });
  await portPlans.insert(
    plan,
    phoneNumbers.map((number) => ({ numberKey: vault.numberKey(number), number: vault.seal(number) })),
  );
  return plan._id;
}
const numbersOf = async (planId: string) =>
  (await own.store.portPlans.parts(planId).toArray()).flatMap(({ numbers }) => numbers);
const times = { marginMs: 1, proofDeadlineMs: 2 };

describe('the check of a plan', () => {
  test('looks every number up once, a few at a time, and beats after each portion', async () => {
    const planId = await storePlan(many(1100));
    const beats: unknown[] = [];
    const beating = new MockActivityEnvironment();
    beating.on('heartbeat', (details) => beats.push(details));
    await beating.run(activities().checkPlan, { planId });
    expect(asked).toHaveLength(1100);
    expect(mostUnderWay).toBeLessThanOrEqual(20);
    expect(beats).toEqual([0, 1, 2]);
    for (const { kind } of await numbersOf(planId)) {
      expect(kind).toMatchObject({ losingCarrier: 'alpha', country: 'US', type: 'fixed-or-mobile' });
    }
  });

  test('goes on where it was cut off', async () => {
    const planId = await storePlan(many(1100));
    const { checkPortability } = FakePorting.prototype;
    let calls = 0;
    porting.checkPortability = async (phoneNumbers) => {
      calls += 1;
      if (calls === 2) throw new Error('The connection was lost.');
      return checkPortability.call(porting, phoneNumbers);
    };
    await expect(run(activities().checkPlan, { planId })).rejects.toThrow('connection');
    await run(activities().checkPlan, { planId });
    // The first portion once, the second twice, the third once.
    expect(asked).toHaveLength(500 + 500 + 500 + 100);
    expect((await numbersOf(planId)).every(({ kind }) => kind)).toBe(true);
  });

  test('keeps what the database says in the records of the numbers', async () => {
    const [first = '', second = ''] = many(2);
    const known = sampleNumber(own.store.vault, second, { routing: { state: 'settled', carrier: 'beta' } });
    await own.store.numbers.insert(known);
    await run(activities().checkPlan, { planId: await storePlan([first, second]) });
    expect(await own.store.numbers.find(own.store.vault.numberKey(first))).toMatchObject({
      own: false,
      country: 'US',
      lookUp: { spid: '1234', source: 'test' },
    });
    expect(await own.store.numbers.find(known._id)).toMatchObject({ own: true, lookUp: { spid: '1234' } });
  });

  test('a database that is silent stops nothing', async () => {
    spidOf = () => {
      throw new PortabilityUnavailable('No answer.');
    };
    const planId = await storePlan(many(3), { losingCarrier: 'alpha' });
    await run(activities().checkPlan, { planId });
    expect(asked).toHaveLength(9);
    expect((await numbersOf(planId)).map(({ kind }) => kind?.losingCarrier)).toEqual(['alpha', 'alpha', 'alpha']);
  });

  test('what cannot be ported is listed with its code and stops nothing', async () => {
    const [there = '', taken = '', refused = '', fine = ''] = many(4);
    const premium = '+19002345678';
    spidOf = (phoneNumber) => (phoneNumber === there ? '073H' : '1234');
    porting.check = (phoneNumber) => ({ phoneNumber, portable: phoneNumber !== refused });
    await own.store.numberClaims.claim([own.store.vault.numberKey(taken)], 'port_other');
    const planId = await storePlan([there, taken, refused, 'nonsense', '+19995550199', premium, fine]);
    await run(activities().checkPlan, { planId });
    expect((await numbersOf(planId)).map(({ problem }) => problem?.code)).toEqual([
      'already-at-gaining-carrier',
      'port-already-open',
      'number-not-portable',
      'phone-number-malformed',
      'phone-number-invalid',
      'number-type-not-portable',
      undefined,
    ]);
    expect(await run(activities().splitPlan, { planId })).toEqual({ orders: 1, problems: 6 });
  });
});

describe('the orders of a plan', () => {
  async function split(phoneNumbers: readonly string[]): Promise<string> {
    const planId = await storePlan(phoneNumbers, { losingCarrier: undefined });
    await run(activities().checkPlan, { planId });
    return planId;
  }

  test('are the same when the splitting is repeated, and hold every number once', async () => {
    const phoneNumbers = many(1200);
    spidOf = (phoneNumber) => (Number(phoneNumber) % 2 === 0 ? '1234' : '5678');
    const planId = await split(phoneNumbers);
    expect(await run(activities().splitPlan, { planId })).toEqual({ orders: 4, problems: 0 });
    const first = await numbersOf(planId);
    await run(activities().splitPlan, { planId });
    expect(await numbersOf(planId)).toEqual(first);
    const orders = await Promise.all([0, 1, 2, 3].map((order) => own.store.portPlans.numbersOf(planId, order)));
    expect(orders.map(({ length }) => length)).toEqual([500, 500, 100, 100]);
    expect(new Set(orders.flat().map(({ numberKey }) => numberKey)).size).toBe(1200);
  });

  test('are put on record with numbers and consent; a repetition changes nothing (invariant 4)', async () => {
    const phoneNumbers = many(3);
    const planId = await split(phoneNumbers);
    await run(activities().splitPlan, { planId });
    const input = await run(activities().recordPlanOrder, { planId, order: 0, ...times });
    expect(input).toMatchObject({ planId, gainingCarrier: 'telnyx', losingCarrier: 'alpha', numberKeys: [], ...times });
    expect(await run(activities().recordPlanOrder, { planId, order: 0, ...times })).toEqual(input);

    const { store } = own;
    const port = await store.ports.find(input.portId);
    const keys = phoneNumbers.map((phoneNumber) => store.vault.numberKey(phoneNumber));
    expect(port).toMatchObject({ planId, status: 'checking', country: 'US', losingCarrier: 'alpha' });
    expect(await run(activities().numberKeysOf, { portId: input.portId })).toEqual(keys);
    for (const key of keys) {
      expect(await store.numbers.find(key)).toMatchObject({
        own: true,
        routing: { state: 'settled', carrier: 'alpha' },
        version: 2,
      });
      expect((await store.consents.ofSubjects([key])).get(key)).toMatchObject([
        { basis: 'porting', portId: input.portId },
      ]);
    }
    // An order that lies unstarted is begun by its plan, by nobody else.
    expect(await store.ports.findUnstarted(new Date(Date.now() + 1000), 50)).not.toContainEqual(
      expect.objectContaining({ _id: input.portId }),
    );
  });

  test('are rolled up from what the store says of them and of their numbers', async () => {
    const planId = await split(many(3));
    await run(activities().splitPlan, { planId });
    const { portId } = await run(activities().recordPlanOrder, { planId, order: 0, ...times });
    const [first = '', second = ''] = await run(activities().numberKeysOf, { portId });
    await own.store.ports.projectCutover(portId, first, 1, { ...newCutover('move'), messaging: 'uncertain' });
    await own.store.ports.projectCutover(portId, second, 1, {
      ...newCutover('move'),
      messaging: 'gaining',
      outcome: 'ported',
    });
    expect(await run(activities().rollUpPlan, { planId })).toEqual({
      orders: { begun: 1, open: 1, byStatus: { checking: 1 } },
      numbers: { ordered: 3, uncertain: 1, ported: 1, returned: 0 },
    });
  });

  test('are cancelled by name, but for those that have ended', async () => {
    spidOf = (phoneNumber) => (Number(phoneNumber) % 2 === 0 ? '1234' : '5678');
    const planId = await split(many(2));
    await run(activities().splitPlan, { planId });
    const inputs = [];
    for (const order of [0, 1]) inputs.push(await run(activities().recordPlanOrder, { planId, order, ...times }));
    await own.store.ports.project(inputs[0]?.portId ?? '', 1, { status: 'completed' });
    cancelled.length = 0;
    await run(activities().cancelPlanOrders, { planId, reason: 'other' });
    expect(cancelled).toEqual([inputs[1]?.portId]);
    expect(await run(activities().cancelPlanOrders, { planId })).toEqual({ tooLate: 0 });
    expect(await own.store.timeline.list(inputs[1]?.portId ?? '')).toEqual([]);
  });

  test('that turn their cancellation down are counted, and say in their timeline why, once', async () => {
    const planId = await split(many(1));
    await run(activities().splitPlan, { planId });
    const { portId } = await run(activities().recordPlanOrder, { planId, order: 0, ...times });
    const message = 'The carrier took a cancellation until 2027-01-01T00:00:00.000Z.';
    refusal = { code: 'cancel-too-late', message };
    expect(await run(activities().cancelPlanOrders, { planId })).toEqual({ tooLate: 1 });
    expect(await run(activities().cancelPlanOrders, { planId })).toEqual({ tooLate: 1 });
    expect(await own.store.timeline.list(portId)).toMatchObject([
      { actor: 'caller', type: 'order.cancel-too-late', detail: expect.stringContaining(message) },
    ]);
    // That its numbers have moved it says itself.
    refusal = { code: 'order-not-cancellable', message: 'This order is activating and its numbers have moved.' };
    expect(await run(activities().cancelPlanOrders, { planId })).toEqual({ tooLate: 1 });
    expect(await own.store.timeline.list(portId)).toHaveLength(1);
  });

  test('an older projection of the plan never overwrites a newer one (invariant 1)', async () => {
    const planId = await storePlan(many(1));
    const state = newPlan('2027-01-01T00:00:00.000Z');
    const project = (counter: number, status: 'ordering' | 'in-progress') =>
      run(activities().projectPlan, { planId, counter, state: { ...state, status }, firstStep: 0, steps: [] });
    await project(2, 'in-progress');
    await project(1, 'ordering');
    expect((await own.store.portPlans.find(planId))?.status).toBe('in-progress');
  });
});
