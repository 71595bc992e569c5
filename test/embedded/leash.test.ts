import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { type Leashed, startLeashed } from '../../embedded/leash.ts';
import { startOf } from '../../embedded/process-identity.ts';
import { temporaryFolder } from './temporary-folder.ts';

const node = (code: string, graceSeconds = 5, onMessage?: (message: unknown) => void): [Leashed, string] => {
  const logFile = join(temporaryFolder(), 'log');
  return [startLeashed({ command: process.execPath, args: ['-e', code], logFile, graceSeconds, onMessage }), logFile];
};
const gone = (pid: number | undefined) =>
  vi.waitFor(() => expect(startOf(pid ?? 0)).toBeUndefined(), { timeout: 5_000 });

test('a program that is stopped may say goodbye', async () => {
  const [leash, log] = node(`process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });
    console.log('up'); setInterval(() => 0, 1000);`);
  await vi.waitFor(() => expect(readFileSync(log, 'utf8')).toContain('up'), { timeout: 5_000 });
  await leash.stop();
  expect(await leash.exited).toBe(0);
  expect(readFileSync(log, 'utf8')).toBe('up\nbye\n');
});

test('one that does not listen is killed when its grace is over', async () => {
  const [leash, log] = node(`process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => 0, 1000);`, 0.3);
  await vi.waitFor(() => expect(readFileSync(log, 'utf8')).toContain('up'), { timeout: 5_000 });
  await leash.stop();
  expect(await leash.exited).toBe(137);
});

test('its exit code and its messages come through', async () => {
  const messages: unknown[] = [];
  const [leash] = node(`process.send('ready', () => process.exit(7))`, 5, (message) => messages.push(message));
  expect(await leash.exited).toBe(7);
  expect(messages).toEqual(['ready']);
});

test('what is no program ends at once, its reason in the log', async () => {
  const logFile = join(temporaryFolder(), 'log');
  const leash = startLeashed({ command: '/no/such/program', args: [], logFile, graceSeconds: 1 });
  expect(await leash.exited).toBe(127);
  expect(readFileSync(logFile, 'utf8')).toContain('/no/such/program');
});

test('a program ends when its supervisor is killed with SIGKILL', async () => {
  const holder = fileURLToPath(new URL('leash-holder.ts', import.meta.url));
  const args = ['--import', 'tsx', holder, join(temporaryFolder(), 'log')];
  const supervisor = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(supervisor.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  expect(startOf(pid)).toBeDefined();
  supervisor.kill('SIGKILL');
  await gone(pid);
});

test('a program ends when its leash is killed, and everything at once when it has to', async () => {
  const [leash] = node('setInterval(() => 0, 1000)');
  const pid = await leash.pid;
  process.kill(leash.group, 'SIGKILL');
  await leash.exited;
  await gone(pid);

  const [other] = node('setInterval(() => 0, 1000)');
  const otherPid = await other.pid;
  other.kill();
  await other.exited;
  await gone(otherPid);
});

test('a program comes after others by its niceness, on top of that of its supervisor', async () => {
  const logFile = join(temporaryFolder(), 'log');
  const program = { command: process.execPath, args: ['-e', "console.log(require('node:os').getPriority())"] };
  const leash = startLeashed({ ...program, logFile, graceSeconds: 1, niceness: 3 });
  expect(await leash.exited).toBe(0);
  expect(Number(readFileSync(logFile, 'utf8'))).toBe(Math.min(19, getPriority() + 3));
});
