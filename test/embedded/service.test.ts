import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startOf } from '../../embedded/process-identity.ts';
import { Service, type ServiceSpec } from '../../embedded/service.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A service whose program is a line of JavaScript, with what was told about it and when it was started. */
function service(code: string, more: Partial<ServiceSpec> = {}) {
  const told: string[] = [];
  const starts: number[] = [];
  const logFile = join(temporaryFolder(), 'log');
  const of = new Service(
    {
      name: 'fake',
      program: { command: process.execPath, args: ['-e', code], logFile, graceSeconds: 2 },
      ready: (_signal, saidReady) => saidReady,
      readyWithinSeconds: 10,
      ...more,
    },
    { tell: (line) => told.push(line), started: () => starts.push(Date.now()) },
  );
  onTestFinished(() => of.stop());
  return { of, told, starts };
}
const SERVES = `process.send('ready'); setInterval(() => 0, 1000);`;

test('a process that dies is started again, and said to be', async () => {
  const { of, told } = service(SERVES);
  await of.start();
  const first = of.pid;
  of.kill('SIGKILL');
  await of.ready();
  expect(of.pid).not.toBe(first);
  expect(startOf(of.pid ?? 0)).toBeDefined();
  await expect.poll(() => told).toEqual(['fake was ended by SIGKILL; it is started again', 'fake is back']);
});

test('the pauses between starts of what dies at once grow', async () => {
  const { of, starts } = service(`process.send('ready', () => setTimeout(() => process.exit(1), 20))`);
  await of.start();
  await expect.poll(() => starts.length, { timeout: 10_000 }).toBe(4);
  const [one = 0, two = 0, three = 0] = starts.slice(1).map((at, i) => at - (starts[i] ?? 0));
  expect(one).toBeGreaterThanOrEqual(200);
  expect(two).toBeGreaterThan(one + 100);
  expect(three).toBeGreaterThan(two + 200);
});

test('what never serves is one line that says why, and is not tried again', async () => {
  const { of, starts } = service(`console.error('the database is on fire'); process.exit(3)`);
  await expect(of.start()).rejects.toThrow(
    /^fake ended before it was ready \(code 3\): the database is on fire\. Its log: /,
  );
  expect(starts).toHaveLength(1);
});

test('what does not get ready in its time is killed', async () => {
  const { of } = service('setInterval(() => 0, 1000)', { readyWithinSeconds: 0.5 });
  await expect(of.start()).rejects.toThrow(/^fake is not ready after 0\.5 s\. Its log: /);
  await expect.poll(() => of.pid).toBeUndefined();
});

test('what is stopped stays so', async () => {
  const { of, told } = service(SERVES);
  await of.start();
  const { pid } = of;
  await of.stop();
  expect(startOf(pid ?? 0)).toBeUndefined();
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(of.pid).toBeUndefined();
  expect(told).toEqual([]);
});
