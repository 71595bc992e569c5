import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DataDirInUseError, lockDataDir } from '../../embedded/data-dir-lock.ts';
import { startOf } from '../../embedded/process-identity.ts';
import { temporaryFolder } from './temporary-folder.ts';

const nobody = (line: string) => expect.unreachable(line);

/** A process in a group of its own, as a leash starts them. */
function stray(): number {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const pid = child.pid ?? 0;
  onTestFinished(() => void child.kill('SIGKILL'));
  return pid;
}

function recordOfDeadRun(dataDir: string, processes: object[]): void {
  // No process has the highest id and this start at once.
  writeFileSync(join(dataDir, 'running.json'), JSON.stringify({ pid: 4_194_304, start: '1', processes }));
}

test('a data directory has one supervisor at a time', async () => {
  const dataDir = temporaryFolder();
  const lock = await lockDataDir(dataDir, nobody);
  await expect(lockDataDir(dataDir, nobody)).rejects.toThrow(DataDirInUseError);
  await expect(lockDataDir(dataDir, nobody)).rejects.toThrow(`${dataDir} (process ${process.pid})`);
  lock.release();
  (await lockDataDir(dataDir, nobody)).release();
  expect(existsSync(join(dataDir, 'running.json'))).toBe(false);
});

test('what a killed run left running is ended first', async () => {
  const dataDir = temporaryFolder();
  const pid = stray();
  recordOfDeadRun(dataDir, [{ name: 'mongodb', group: pid, pid, start: startOf(pid) }]);
  const told: string[] = [];
  const lock = await lockDataDir(dataDir, (line) => told.push(line));
  expect(told).toEqual([`Ending mongodb (process ${pid}), which an earlier run left`]);
  expect(startOf(pid)).toBeUndefined();
  lock.release();
});

test('a process that got the id of one that is gone is left alone', async () => {
  const dataDir = temporaryFolder();
  const pid = stray();
  recordOfDeadRun(dataDir, [{ name: 'mongodb', group: pid, pid, start: 'another time' }]);
  const lock = await lockDataDir(dataDir, nobody);
  expect(startOf(pid)).toBeDefined();
  lock.release();
});

test('a record that was cut off by a crash does not keep anybody out', async () => {
  const dataDir = temporaryFolder();
  writeFileSync(join(dataDir, 'running.json'), '{"pid": 1');
  const lock = await lockDataDir(dataDir, nobody);
  const pid = stray();
  lock.started('api', pid, pid);
  expect(JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8'))).toMatchObject({
    pid: process.pid,
    processes: [{ name: 'api', group: pid, pid, start: startOf(pid) }],
  });
  lock.release();
});
