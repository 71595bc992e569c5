import { expect, test } from 'vitest';
import { ownStore } from './own-store.ts';

const own = ownStore();

test('of requests that come at once under one key, one runs (invariant 4)', async () => {
  const { idempotency } = own.store;
  const begun = await Promise.all(Array.from({ length: 10 }, () => idempotency.begin('idem_1', 'hash')));
  expect(begun.toSorted()).toEqual(['run', ...Array.from({ length: 9 }, () => 'running')]);
});

test('afterwards the same request gets the first answer, another one is told apart', async () => {
  const { idempotency, vault } = own.store;
  expect(await idempotency.begin('idem_2', 'hash')).toBe('run');
  await idempotency.finish('idem_2', { status: 202, body: vault.seal('{"id":"port_1"}') });
  const first = await idempotency.begin('idem_2', 'hash');
  if (typeof first === 'string') throw new Error(`expected the first answer, got ${first}`);
  expect({ status: first.status, body: vault.open(first.body) }).toEqual({ status: 202, body: '{"id":"port_1"}' });
  expect(await idempotency.begin('idem_2', 'other')).toBe('different');
});

test('a request that was turned down is forgotten, one that was answered is not', async () => {
  const { idempotency, vault } = own.store;
  await idempotency.begin('idem_3', 'hash');
  await idempotency.abandon('idem_3');
  expect(await idempotency.begin('idem_3', 'corrected')).toBe('run');
  await idempotency.finish('idem_3', { status: 200, body: vault.seal('{}') });
  await idempotency.abandon('idem_3');
  expect(await idempotency.begin('idem_3', 'corrected')).toMatchObject({ status: 200 });
});

test('a request that was cut off is taken over after a minute, by one', async () => {
  const { idempotency } = own.store;
  await idempotency.begin('idem_4', 'hash');
  await own.raw
    .collection<{ _id: string }>('idempotency')
    .updateOne({ _id: 'idem_4' }, { $set: { startedAt: new Date(Date.now() - 61_000) } });
  const begun = await Promise.all(Array.from({ length: 6 }, () => idempotency.begin('idem_4', 'hash')));
  expect(begun.filter((outcome) => outcome === 'run')).toHaveLength(1);
});
