import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { readMessage, startSmsc } from '../carriers/smpp/smsc.ts';
import { mongodbUri } from '../mongodb-uri.ts';
import { ownStore } from '../store/own-store.ts';

const own = ownStore();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const rate = 40;

test('of two workers one is frozen past its lease and woken: the other one takes over, and together they never exceed the carrier’s limits (invariant 8)', async () => {
  const smsc = await startSmsc();
  const written: { by: string; at: number }[] = [];
  smsc.onSubmission = (pdu) => written.push({ by: readMessage(pdu).message, at: performance.now() });
  const worker = async (name: string) => {
    const args = [name, mongodbUri(), own.raw.databaseName, String(smsc.port)];
    const env = { ...process.env, PORTSMS_SECRET: own.secret };
    const child = fork(new URL('./slot-holder.ts', import.meta.url), args, { execArgv: ['--import', 'tsx'], env });
    children.push(child);
    await once(child, 'message');
    return child;
  };
  const writes = (by: string, since: number) => written.filter((each) => each.by === by && each.at > since).length;
  const until = async (what: () => boolean) => {
    for (const giveUpAt = performance.now() + 8000; !what() && performance.now() < giveUpAt; ) await sleep(20);
    expect(what()).toBe(true);
  };

  const first = await worker('first');
  await until(() => writes('first', 0) > 5);
  const second = await worker('second');
  await sleep(500);
  // One session, one holder.
  expect(writes('second', 0)).toBe(0);

  first.kill('SIGSTOP');
  const frozenAt = performance.now();
  await until(() => writes('second', frozenAt) > 5);
  // Not before the lease had run out, counted from the last beat that it could have seen.
  expect((written.find(({ by }) => by === 'second')?.at ?? 0) - frozenAt).toBeGreaterThan(1200);
  first.kill('SIGCONT');
  const wokenAt = performance.now();
  await sleep(1200);
  expect(writes('first', wokenAt)).toBe(0);
  expect(writes('second', wokenAt)).toBeGreaterThan(rate / 2);

  second.kill('SIGKILL');
  await once(second, 'exit');
  await until(() => writes('first', wokenAt) > 5);

  const inAnySecond = written.map(({ at }) => written.filter((each) => each.at >= at && each.at < at + 1000).length);
  // What was written within a second may arrive a little closer together.
  expect(Math.max(...inAnySecond)).toBeLessThanOrEqual(rate * 1.15);
  expect(written.length).toBeGreaterThan(rate * 2);
  await smsc.stop();
}, 30_000);
