import { expect, test } from 'vitest';
import type { NumberRouting } from '../../store/numbers.ts';
import { ownStore } from './own-store.ts';
import { sampleNumber } from './samples.ts';

const own = ownStore();
let count = 0;

/** Stores a number that no other test uses. @returns its key */
async function storeNumber(rest: Parameters<typeof sampleNumber>[2] = {}): Promise<string> {
  count += 1;
  const number = sampleNumber(own.store.vault, `+1202555${String(1000 + count)}`, rest);
  await own.store.numbers.insert(number);
  return number._id;
}

const moving: NumberRouting = {
  state: 'uncertain',
  portId: 'port_1',
  losing: 'alpha',
  gaining: 'telnyx',
  since: new Date('2027-01-01T00:00:00Z'),
  activated: false,
};

test('a number is stored once', async () => {
  const { store } = own;
  const first = sampleNumber(store.vault, '+12025550170');
  expect(await store.numbers.insert(first)).toBe(true);
  expect(await store.numbers.insert({ ...first, version: 9 })).toBe(false);
  expect((await store.numbers.find(first._id))?.version).toBe(1);
});

test('routing changes only from the state that was seen, and each change counts the version (invariant 1)', async () => {
  const key = await storeNumber();
  const changes = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      own.store.numbers.change(key, 1, { routing: { ...moving, portId: `port_${i}` } }),
    ),
  );
  expect(changes.filter(Boolean)).toHaveLength(1);
  const number = await own.store.numbers.find(key);
  expect(number).toMatchObject({ version: 2, routing: { portId: `port_${changes.indexOf(true)}` } });
  expect(await own.store.numbers.change(key, 1, { routing: { state: 'gone' } })).toBe(false);
  expect(await own.store.numbers.change('num_unknown', 0, { routing: { state: 'gone' } })).toBe(false);
  expect((await own.store.numbers.versions([key, 'num_unknown'])).get(key)).toBe(2);
});

test('what is set to undefined is taken away, and an ended port is added to the history', async () => {
  const key = await storeNumber({ standbyKey: 'num_standby' });
  const ended = { portId: 'port_1', at: new Date(), to: 'telnyx' };
  expect(await own.store.numbers.change(key, 1, { standbyKey: undefined, own: true }, ended)).toBe(true);
  const number = await own.store.numbers.find(key);
  expect(number).not.toHaveProperty('standbyKey');
  expect(number).toMatchObject({ version: 2, history: [{ portId: 'port_1', to: 'telnyx' }] });
});

test('an older answer of the portability database never overwrites a newer one (invariant 1)', async () => {
  const key = await storeNumber();
  const answer = (spid: string, second: number) => ({
    ported: true,
    spid,
    source: 'enum',
    at: new Date(Date.UTC(2027, 0, 1, 0, 0, second)),
  });
  const save = (spid: string, second: number) =>
    own.store.numbers.saveAnswers(new Map([[key, { lookUp: answer(spid, second) }]]));
  await save('first', 1);
  await save('newest', 9);
  await save('late', 5);
  await save('same moment', 9);
  // That it knew nothing, later, is kept beside what it knew.
  const askedAt = new Date('2027-01-02T00:00:00Z');
  await own.store.numbers.saveAnswers(new Map([[key, { askedAt }]]));
  expect((await own.store.numbers.find(key))?.askedAt).toEqual(askedAt);
  expect((await own.store.numbers.find(key))?.lookUp?.spid).toBe('newest');
});

test('proof is kept for the move that is under way, and for no other', async () => {
  const key = await storeNumber({ routing: moving });
  const outboundAt = new Date('2027-01-01T00:01:00Z');
  expect(await own.store.numbers.saveProof(key, 'port_other', { outboundAt })).toBe(false);
  expect(await own.store.numbers.saveProof(key, 'port_1', { outboundAt })).toBe(true);
  expect(await own.store.numbers.saveProof(key, 'port_1', { canaryId: 'msg_1' })).toBe(true);
  const number = await own.store.numbers.find(key);
  expect(number?.proof).toEqual({ portId: 'port_1', outboundAt, canaryId: 'msg_1' });
  // Proof is no change of routing: texts that were admitted under this version may still be claimed.
  expect(number?.version).toBe(1);
});

test('what was proven for an earlier move proves nothing for the next one', async () => {
  const key = await storeNumber({ routing: moving });
  await own.store.numbers.saveProof(key, 'port_1', {
    outboundAt: new Date(),
    inboundAt: new Date(),
    canaryId: 'msg_1',
  });
  await own.store.numbers.change(key, 1, { routing: { state: 'settled', carrier: 'telnyx' } });
  await own.store.numbers.change(key, 2, {
    routing: { ...moving, portId: 'port_2', gaining: 'beta' },
    proof: undefined,
  });
  const inboundAt = new Date();
  expect(await own.store.numbers.saveProof(key, 'port_2', { inboundAt })).toBe(true);
  expect((await own.store.numbers.find(key))?.proof).toEqual({ portId: 'port_2', inboundAt });
});

test('own numbers are listed newest first, page by page', async () => {
  const { store } = own;
  const at = (i: number) => new Date(Date.UTC(2036, 0, 1) + Math.floor(i / 3));
  const keys: string[] = [];
  for (let i = 0; i < 8; i += 1) keys.push(await storeNumber({ registeredAt: at(i) }));
  await storeNumber({ own: false, registeredAt: at(99) });
  const first = await store.numbers.listOwn(5);
  const last = first.at(-1);
  if (!last) throw new Error('nothing listed');
  const second = await store.numbers.listOwn(3, { at: last.registeredAt, id: last._id });
  const listed = [...first, ...second].map(({ _id }) => _id);
  expect(new Set(listed)).toEqual(new Set(keys));
  expect(listed).toHaveLength(8);
});

// As for webhook cursors: many documents changed outside a transaction must not stand against transactions (SecantusDB).
test('numbers are adopted, planned and unplanned while answers about them are kept', {
  timeout: 20_000,
  retry: 0,
}, async () => {
  const { numbers } = own.store;
  const keys: string[] = [];
  for (let i = 0; i < 20; i++) keys.push(await storeNumber({ own: false }));
  const rounds = Array.from({ length: 10 }, (_, i) => i);
  const lookUp = (second: number) => ({
    ported: true,
    source: 'npdb',
    at: new Date(Date.UTC(2028, 0, 1, 0, 0, second)),
  });
  const portId = 'port_many';

  await Promise.all([
    ...[0, 1, 2].map(async () => {
      for (const i of rounds) await numbers.saveAnswers(new Map(keys.map((key) => [key, { lookUp: lookUp(i) }])));
    }),
    (async () => {
      for (const i of rounds) {
        await numbers.planMove(keys, { portId, gaining: 'telnyx', focAt: lookUp(i).at });
        await numbers.forgetMove(portId);
      }
    })(),
    (async () => {
      for (const _ of rounds) {
        await numbers.adopt(keys, { state: 'settled', carrier: 'alpha' });
        await own.raw
          .collection<{ _id: string }>('numbers')
          .bulkWrite(keys.map((_id) => ({ updateOne: { filter: { _id }, update: { $set: { own: false } } } })));
      }
    })(),
  ]);

  for (const number of (await numbers.findMany(keys)).values()) {
    expect(number).toMatchObject({ version: 1 + 3 * rounds.length, lookUp: lookUp(rounds.length - 1) });
    expect(number).not.toHaveProperty('move');
  }
});
