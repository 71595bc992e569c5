import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verify } from '../../cli/consents.ts';
import { type ConsentDocument, consentStore, LedgerTampered } from '../../store/consents.ts';
import { type Database, openDatabase } from '../../store/database.ts';
import { createVault } from '../../store/vault.ts';
import { mongodbUri } from '../mongodb-uri.ts';
import { ownStore } from './own-store.ts';

const own = ownStore();

function grant(id: string, subjectKey: string, second: number): ConsentDocument {
  return {
    _id: id,
    type: 'granted',
    subjectKey,
    basis: 'express',
    source: 'api',
    at: new Date(Date.UTC(2027, 0, 1, 0, 0, second)),
    evidence: own.store.vault.seal('{}'),
  };
}

test('an event is appended once; a repetition changes nothing', async () => {
  const { consents } = own.store;
  const appended = await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      consents.append({ ...grant('con_1', 'num_a', 1), basis: i ? 'implied' : 'express' }),
    ),
  );
  expect(appended.filter(Boolean)).toHaveLength(1);
  const first = await consents.find('con_1');
  await consents.append({ ...grant('con_1', 'num_a', 1), type: 'revoked' });
  expect(await consents.find('con_1')).toEqual(first);
});

test("people's events come together, in the order in which they were appended", async () => {
  const { consents } = own.store;
  for (const [id, subject, second] of [
    ['con_4', 'num_b', 4],
    ['con_2', 'num_b', 2],
    ['con_3', 'num_c', 3],
    ['con_5', 'num_d', 5],
  ] as const) {
    await consents.append(grant(id, subject, second));
  }
  const found = await consents.ofSubjects(['num_b', 'num_c', 'num_b', 'num_none']);
  expect([...found].map(([subject, events]) => [subject, events.map(({ _id }) => _id)])).toEqual([
    ['num_b', ['con_4', 'con_2']],
    ['num_c', ['con_3']],
  ]);
});

describe('the chain of a person', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase(mongodbUri(), own.raw.databaseName);
  });
  afterAll(() => database.close());

  test('has no fork, no gap and no loss, whoever appends at once (invariant 10)', async () => {
    const writers = Array.from({ length: 8 }, () => consentStore(database, createVault(own.secret)));
    await Promise.all(
      writers.map(async (consents, writer) => {
        for (let i = 0; i < 4; i++) await consents.append(grant(`con_${writer}_${i}`, 'num_many', i));
        await consents.append(grant('con_the_same', 'num_many', 9));
      }),
    );
    const events = await own.store.consents.historyOf('num_many');
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 33 }, (_, i) => i + 1));
    expect(new Set(events.map(({ key }) => key)).size).toBe(33);
    expect(await own.store.consents.verify('num_many')).toEqual([]);
  });

  test('goes on in bulk, a second time without a trace', async () => {
    const events = Array.from({ length: 700 }, (_, i) => grant(`con_bulk_${i}`, `num_bulk_${i % 300}`, i % 60));
    expect((await own.store.consents.appendAll(events)).every(Boolean)).toBe(true);
    expect((await own.store.consents.appendAll(events)).some(Boolean)).toBe(false);
    const { faults } = await own.store.consents.verifyAll();
    expect(faults).toEqual([]);
  });
});

test('a ledger of several portions is proven and exported whole, each person in one piece', async () => {
  const { consents, vault } = own.store;
  const keyOf = (person: number) => vault.numberKey(`+1206${5_550_000 + person}`);
  const events = Array.from({ length: 2600 }, (_, i) => grant(`con_portions_${i}`, keyOf(i % 1300), i % 60));
  await consents.appendAll(events);
  const { events: proven, subjects, faults } = await consents.verifyAll();
  expect(faults).toEqual([]);
  expect(proven).toBe(await own.raw.collection('consents').countDocuments());
  expect(subjects).toBe(await own.raw.collection('consentHeads').countDocuments());
  const exported: string[] = [];
  const finished = new Set<string>();
  for await (const chains of consents.chains()) {
    for (const { subjectKey, events: ofPerson, faults: wrong } of chains) {
      expect(finished).not.toContain(subjectKey);
      finished.add(subjectKey);
      expect(wrong).toEqual([]);
      for (const { _id, chain } of ofPerson) {
        expect(chain).toBe(subjectKey);
        exported.push(_id);
      }
    }
  }
  expect(exported).toHaveLength(proven);
  expect(new Set(exported).size).toBe(proven);
  // One who is lost is missed wherever in the ledger they stood.
  const lost = keyOf(1234);
  await own.raw.collection('consents').deleteMany({ chain: lost });
  expect((await consents.verifyAll()).faults.map(({ subjectKey, kind }) => [subjectKey, kind])).toEqual([
    [lost, 'cut-off'],
  ]);
  await own.raw.collection<{ _id: string }>('consentHeads').deleteOne({ _id: lost });
});

