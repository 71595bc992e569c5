import { randomBytes } from 'node:crypto';
import { type Stack, type StackOptions, startStack } from '../../embedded/stack.ts';
import { Network } from './network.ts';
import { Product } from './product.ts';

/** Where a demo is played. */
export interface Site {
  readonly product: Product;
  readonly network: Network;
  /** What tells this demo's texts from those of earlier ones there. */
  readonly run: string;
  /** Leaves the place as it was found. */
  leave(): Promise<void>;
}

/** In a stack of our own dates are seconds away, and so the times around them are short. */
const ownTimes = { PORTSMS_CARRIER_SYNC_SECONDS: '10', PORTSMS_CUTOVER_MARGIN_SECONDS: '8' };

/** Starts a stack of the demo's own. @throws as startStack does */
export function startOwnStack({ env, ...options }: StackOptions): Promise<Stack> {
  return startStack({ ...options, env: { ...ownTimes, ...env } });
}

/** A stack that was just started for the demo. */
export function siteIn(stack: Stack): Site {
  return {
    product: new Product(`http://localhost:${stack.env.PORT}`, stack.env.PORTSMS_API_KEY ?? ''),
    network: new Network(`http://127.0.0.1:${stack.env.SIMULATOR_PORT}`),
    run: '',
    leave: () => stack.stop(),
  };
}

/**
 * The stack that the environment names (`PORTSMS_URL`, `PORTSMS_API_KEY`, `SIMULATOR_URL`), else one of our own.
 * @param tell takes a line for each thing that a person should know
 * @throws Error with one line when the environment is incomplete or a stack doesn't come up
 */
export async function findSite(env: NodeJS.ProcessEnv, seed: number, tell: (line: string) => void): Promise<Site> {
  if (env.PORTSMS_URL) return siteAt(env.PORTSMS_URL, env);
  tell('Starting a stack for the demo; PORTSMS_URL, PORTSMS_API_KEY and SIMULATOR_URL would name a running one.');
  return siteIn(await startOwnStack({ seed, tell }));
}

async function siteAt(url: string, env: NodeJS.ProcessEnv): Promise<Site> {
  const [key] = env.PORTSMS_API_KEY?.split(',') ?? [];
  if (!key) throw new Error('PORTSMS_API_KEY is not set; set it to the key that the stack at PORTSMS_URL takes.');
  const network = new Network(env.SIMULATOR_URL || 'http://localhost:8090');
  const before = await network.scenario();
  return {
    product: new Product(url, key.trim()),
    network,
    run: `-${randomBytes(3).toString('hex')}`,
    leave: () => network.setScenario(before),
  };
}
