import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFIG_VARIABLES, loadConfig } from '../config/config.ts';
import { DataDirInUseError, isRecorded, lockDataDir } from './data-dir-lock.ts';
import { freePorts } from './free-ports.ts';
import { launch, SERVICE_NAMES, type ServiceName } from './launch.ts';
import type { Service } from './service.ts';

const prefix = 'portsms-';

/** What a stack of one's own may be told. */
export interface StackOptions {
  /** Only these parts; all by default. */
  readonly only?: readonly ServiceName[];
  /** Set for the product's processes, over everything else; also PORT and the other variables of the configuration. */
  readonly env?: NodeJS.ProcessEnv;
  /** For what the simulator decides by chance; 1 by default. */
  readonly seed?: number;
  /** The folder in which its data directory is made; the system's for temporary files by default. */
  readonly in?: string;
  /** Takes one line for each thing that a person should know; nobody by default. */
  readonly tell?: (line: string) => void;
}

/**
 * A stack of one's own: free ports, a temporary data directory. Its processes are gone when it is stopped or when this process ends; its
 * directory, too, or else when the next stack is started in the same folder.
 */
export interface Stack {
  /** The environment in which `loadConfig` and another process find all of it. */
  readonly env: NodeJS.ProcessEnv;
  /** Each with its `pid`, `kill(signal)` and `ready()`; killed ones are started again. */
  readonly processes: Readonly<Partial<Record<ServiceName, Service>>>;
  readonly dataDir: string;
  stop(): Promise<void>;
}

/**
 * Starts a stack beside whatever else runs on this machine. Addresses of servers in this process's own environment are not used: a demo
 * or a test never writes into somebody's database.
 * @throws ServerNotFoundError, ConfigError, or Error with one line when a part doesn't come up.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const folder = options.in ?? tmpdir();
  const tell = options.tell ?? (() => undefined);
  await removeAbandoned(folder, tell);
  const dataDir = await mkdtemp(join(folder, prefix));
  const remove = () => removeFolder(dataDir);
  try {
    const lock = await lockDataDir(dataDir, tell);
    const env = { ...(await ownEnvironment(dataDir)), ...options.env };
    const launched = launch({
      config: loadConfig(env),
      only: options.only ?? SERVICE_NAMES,
      seed: options.seed ?? 1,
      env,
      listener: { tell, started: lock.started },
    });
    await launched.ready;
    return {
      env: launched.env,
      processes: launched.services,
      dataDir,
      stop: async () => {
        await launched.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** What stacks left whose processes were killed, with what still runs of them. */
async function removeAbandoned(folder: string, tell: (line: string) => void): Promise<void> {
  for (const entry of await readdir(folder)) {
    const dataDir = join(folder, entry);
    if (!entry.startsWith(prefix) || !isRecorded(dataDir)) continue;
    try {
      await lockDataDir(dataDir, tell);
    } catch (error) {
      if (error instanceof DataDirInUseError) continue;
      throw error;
    }
    await removeFolder(dataDir);
  }
}

const removeFolder = (dataDir: string) => rm(dataDir, { recursive: true, force: true, maxRetries: 5 });

async function ownEnvironment(dataDir: string): Promise<NodeJS.ProcessEnv> {
  const ours = (name: string) =>
    name.startsWith('SIMULATOR_') ||
    (CONFIG_VARIABLES.includes(name) && name !== 'XDG_CACHE_HOME' && name !== 'LOG_LEVEL');
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours(name)));
  const names = ['PORT', 'SIMULATOR_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'MONGODB_PORT'];
  const ports = await freePorts(names.length);
  return {
    ...inherited,
    ...Object.fromEntries(names.map((name, i) => [name, String(ports[i])])),
    PORTSMS_DATA_DIR: dataDir,
    PORTSMS_API_KEY: randomBytes(24).toString('base64url'),
    PORTSMS_SECRET: randomBytes(48).toString('base64url'),
  };
}