describe('what somebody does to the ledger', () => {
  const records = () => own.raw.collection<{ _id: string; chain: string; seq: number; hash: string }>('consents');
  const heads = () => own.raw.collection<{ _id: string; seq: number; hash: string }>('consentHeads');
  let count = 0;

  test.each([
    [
      'a changed kind of consent',
      (chain: string) => records().updateOne({ chain, seq: 1 }, { $set: { basis: 'implied' } }),
      'changed 1',
    ],
    ['a lost revocation', (chain: string) => records().deleteOne({ chain, seq: 3 }), 'cut-off 3'],
    ['a lost consent', (chain: string) => records().deleteOne({ chain, seq: 2 }), 'missing 2'],
    ['a lost note of the end', (chain: string) => heads().deleteOne({ _id: chain }), 'head-missing 3'],
    ['all of it lost but the note', (chain: string) => records().deleteMany({ chain }), 'cut-off 1'],
    [
      'a lost revocation and a note that fits: it takes the secret to sign it',
      async (chain: string) => {
        await records().deleteOne({ chain, seq: 3 });
        const last = await records().findOne({ chain, seq: 2 });
        await heads().updateOne({ _id: chain }, { $set: { seq: 2, hash: last?.hash ?? '' } });
      },
      'head-wrong 2',
    ],
  ])('is found: %s. Nothing is sent to the person, others are not concerned', async (_, tamper, expected) => {
    const { consents } = own.store;
    count += 1;
    const [chain, other] = [`num_t${count}`, `num_o${count}`];
    for (const [id, second] of [
      ['a', 1],
      ['b', 2],
    ] as const)
      await consents.append(grant(`con_t${count}_${id}`, chain, second));
    await consents.append({ ...grant(`con_t${count}_c`, chain, 3), type: 'revoked', basis: 'opt-out' });
    await consents.append(grant(`con_o${count}`, other, 1));
    const told: LedgerTampered[] = [];
    consents.onTampered((error) => void told.push(error));
    expect((await consents.ofSubjects([chain, other])).get(chain)).toHaveLength(3);

    await tamper(chain);
    expect((await consents.verify(chain)).map(({ kind, seq }) => `${kind} ${seq}`)).toEqual([expected]);
    const weighed = await consents.ofSubjects([chain, other]);
    expect(weighed.get(chain)).toMatchObject([{ type: 'revoked', source: 'tampered' }]);
    expect(weighed.get(other)).toMatchObject([{ type: 'granted' }]);
    expect(told.at(-1)?.message).toContain(chain);
    await expect(consents.historyOf(chain)).rejects.toThrow(LedgerTampered);
    const { faults } = await consents.verifyAll();
    expect(faults.map(({ subjectKey, kind, seq }) => [subjectKey, `${kind} ${seq}`])).toContainEqual([chain, expected]);
    expect(faults.map(({ subjectKey }) => subjectKey)).not.toContain(other);
    const lines: string[] = [];
    expect(await verify(own.store, undefined, (line) => void lines.push(line))).toBe(1);
    expect(lines.join()).toContain(`${chain}: `);
  });

  test('the command proves one person’s chain', async () => {
    const number = '+12025550187';
    await own.store.consents.append(grant('con_one', own.store.vault.numberKey(number), 1));
    const lines: string[] = [];
    expect(await verify(own.store, number, (line) => void lines.push(line))).toBe(0);
    expect(lines).toEqual(['The consent ledger is whole: 1 event about 1 person.']);
    expect(await verify(own.store, '+12025550188', () => undefined)).toBe(0);
  });
});
