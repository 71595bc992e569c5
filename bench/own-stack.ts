import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../config/config.ts';
import { type ConnectedConfig, requireConnected } from '../config/connected-config.ts';
import { startStack } from '../embedded/stack.ts';
import { openStore, type Store } from '../store/store.ts';
import { type Use, useOf } from './process-use.ts';
import { type ResidentMemory, residentMemoryOf } from './resident-memory.ts';
import type { SmscProcess } from './smsc/process.ts';

/** A running product that a benchmark may use up. */
export interface OwnStack {
  readonly config: ConnectedConfig;
  /** Of the API. */
  readonly url: string;
  readonly apiKey: string;
  /** Of the simulator's control. */
  readonly simulator: string;
  readonly store: Store;
  /** Kills the worker's process and waits for the next one. */
  killWorker(): Promise<void>;
  /** What every process has used so far, the benchmark's own too; undefined where it can't be told. */
  use(): Promise<Use | undefined>;
  /** What worker and API have resident; undefined where it can't be told. */
  memory(): Promise<Readonly<Record<'worker' | 'api', ResidentMemory>> | undefined>;
}

interface Limits {
  readonly segmentsPerSecond: number;
  readonly window: number;
  /** Of each carrier over SMPP; one, if not given. */
  readonly sessions?: number;
}

/** Starts everything on free ports in a temporary directory, without faults and without the limits of a small account, while `act` runs. */
export async function withOwnStack<T>(
  options: {
    readonly env?: NodeJS.ProcessEnv;
    /** Before the product starts. */
    readonly prepare?: (simulator: string) => Promise<void>;
    /** What a carrier lets through; much, if not given: the product is measured, not a carrier's patience. */
    readonly limits?: Limits;
    /** Takes the texts of the carrier alpha in the simulator's place. */
    readonly smsc?: Pick<SmscProcess, 'pid' | 'port'>;
  },
  act: (stack: OwnStack) => Promise<T>,
): Promise<T> {
  const quiet = { SIMULATOR_SCENARIO: 'quiet', LOG_LEVEL: 'warn', ...options.env };
  const servers = await startStack({ only: ['temporal', 'mongodb', 'simulator'], env: quiet, tell: console.error });
  try {
    const simulator = `http://127.0.0.1:${servers.env.SIMULATOR_PORT}`;
    await options.prepare?.(simulator);
    const product = await startStack({
      only: ['worker', 'api'],
      env: {
        ...quiet,
        ...addressesIn(servers.env),
        PORTSMS_CARRIERS: await carriersWith(
          options.limits ?? { segmentsPerSecond: 10_000, window: 500 },
          options.smsc?.port,
          simulator,
          servers.dataDir,
        ),
      },
      tell: console.error,
    });
    try {
      const config = requireConnected(loadConfig(product.env));
      const url = `http://127.0.0.1:${config.api.port}`;
      // Orders tell what becomes of them.
      const webhooks = { webhooks: { url: `${url}/webhooks/carriers/telnyx` } };
      await call('POST', `${simulator}/scenario`, webhooks);
      const { uri, database } = config.mongodb;
      const store = await openStore({ uri, database, secret: config.secret });
      try {
        const { worker, api } = product.processes;
        const { mongodb, temporal, simulator: network } = servers.processes;
        const use = () =>
          useOf({
            worker: worker?.pid,
            API: api?.pid,
            database: mongodb?.pid,
            engine: temporal?.pid,
            simulator: network?.pid,
            carrier: options.smsc?.pid,
            benchmark: process.pid,
          });
        const memory = async () => {
          const [ofWorker, ofApi] = await Promise.all([worker?.pid, api?.pid].map(residentMemoryOf));
          return ofWorker && ofApi && { worker: ofWorker, api: ofApi };
        };
        const killWorker = async () => {
          worker?.kill('SIGKILL');
          await worker?.ready();
        };
        return await act({ config, url, apiKey: config.api.keys[0] ?? '', simulator, store, killWorker, use, memory });
      } finally {
        await store.close();
      }
    } finally {
      await product.stop();
    }
  } finally {
    await servers.stop();
  }
}

function addressesIn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { TEMPORAL_ADDRESS, MONGODB_URI, PORTSMS_SECRET, PORTSMS_API_KEY } = env;
  return { TEMPORAL_ADDRESS, MONGODB_URI, PORTSMS_SECRET, PORTSMS_API_KEY };
}

/**
 * The simulator's carriers with limits other than those of a small account.
 * @param alphaPort where alpha takes texts, if not at the simulator
 */
async function carriersWith(
  limits: Limits,
  alphaPort: number | undefined,
  simulator: string,
  dataDir: string,
): Promise<string> {
  const query = new URLSearchParams(
    Object.entries(limits).map(([name, limit]) => [name, String(limit)] as [string, string]),
  );
  const response = await fetch(`${simulator}/carriers.yaml?${query}`);
  const file = parse(await response.text()) as { carriers: readonly { id: string }[] };
  const alpha = alphaPort === undefined ? {} : { host: '127.0.0.1', port: alphaPort };
  const carriers = file.carriers.map((each) => (each.id === 'alpha' ? { ...each, ...alpha } : each));
  const path = join(dataDir, 'bench-carriers.yaml');
  await writeFile(path, stringify({ ...file, carriers }), { mode: 0o600 });
  return path;
}

/** Calls an API with JSON. @throws Error with what was answered, unless it was a success */
export async function call(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${new URL(url).pathname} answered ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
