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
    forgetAt: new Date(receivedAt.getTime() + 3600_000),
    ...rest,
  };
}
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
  await carrierEvents.store([event('done')]);
  await carrierEvents.mark(['alpha/done'], 'done');
  await carrierEvents.store([event('done')]);
  await carrierEvents.mark(['alpha/done'], 'unmatched');
  expect((await carrierEvents.findMany(['alpha/done']))[0]?.state).toBe('done');
});

test('open ones are found by age, oldest first, and by the segment that they are about', async () => {
  const { carrierEvents } = own.store;
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
  const forgetAt = new Date(Date.now() + 3600_000);
  await carrierEvents.store([
    event('c', { receivedAt: at(30), carrierRef: 'alpha/m1', forgetAt }),
    event('a', { receivedAt: at(10), forgetAt }),
    event('b', { receivedAt: at(20), carrierRef: 'alpha/m2', forgetAt }),
  ]);
  expect(idsOf(await carrierEvents.findOpen('new', at(0), at(30), 10))).toEqual(['alpha/a', 'alpha/b']);
  expect(idsOf(await carrierEvents.findOpen('new', at(15), at(31), 1))).toEqual(['alpha/b']);
  await carrierEvents.mark(['alpha/c'], 'unmatched');
  await carrierEvents.mark(['alpha/b'], 'done');
  expect(idsOf(await carrierEvents.findOpenByRefs(['alpha/m1', 'alpha/m2', 'alpha/m3']))).toEqual(['alpha/c']);
});
