import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { CONFIG_VARIABLES } from '../../config/config.ts';
import { freePorts } from '../../embedded/free-ports.ts';
import { type Leashed, startLeashed } from '../../embedded/leash.ts';
import { startOf } from '../../embedded/process-identity.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'portsms-test-'));
const [PORT, SIMULATOR_PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT, MONGODB_PORT] = (await freePorts(5)).map(String);
const own = CONFIG_VARIABLES.filter((name) => name !== 'XDG_CACHE_HOME');
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.includes(name))),
  ...{ PORT, SIMULATOR_PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT, MONGODB_PORT, PORTSMS_DATA_DIR: dataDir },
};

interface Run {
  readonly npm: Leashed;
  readonly output: () => string;
}
const runs: Run[] = [];
let started = 0;

/** `npm start` in a process group of its own, as a terminal would run it. */
function npmStart(changes: NodeJS.ProcessEnv = {}): Run {
  const logFile = join(dataDir, `npm-start-${++started}.log`);
  const npm = startLeashed({
    ...{ command: 'npm', args: ['start'], cwd: root, env: { ...env, ...changes } },
    ...{ logFile, graceSeconds: 20 },
  });
  const run = { npm, output: () => readFileSync(logFile, 'utf8') };
  runs.push(run);
  return run;
}

async function untilReady(run: Run): Promise<void> {
  await vi.waitFor(() => expect(run.output()).toContain('Port SMS is ready.'), { timeout: 100_000, interval: 50 });
}

interface Recorded {
  readonly pid: number;
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
}
const record = () => JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')) as Recorded;

async function untilGone({ pid, processes }: Recorded): Promise<void> {
  const pids = [pid, ...processes.map((each) => each.pid)];
  await vi.waitFor(() => expect(pids.filter((each) => startOf(each) !== undefined)).toEqual([]), { timeout: 20_000 });
}

async function call(method: string, path: string, key: string, body?: object) {
  const response = await fetch(`http://127.0.0.1:${PORT}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

afterEach(() => {
  for (const { npm } of runs.splice(0)) npm.kill();
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }));

test('data, key and secret outlive a supervisor that is killed with SIGKILL, and nothing else does', {
  timeout: 240_000,
}, async () => {
  const first = npmStart();
  await untilReady(first);
  const key = /API key +(\S+)/.exec(first.output())?.[1] ?? '';
  expect((await call('PUT', '/v1/numbers/+12025550143', key, { carrier: 'alpha' })).status).toBe(201);
  const killed = record();
  expect(killed.processes.map(({ name }) => name).sort()).toEqual([
    'api',
    'mongodb',
    'simulator',
    'temporal',
    'worker',
  ]);
  process.kill(killed.pid, 'SIGKILL');
  await untilGone(killed);

  const second = npmStart();
  await untilReady(second);
  expect(second.output()).toContain(key);
  expect(await call('GET', '/v1/numbers/+12025550143', key)).toMatchObject({
    status: 200,
    body: { phoneNumber: '+12025550143', routing: { carrier: 'alpha' } },
  });

  const third = npmStart();
  expect(await third.npm.exited).toBe(1);
  expect(third.output()).toContain(`Port SMS already runs on ${dataDir} (process ${record().pid}); stop that one`);

  const stopped = record();
  process.kill((await second.npm.pid) ?? 0, 'SIGTERM');
  await untilGone(stopped);
  await vi.waitFor(() => expect(existsSync(join(dataDir, 'running.json'))).toBe(false));
});

test('Ctrl-C stops everything, and is no error', { timeout: 120_000 }, async () => {
  const run = npmStart();
  await untilReady(run);
  const stopped = record();
  process.kill(-run.npm.group, 'SIGINT');
  expect(await run.npm.exited).toBe(0);
  await untilGone(stopped);
});

test.each([
  ['a taken port', { MONGODB_PORT: PORT, PORT }, /^Port \d+ is wanted twice, by PORT and MONGODB_PORT: .*$/m],
  ['a wrong variable', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of .*$/m],
])('%s is one clear line and a failure, and nothing is started', { timeout: 60_000 }, async (_, changes, line) => {
  const run = npmStart(changes);
  expect(await run.npm.exited).toBe(1);
  expect(run.output()).toMatch(line);
  expect(run.output()).not.toContain('    at ');
  expect(existsSync(join(dataDir, 'running.json'))).toBe(false);
});
