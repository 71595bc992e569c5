import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { whileTimeIsSkipped } from './time-standing-still.ts';

const lookEveryMs = 10;
const never = new Promise<void>(() => undefined);

test('a sleep ends when the server says so', async () => {
  await whileTimeIsSkipped(Promise.resolve(), async () => Date.now(), lookEveryMs);
});

test('a sleep fails when time has gone no faster than for everybody', async () => {
  const slept = whileTimeIsSkipped(never, async () => Date.now(), lookEveryMs);
  await expect(slept).rejects.toThrow('stopped skipping time');
});

test('a sleep may be long while time is skipped, also with a pause', async () => {
  let looks = 0;
  const hour = 3600_000;
  const skips = async () => {
    looks += 1;
    return Math.floor(looks / 3) * hour;
  };
  await whileTimeIsSkipped(sleep(20 * lookEveryMs), skips, lookEveryMs);
  expect(looks).toBeGreaterThan(6);
});
