import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { nodeArguments } from './project-file.ts';
import type { ServiceSpec } from './service.ts';
import type { SimulatorPorts } from './simulator-ports.ts';
import { untilHttpOk } from './until.ts';

/** Serves while the worker finishes what it has begun. */
const WORKER_GRACE_SECONDS = 8;

/** Most of what a text makes is garbage when it has gone: with Node's 16 MiB much of it is copied first, at a fifth of all CPU. */
const youngSpace = ['--max-semi-space-size=64'];

/** The telephone network that is played when no real carrier is configured. */
export function simulatorService(
  config: Config,
  ports: SimulatorPorts,
  seed: number | undefined,
  env: NodeJS.ProcessEnv,
  logFile: string,
): ServiceSpec {
  const own = {
    SIMULATOR_PORT: String(config.simulatorPort),
    SIMULATOR_SMPP_PORTS: Object.entries(ports.smpp)
      .map(([carrier, port]) => `${carrier}=${port}`)
      .join(','),
    SIMULATOR_DNS_PORT: String(ports.dns),
    SIMULATOR_DATA_DIR: join(config.dataDir, 'simulator'),
    ...(seed !== undefined && { SIMULATOR_SEED: String(seed) }),
    SIMULATOR_WEBHOOK_URL: `http://127.0.0.1:${config.api.port}/webhooks/carriers/telnyx`,
  };
  return {
    // What the environment sets wins: a person may want the network's ports fixed.
    ...nodeService('simulator', 'simulator/main', { ...own, ...env, SIMULATOR_PORT: own.SIMULATOR_PORT }, logFile, 3),
    ready: (signal) => untilHttpOk(`${simulatorUrl(config)}/healthz`, signal),
  };
}

/** On one machine whoever waits for an answer of the API comes before what goes on behind: with a third of its weight, so that nothing stands still. */
const WORKER_NICENESS = 5;

/** The worker, ready once it says so. */
export function workerService(env: NodeJS.ProcessEnv, logFile: string): ServiceSpec {
  const { program, ...service } = nodeService('worker', 'worker/main', env, logFile, WORKER_GRACE_SECONDS);
  return {
    ...service,
    program: { ...program, niceness: WORKER_NICENESS },
    ready: (_signal, saidReady) => saidReady,
  };
}

/** The API with the dispatcher. */
export function apiService(config: Config, env: NodeJS.ProcessEnv, logFile: string): ServiceSpec {
  return {
    ...nodeService('api', 'api/main', env, logFile, 5),
    ready: (signal) => untilHttpOk(`http://127.0.0.1:${config.api.port}/readyz`, signal),
  };
}

/** Where the simulator answers. */
export function simulatorUrl(config: Config): string {
  return `http://127.0.0.1:${config.simulatorPort}`;
}

/** Writes the carriers file that fits the running simulator, and gives its path. */
export async function writeCarriersFile(config: Config): Promise<string> {
  const response = await fetch(`${simulatorUrl(config)}/carriers.yaml`, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`The simulator answers ${response.status} when asked for its carriers file.`);
  const path = join(config.dataDir, 'carriers.yaml');
  await writeFile(path, await response.text(), { mode: 0o600 });
  return path;
}

function nodeService(
  name: string,
  program: string,
  env: NodeJS.ProcessEnv,
  logFile: string,
  graceSeconds: number,
): Omit<ServiceSpec, 'ready'> {
  const args = [...youngSpace, ...nodeArguments(program).args];
  return { name, program: { command: process.execPath, args, env, logFile, graceSeconds }, readyWithinSeconds: 60 };
}
