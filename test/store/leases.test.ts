import { expect, test } from 'vitest';
import { closedBreaker, opened } from '../../domain/breaker.ts';
import { ownStore } from './own-store.ts';

const own = ownStore();

test('a book is written only in place of the one that was read (invariant 8)', async () => {
  const { leases } = own.store;
  expect(await leases.find('alpha')).toEqual({ holders: [], rev: 0 });
  const holder = (worker: string) => [{ worker, slots: 1, beat: 1 }];
  const first = await Promise.all(['a', 'b', 'c'].map((worker) => leases.save('alpha', 0, holder(worker))));
  expect(first.filter(Boolean)).toHaveLength(1);
  const { rev } = await leases.find('alpha');
  const second = await Promise.all(['d', 'e', 'f'].map((worker) => leases.save('alpha', rev, holder(worker))));
  expect(second.filter(Boolean)).toHaveLength(1);
  expect(await leases.find('alpha')).toMatchObject({ rev: 2, holders: [{ slots: 1 }] });
});

test('portions of a day never add up to more than its limit, whoever takes them at once', async () => {
  const { dayCounters } = own.store;
  const takers = Array.from({ length: 12 }, () => dayCounters.take('alpha/sender/x/2027-01-01', 100, 15, 1));
  const portions = await Promise.all(takers);
  expect(portions.reduce((sum, portion) => sum + portion, 0)).toBe(100);
  expect(await dayCounters.take('alpha/sender/x/2027-01-01', 100, 1, 1)).toBe(0);
  await dayCounters.giveBack('alpha/sender/x/2027-01-01', 4);
  expect(await dayCounters.take('alpha/sender/x/2027-01-01', 100, 15, 5)).toBe(0);
  expect(await dayCounters.take('alpha/sender/x/2027-01-01', 100, 15, 2)).toBe(4);
});

test('a breaker that two workers open at once is opened once', async () => {
  const { breakers } = own.store;
  const now = new Date();
  const open = () => breakers.change('alpha', now, (state) => (state.open ? undefined : opened(state, 'failing', now)));
  const states = await Promise.all([open(), open(), open()]);
  expect(states.map(({ open, openings }) => [open, openings])).toEqual(Array(3).fill([true, 1]));
  await breakers.change('alpha', now, () => closedBreaker);
  expect(await breakers.findMany(['alpha', 'beta'])).toMatchObject([{ _id: 'alpha', open: false, openings: 0 }]);
});
