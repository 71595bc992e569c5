import { expect, it } from 'vitest';
import { ownStore } from './own-store.ts';

const own = ownStore();

it('is pinged by a write, and not by more than one at a time', async () => {
  const written = () => own.raw.collection('pings').find().toArray();
  await own.store.ping();
  const first = await written();
  expect(first).toMatchObject([{ at: expect.any(Date) }]);
  await Promise.all(Array.from({ length: 20 }, () => own.store.ping()));
  expect(await written()).toEqual(first);
});
