import { beforeEach, expect, test } from 'vitest';
import { createCarrierSyncActivities } from '../../activities/carrier-sync.ts';
import { CarrierUnavailable } from '../../carriers/errors.ts';
import { portOutIdOf } from '../../intake/port-outs.ts';
import type { PortDocument } from '../../store/ports.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { ownStore } from '../store/own-store.ts';
import { samplePort, samplePortOut } from '../store/samples.ts';
import { fakeCarrier } from './fake-carrier.ts';
import { FakeHosting } from './fake-hosting.ts';
import { FakePortOuts } from './fake-port-outs.ts';
import { FakePorting } from './fake-porting.ts';

const own = ownStore();
const engine = new RecordedEngine();
let porting: FakePorting;
let portOuts: FakePortOuts;
let carrier = '';
let count = 0;
beforeEach(() => {
  engine.failure = undefined;
  engine.clear();
  porting = new FakePorting();
  portOuts = new FakePortOuts();
  count += 1;
  carrier = `carrier-${count}`;
});
const sync = () =>
  createCarrierSyncActivities({
    store: own.store,
    engine,
    carriers: new Map([[carrier, fakeCarrier(carrier, { porting, portOuts })]]),
  }).syncCarrier({ carrier });

/** A port whose order stands at the carrier as it was last seen. */
async function storePort(order: string, rest: Partial<PortDocument> = {}): Promise<string> {
  const port = samplePort(own.store.vault, ['+12025550143'], {
    gainingCarrier: carrier,
    carrierOrderId: order,
    carrierState: 'submitted',
    status: 'submitted',
    ...rest,
  });
  await own.store.ports.insert(port);
  porting.put({ carrierOrderId: order });
  return port._id;
}

test('a port whose webhook was lost is told, one that knows already is not', async () => {
  const behind = await storePort('order-1');
  await storePort('order-2');
  porting.put({ carrierOrderId: 'order-1', state: 'foc-confirmed', carrierState: 'foc-date-confirmed' });
  porting.put({ carrierOrderId: 'order-of-somebody-else' });
  expect(await sync()).toBe(1);
  expect(engine.told).toEqual([['carrierNews', behind, undefined]]);
});

test('a port whose date was moved is told, although the state of its order is the same', async () => {
  const confirmed = { carrierState: 'foc-date-confirmed', status: 'foc-confirmed' as const };
  const moved = await storePort('order-1', { ...confirmed, focAt: '2027-03-01T10:00:00.000Z' });
  await storePort('order-2', { ...confirmed, focAt: '2027-03-01T10:00:00.000Z' });
  const order = { state: 'foc-confirmed' as const, carrierState: 'foc-date-confirmed' };
  porting.put({ carrierOrderId: 'order-1', ...order, focAt: '2027-03-05T10:00:00Z' });
  porting.put({ carrierOrderId: 'order-2', ...order, focAt: '2027-03-01T10:00:00Z' });
  expect(await sync()).toBe(1);
  expect(engine.told).toEqual([['carrierNews', moved, undefined]]);
});

test('each pass lists what changed since the last one, and a minute more', async () => {
  const first = Date.now();
  await sync();
  expect(Date.parse(porting.listedSince ?? '')).toBeLessThan(first - 23 * 3600_000);
  await sync();
  const since = Date.parse(porting.listedSince ?? '');
  expect(since).toBeGreaterThanOrEqual(first - 60_000);
  expect(since).toBeLessThanOrEqual(Date.now() - 59_000);
});

test('a pass that fails, at the carrier or at the engine, is made again over the same time', async () => {
  const behind = await storePort('order-1');
  await sync();
  const listed = await own.store.carrierSyncs.listedUntil(carrier);
  porting.put({ carrierOrderId: 'order-1', carrierState: 'foc-date-confirmed' });
  porting.failure = new CarrierUnavailable('away');
  await expect(sync()).rejects.toThrow('away');
  porting.failure = undefined;
  engine.failure = new Error('the engine is away');
  await expect(sync()).rejects.toThrow('the engine is away');
  expect(await own.store.carrierSyncs.listedUntil(carrier)).toEqual(listed);
  engine.failure = undefined;
  expect(await sync()).toBe(1);
  expect(engine.told).toEqual([['carrierNews', behind, undefined]]);
});

test('many orders are told portion by portion', async () => {
  const ids: string[] = [];
  for (let i = 0; i < 205; i += 1) ids.push(await storePort(`order-${i}`));
  for (let i = 0; i < 205; i += 1) porting.put({ carrierOrderId: `order-${i}`, carrierState: 'foc-date-confirmed' });
  expect(await sync()).toBe(205);
  expect(new Set(engine.callsOf('carrierNews').map(([id]) => id))).toEqual(new Set(ids));
});

test('a carrier that takes no orders has nothing to list', async () => {
  const activities = createCarrierSyncActivities({ store: own.store, engine, carriers: new Map() });
  expect(await activities.syncCarrier({ carrier: 'alpha' })).toBe(0);
});

test('a port-out that nobody told of is started, one that is behind is told, one that is known is not', async () => {
  const reference = (carrierPortOutId: string) => ({
    portOutId: portOutIdOf(own.store, carrier, carrierPortOutId),
    carrier,
    carrierPortOutId,
  });
  const store = (id: string) =>
    own.store.portOuts.insert(
      samplePortOut(own.store.vault, ['+12025550143'], { _id: reference(id).portOutId, carrier, carrierPortOutId: id }),
    );
  await store('known');
  await store('behind');
  await store('dated');
  portOuts.put({ carrierPortOutId: 'new' });
  portOuts.put({ carrierPortOutId: 'known' });
  portOuts.put({ carrierPortOutId: 'behind', state: 'authorized', carrierState: 'authorized' });
  portOuts.put({ carrierPortOutId: 'dated', focAt: '2027-03-01T10:00:00.000Z' });
  expect(await sync()).toBe(3);
  expect(engine.callsOf('portOutNews')).toEqual(['new', 'behind', 'dated'].map((id) => [reference(id), undefined]));
});

test('port-outs that cannot be listed are listed again over the same time', async () => {
  await sync();
  const listed = await own.store.carrierSyncs.listedUntil(carrier);
  portOuts.failure = new CarrierUnavailable('away');
  await expect(sync()).rejects.toThrow('away');
  expect(await own.store.carrierSyncs.listedUntil(carrier)).toEqual(listed);
});

test('orders for texts alone are listed in the same pass', async () => {
  const hosting = new FakeHosting();
  const behind = await storePort('h-1', { messagingPlan: 'messaging-only', carrierState: 'pending' });
  hosting.put({ carrierOrderId: 'h-1', state: 'provisioning', carrierState: 'provisioning' });
  porting.orders.clear();
  const carriers = new Map([[carrier, fakeCarrier(carrier, { hosting })]]);
  const { syncCarrier } = createCarrierSyncActivities({ store: own.store, engine, carriers });
  expect(await syncCarrier({ carrier })).toBe(1);
  expect(engine.told).toEqual([['carrierNews', behind, undefined]]);
});
