import { expect, test } from 'vitest';
import { ownStore } from './own-store.ts';

const own = ownStore();
let number = 0;
/** Keys of numbers that no other test uses. */
function freshKeys(count: number): string[] {
  number += count;
  return Array.from({ length: count }, (_, i) => `num_${String(number - i).padStart(6, '0')}`).reverse();
}

/** Which port holds each number, as it stands in the database. */
async function holders(keys: readonly string[]): Promise<(string | undefined)[]> {
  const open = await own.store.numberClaims.openPorts(keys);
  return keys.map((key) => open.get(key));
}

test('of 20 ports that want the same numbers at once, one gets all and the others none (invariant 7)', async () => {
  const keys = freshKeys(6);
  const ports = Array.from({ length: 20 }, (_, i) => `port_${i}`);
  const refusals = await Promise.all(
    ports.map((port, i) => {
      // Everybody begins with another number.
      const turned = [...keys.slice(i % 6), ...keys.slice(0, i % 6)];
      return own.store.numberClaims.claim(turned, port);
    }),
  );
  const winners = ports.filter((_, i) => refusals[i]?.length === 0);
  expect(winners).toHaveLength(1);
  expect(new Set(await holders(keys))).toEqual(new Set(winners));
});

test('of 20 ports whose numbers overlap, none is left with half of its numbers (invariant 7)', async () => {
  const keys = freshKeys(21);
  // Neighbours share a number: even ones alone, or odd ones alone, could all have theirs.
  const wanted = Array.from({ length: 20 }, (_, i) => ({ port: `chain_${i}`, keys: keys.slice(i, i + 2) }));
  const refusals = await Promise.all(wanted.map(({ port, keys: pair }) => own.store.numberClaims.claim(pair, port)));
  const held = await holders(keys);
  const holderOf = new Map(keys.map((key, i) => [key, held[i]]));
  let winners = 0;
  wanted.forEach(({ port, keys: pair }, i) => {
    const has = pair.filter((key) => holderOf.get(key) === port).length;
    expect(has, port).toBe(refusals[i]?.length === 0 ? 2 : 0);
    if (has === 2) winners += 1;
  });
  expect(winners).toBeGreaterThan(0);
});

test('who is refused learns which numbers another port has, and leaves the free ones free', async () => {
  const [taken = '', free = ''] = freshKeys(2);
  expect(await own.store.numberClaims.claim([taken], 'port_first')).toEqual([]);
  expect(await own.store.numberClaims.claim([free, taken], 'port_second')).toEqual([taken]);
  expect(await holders([taken, free])).toEqual(['port_first', undefined]);
});

test('claiming again is harmless, also what a cut-off claim left half', async () => {
  const keys = freshKeys(3);
  await own.store.numberClaims.claim(keys.slice(1, 2), 'port_again');
  expect(await own.store.numberClaims.claim(keys, 'port_again')).toEqual([]);
  expect(await own.store.numberClaims.claim(keys, 'port_again')).toEqual([]);
  expect(await holders(keys)).toEqual(['port_again', 'port_again', 'port_again']);
});

test("a port gives free its own numbers and nobody else's; then another port may have them (invariant 7)", async () => {
  const keys = freshKeys(2);
  await own.store.numberClaims.claim(keys, 'port_done');
  await own.store.numberClaims.release(keys, 'port_other');
  expect(await holders(keys)).toEqual(['port_done', 'port_done']);
  await own.store.numberClaims.release(keys, 'port_done');
  expect(await own.store.numberClaims.claim(keys, 'port_next')).toEqual([]);
});

test('500 numbers are claimed at once', async () => {
  const keys = freshKeys(500);
  expect(await own.store.numberClaims.claim(keys, 'port_large')).toEqual([]);
  expect((await own.store.numberClaims.openPorts(keys)).size).toBe(500);
});
