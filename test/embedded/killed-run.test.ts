import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { killGroup } from '../../embedded/leash.ts';
import { startOf } from '../../embedded/process-identity.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const timeout = { timeout: 20_000 };

/** A run of vitest that hangs, in a process group of its own. @returns it and the processes that have to end with it */
async function hangingRun() {
  const file = join(temporaryFolder(), 'pids');
  const run = spawn(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', 'test/embedded/hanging-run/vitest.config.ts'],
    { cwd: root, env: { ...process.env, HANGING_RUN: file }, detached: true, stdio: 'ignore' },
  );
  const group = run.pid ?? 0;
  onTestFinished(() => killGroup(group));
  await vi.waitUntil(() => existsSync(file) && readFileSync(file, 'utf8').endsWith(']'), timeout);
  // While they still write to each other, a file's process notices by itself that vitest is gone.
  await sleep(2_000);
  return { run, group, pids: JSON.parse(readFileSync(file, 'utf8')) as number[] };
}

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'what a test has started ends when vitest gets a %s, or its whole group does',
  async (signal) => {
    const [one, other] = await Promise.all([hangingRun(), hangingRun()]);
    one.run.kill(signal);
    process.kill(-other.group, signal);
    const left = () => [...one.pids, ...other.pids].filter((pid) => startOf(pid) !== undefined);
    await vi.waitFor(() => expect(left()).toEqual([]), timeout);
  },
);
