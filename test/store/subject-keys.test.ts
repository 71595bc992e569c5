import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rotate } from '../../cli/keys.ts';
import { type Database, openDatabase } from '../../store/database.ts';
import { KeyRing, SubjectErased, SubjectNotLoaded } from '../../store/key-ring.ts';
import { type MasterKey, MasterKeyError, masterKeysOf } from '../../store/master-keys.ts';
import { openStore } from '../../store/store.ts';
import { subjectKeyStore } from '../../store/subject-keys.ts';
import { createVault } from '../../store/vault.ts';
import { mongodbUri } from '../mongodb-uri.ts';
import { bytesOf, ownStore } from './own-store.ts';

const own = ownStore();
const numbered = (count: number) =>
  Array.from({ length: count }, (_, i) => own.store.vault.numberKey(`+1202555${String(i).padStart(4, '0')}`));
const masterKey = (id: string): MasterKey => ({ id, key: randomBytes(32).toString('base64') });

let database: Database;
beforeAll(async () => {
  database = await openDatabase(mongodbUri(), own.raw.databaseName);
});
afterAll(() => database.close());

/** Another process on the same database. */
function process(masterKeys: readonly MasterKey[] = [], secret = own.secret) {
  const ring = new KeyRing();
  const keys = masterKeysOf(database, secret, masterKeys);
  return { masterKeys: keys, subjectKeys: subjectKeyStore(database, ring, keys), vault: createVault(secret, ring) };
}

test('what one process seals for a person another one opens, after it has loaded the key', async () => {
  const [one, other] = [process(), process()];
  const [ada = ''] = numbered(1);
  expect(() => one.vault.sealFor(ada, 'Hello')).toThrow(SubjectNotLoaded);
  await one.subjectKeys.load([ada]);
  const sealed = one.vault.sealFor(ada, 'Hello');
  expect(() => other.vault.open(sealed)).toThrow(SubjectNotLoaded);
  await other.subjectKeys.loadFor([sealed, undefined, one.vault.seal('common')]);
  expect(other.vault.open(sealed)).toBe('Hello');
  expect(other.vault.isErased(sealed)).toBe(false);
});

test('processes that meet a person at the same time agree on one key', async () => {
  const people = numbered(40).slice(5);
  const processes = Array.from({ length: 4 }, () => process());
  await Promise.all(processes.map(({ subjectKeys }) => subjectKeys.load(people)));
  for (const each of people) {
    const sealed = processes.map(({ vault }) => vault.sealFor(each, 'Hello'));
    for (const { vault } of processes) for (const value of sealed) expect(vault.open(value)).toBe('Hello');
  }
});

test('a destroyed key opens nothing any more, in any process that reads it; a new text to the person has a new key', async () => {
  const [one, other] = [process(), process()];
  const ada = own.store.vault.numberKey('+12025559000');
  await one.subjectKeys.load([ada]);
  const before = one.vault.sealFor(ada, 'before');
  expect(await one.subjectKeys.destroy(ada, new Date())).toBe(1);
  expect(() => one.vault.open(before)).toThrow(SubjectErased);
  await other.subjectKeys.loadFor([before]);
  expect(() => other.vault.open(before)).toThrow(SubjectErased);
  expect(other.vault.openUnlessErased(before)).toBeUndefined();
  // Reading makes no key; writing does.
  expect(await one.subjectKeys.find(ada)).toMatchObject({ generation: 1, erasedAt: expect.any(Date) });
  expect(await one.subjectKeys.find(ada)).not.toHaveProperty('wrapped');

  await Promise.all([one, other].map(({ subjectKeys }) => subjectKeys.load([ada])));
  const after = one.vault.sealFor(ada, 'after');
  expect(other.vault.open(after)).toBe('after');
  expect(() => other.vault.open(before)).toThrow(SubjectErased);
  expect(await one.subjectKeys.find(ada)).toMatchObject({ generation: 2 });
});

test('who was erased gets no new key by what others say of them; who is new gets one', async () => {
  const [one, other] = [process(), process()];
  const [ada, eve] = ['+12025559003', '+12025559004'].map(own.store.vault.numberKey) as [string, string];
  await one.subjectKeys.load([ada]);
  await one.subjectKeys.destroy(ada, new Date());
  await other.subjectKeys.loadUnlessErased([ada, eve]);
  expect([ada, eve].map(other.vault.erasureOf)).toEqual(['standing', 'none']);
  expect(() => other.vault.sealFor(ada, 'Hello')).toThrow(SubjectNotLoaded);
  expect(other.vault.open(other.vault.sealFor(eve, 'Hello'))).toBe('Hello');
  expect(await one.subjectKeys.find(ada)).not.toHaveProperty('wrapped');
  await other.subjectKeys.load([ada]);
  await one.subjectKeys.loadUnlessErased([ada]);
  expect(one.vault.erasureOf(ada)).toBe('past');
});

test('who never had a key has none to destroy', async () => {
  expect(await process().subjectKeys.destroy(own.store.vault.numberKey('+12025559001'), new Date())).toBeUndefined();
});

test('master keys: all keys are wrapped anew, and then the former one is needed no more', async () => {
  const [a, b] = [masterKey('2026'), masterKey('2027')];
  const people = numbered(700);
  const first = process([a]);
  await first.masterKeys.check();
  await first.subjectKeys.load(people);
  const sealed = people.map((each) => first.vault.sealFor(each, each));

  const second = process([b, a]);
  await second.masterKeys.check();
  const told: string[] = [];
  await rotate(second, (line) => told.push(line));
  expect(told).toEqual([
    expect.stringMatching(/^7\d\d keys have been wrapped anew by «2027»/),
    expect.stringContaining('«2026» is needed for backups only'),
  ]);
  expect(await second.subjectKeys.rewrap()).toBe(0);
  expect([...(await second.subjectKeys.countByMasterKey()).keys()].toSorted()).toEqual(['2027']);

  const third = process([b]);
  await third.masterKeys.check();
  await third.subjectKeys.loadFor(sealed);
  expect(sealed.map((each) => third.vault.open(each))).toEqual(people);

  // Wrapped by one that is missing, or by another of the same name: it says which, and nothing is opened.
  await expect(process([]).masterKeys.check()).rejects.toThrow('PORTSMS_MASTER_KEYS: master key «2027» is missing');
  await expect(process([]).subjectKeys.load(people)).rejects.toThrow(MasterKeyError);
  await expect(process([masterKey('2027')]).masterKeys.check()).rejects.toThrow('«2027» is another key');
  await expect(process([masterKey('2027')]).subjectKeys.load(people)).rejects.toThrow('«2027» is not the one');
  // So no process opens the store: nothing is accepted, and nothing sent.
  const options = { uri: mongodbUri(), database: own.raw.databaseName };
  await expect(openStore({ ...options, secret: own.secret })).rejects.toThrow('master key «2027» is missing');
  await expect(openStore({ ...options, secret: 'another secret of at least 32 chars' })).rejects.toThrow(
    'PORTSMS_SECRET',
  );
  await expect(process([b], 'another secret of at least 32 chars').masterKeys.check()).rejects.toThrow(
    'PORTSMS_SECRET: this is not the one',
  );
});

test('no key of a person stands in the database in plain', async () => {
  const ring = new KeyRing();
  const keys = masterKeysOf(database, own.secret, [masterKey('2028')]);
  const ada = own.store.vault.numberKey('+12025559002');
  await subjectKeyStore(database, ring, keys).load([ada]);
  const { key } = ring.current(ada);
  expect(await bytesOf(own.raw)).not.toContain(key.toString('latin1'));
});
