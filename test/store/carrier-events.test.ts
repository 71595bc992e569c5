import { expect, test } from 'vitest';
import type { CarrierEventDocument } from '../../store/carrier-events.ts';
import { ownStore } from './own-store.ts';

const own = ownStore();

function event(id: string, rest: Partial<CarrierEventDocument> = {}): CarrierEventDocument {
  const receivedAt = rest.receivedAt ?? new Date();
  return {
    _id: `alpha/${id}`,
    carrier: 'alpha',
    type: 'receipt',
    receivedAt,
    state: 'new',
    event: own.store.vault.seal('{}'),
    forgetAt: new Date(Date.now() + 3600_000),
    ...rest,
  };
}
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const idsOf = (documents: readonly { _id: string }[]) => documents.map(({ _id }) => _id);

test('an event is stored once by carrier and id, however often and by how many it is brought (invariant 3)', async () => {
  const { carrierEvents } = own.store;
  const batch = Array.from({ length: 20 }, (_, i) => event(`once-${i}`));
  await Promise.all(Array.from({ length: 6 }, (_, i) => carrierEvents.store(i % 2 ? batch : batch.toReversed())));
  await carrierEvents.store([
    event('once-0'),
    { ...event('once-0'), _id: 'beta/once-0', carrier: 'beta' },
    event('new'),
  ]);
  const found = await carrierEvents.findMany([...idsOf(batch), 'beta/once-0', 'alpha/new']);
  expect(found).toHaveLength(22);
});

test('what was worked on stays so: a repetition does not open it again, nor does a late «unmatched»', async () => {
  const { carrierEvents } = own.store;
  await carrierEvents.store([event('done', { dueAt: at(0) })]);
  await carrierEvents.finish(['alpha/done']);
  await carrierEvents.store([event('done', { dueAt: at(0) })]);
  await carrierEvents.postpone([event('done')], at(1), 5000, 60_000);
  expect((await carrierEvents.findMany(['alpha/done']))[0]?.state).toBe('done');
  expect(await carrierEvents.findDue(at(9), 10)).toEqual([]);
});

test('due ones are found, the longest due first, and open ones by the segment that they are about', async () => {
  const { carrierEvents } = own.store;
  await carrierEvents.store([
    event('c', { dueAt: at(30), carrierRef: 'alpha/m1' }),
    event('a', { dueAt: at(10) }),
    event('b', { dueAt: at(20), carrierRef: 'alpha/m2' }),
  ]);
  expect(idsOf(await carrierEvents.findDue(at(25), 10))).toEqual(['alpha/a', 'alpha/b']);
  expect(idsOf(await carrierEvents.findDue(at(31), 1))).toEqual(['alpha/a']);
  await carrierEvents.finish(['alpha/b']);
  expect(idsOf(await carrierEvents.findDue(at(31), 10))).toEqual(['alpha/a', 'alpha/c']);
  expect(idsOf(await carrierEvents.findOpenByRefs(['alpha/m1', 'alpha/m2', 'alpha/m3']))).toEqual(['alpha/c']);
  await carrierEvents.finish(['alpha/a', 'alpha/c']);
});

test('what belongs to nothing is due again at twice its age, at least after some patience, until hope is over', async () => {
  const { carrierEvents } = own.store;
  await carrierEvents.store([event('stranger', { receivedAt: at(0), dueAt: at(5) })]);
  const dueAfter = async (second: number) => {
    await carrierEvents.postpone([event('stranger', { receivedAt: at(0) })], at(second), 5000, 60_000);
    return (await carrierEvents.findMany(['alpha/stranger']))[0];
  };
  expect(await dueAfter(1)).toMatchObject({ state: 'unmatched', dueAt: at(6) });
  expect(await dueAfter(6)).toMatchObject({ state: 'unmatched', dueAt: at(12) });
  expect(await dueAfter(40)).toMatchObject({ state: 'unmatched', dueAt: at(80) });
  const given = await dueAfter(60);
  expect(given).toMatchObject({ state: 'unmatched' });
  expect(given).not.toHaveProperty('dueAt');
});
