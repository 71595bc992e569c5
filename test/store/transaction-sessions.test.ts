import { fork } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../store/database.ts';
import { mongodbUri } from '../mongodb-uri.ts';
import { ownStore } from './own-store.ts';

const own = ownStore();
const opened: Database[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

async function processNamed(owner: string): Promise<Database> {
  const database = await openDatabase(mongodbUri(), own.raw.databaseName, owner);
  opened.push(database);
  return database;
}
const counters = (database: Database) => database.collection<{ _id: string; count: number }>('counters');
const noted = () => own.raw.collection('transactionSessions').countDocuments();

test('what a dead process has open in a transaction is given up as soon as others know that it has died', async () => {
  const [dead, living] = [await processNamed('wrk_dead'), await processNamed('wrk_living')];
  await counters(living).insertOne({ _id: 'a', count: 0 });
  let die: (reason: Error) => void = () => undefined;
  const killed = new Promise<never>((_, reject) => {
    die = reject;
  });
  await new Promise<void>((changed) => {
    void dead
      .transaction(async (session) => {
        await counters(dead).updateOne({ _id: 'a' }, { $inc: { count: 100 } }, { session });
        changed();
        await killed;
      })
      .catch(() => undefined);
  });
  const begun = performance.now();
  await own.store.transactionSessions.giveUp(['wrk_dead', 'wrk_that_made_none']);
  await living.transaction((session) => counters(living).updateOne({ _id: 'a' }, { $inc: { count: 1 } }, { session }));
  // Else it waits for the database: 10 s at least.
  expect(performance.now() - begun).toBeLessThan(5000);
  expect(await counters(living).findOne({ _id: 'a' })).toMatchObject({ count: 1 });
  die(new Error('killed'));
});

test('what a killed process has open is given up by the one that is started in its place', async () => {
  const living = await processNamed('api_1');
  await counters(living).insertOne({ _id: 'c', count: 0 });
  const args = [mongodbUri(), own.raw.databaseName, 'c'];
  const child = fork(new URL('./open-transaction.ts', import.meta.url), args, { execArgv: ['--import', 'tsx'] });
  await once(child, 'message');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const begun = performance.now();
  const next = await processNamed('api_2');
  await next.transaction((session) => counters(next).updateOne({ _id: 'c' }, { $inc: { count: 1 } }, { session }));
  // Else it waits for the database: 10 s at least.
  expect(performance.now() - begun).toBeLessThan(5000);
  expect(await counters(next).findOne({ _id: 'c' })).toMatchObject({ count: 1 });
});

test('sessions are noted once, and forgotten when their process ends', async () => {
  const before = await noted();
  const database = await processNamed('wrk_1');
  for (let count = 0; count < 5; count++) {
    await database.transaction((session) =>
      counters(database).updateOne({ _id: 'b' }, { $inc: { count: 1 } }, { session, upsert: true }),
    );
  }
  expect(await counters(database).findOne({ _id: 'b' })).toMatchObject({ count: 5 });
  const while_ = await noted();
  expect(while_).toBeGreaterThan(before);
  expect(while_).toBeLessThan(before + 5);
  await database.close();
  opened.splice(0);
  expect(await noted()).toBe(before);
});
