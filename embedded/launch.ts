import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { findMongodb } from './find-mongodb.ts';
import { findTemporal } from './find-temporal.ts';
import { prepareLog } from './log-file.ts';
import { embeddedMongodbUri, mongodbService } from './mongodb-server.ts';
import { apiService, simulatorService, workerService, writeCarriersFile } from './product-processes.ts';
import { Service, type ServiceListener, type ServiceSpec } from './service.ts';
import { simulatorPorts } from './simulator-ports.ts';
import { temporalService } from './temporal-server.ts';

/** The parts of a stack, in the order in which they need each other. */
export const SERVICE_NAMES = ['temporal', 'mongodb', 'simulator', 'worker', 'api'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** What starts and ends together; a layer needs those before it. */
const LAYERS: readonly (readonly ServiceName[])[] = [['temporal', 'mongodb', 'simulator'], ['worker'], ['api']];

/** What to launch. */
export interface LaunchPlan {
  readonly config: Config;
  /** Which of the parts; one whose address the configuration gives isn't started anyway. */
  readonly only: readonly ServiceName[];
  /** For what the simulator decides by chance; undefined leaves it to the simulator. */
  readonly seed: number | undefined;
  /** The environment of the product's own processes; what they connect to is added. */
  readonly env: NodeJS.ProcessEnv;
  readonly listener: ServiceListener;
}

/** Processes that run and are kept running. */
export interface Launched {
  readonly services: Readonly<Partial<Record<ServiceName, Service>>>;
  /** The environment in which another process finds all of them; complete once they are ready. */
  readonly env: NodeJS.ProcessEnv;
  /**
   * Resolves when all serve.
   * @throws ServerNotFoundError, or Error with one line when a part doesn't come up; nothing is left running then.
   */
  readonly ready: Promise<void>;
  /** Ends them in the reverse order, also before they are ready. */
  stop(): Promise<void>;
  /** Kills them at once. */
  killNow(): void;
}

/** Which parts a plan starts. */
export function partsOf(config: Config, only: readonly ServiceName[] = SERVICE_NAMES): ServiceName[] {
  const elsewhere: Readonly<Partial<Record<ServiceName, boolean>>> = {
    temporal: config.temporal.address !== undefined,
    mongodb: config.mongodb.uri !== undefined,
    simulator: config.simulatorPort === undefined,
  };
  return SERVICE_NAMES.filter((name) => only.includes(name) && !elsewhere[name]);
}

/** Starts all that a plan asks for, as much at the same time as possible. */
export function launch(plan: LaunchPlan): Launched {
  const { config } = plan;
  const { tell } = plan.listener;
  const parts = partsOf(config, plan.only);
  const services: Partial<Record<ServiceName, Service>> = {};
  // On one machine, events may go to what else runs on it.
  const env: NodeJS.ProcessEnv = { PORTSMS_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8,::1/128', ...plan.env };
  if (parts.includes('temporal')) env.TEMPORAL_ADDRESS = `127.0.0.1:${config.temporal.port}`;
  if (parts.includes('mongodb')) env.MONGODB_URI = embeddedMongodbUri(config.mongodb.port);
  const log = (name: ServiceName) => join(config.dataDir, 'logs', `${name}.log`);
  let stopping = false;

  const stop = async () => {
    stopping = true;
    for (const layer of LAYERS.toReversed()) await Promise.all(layer.map((name) => services[name]?.stop()));
  };
  const start = async (name: ServiceName, spec: () => ServiceSpec | Promise<ServiceSpec>) => {
    if (!parts.includes(name)) return;
    prepareLog(log(name));
    const service = new Service(await spec(), plan.listener);
    if (stopping) throw new Error('The stack is being stopped.');
    services[name] = service;
    await service.start();
  };

  const startAll = async () => {
    mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
    await Promise.all([
      start('temporal', async () => {
        const program = await findTemporal(config.cacheDir, tell);
        return temporalService(program, {
          ...config.temporal,
          dataDir: config.dataDir,
          logFile: log('temporal'),
          retentionDays: config.retentionDays,
        });
      }),
      start('mongodb', async () => {
        const program = await findMongodb(config.cacheDir, config.dataDir, tell);
        return mongodbService(program, config.mongodb.port, config.dataDir, log('mongodb'));
      }),
      start('simulator', async () => {
        const ports = await simulatorPorts(config.dataDir);
        return simulatorService(config, ports, plan.seed, env, log('simulator'));
      }),
    ]);
    if (services.simulator && config.carriersFile === undefined) env.PORTSMS_CARRIERS = await writeCarriersFile(config);
    await Promise.all([
      start('worker', () => workerService(env, log('worker'))),
      start('api', () => apiService(config, env, log('api'))),
    ]);
  };
  const ready = startAll().catch(async (error) => {
    await stop();
    throw error;
  });

  return {
    services,
    env,
    ready,
    stop,
    killNow: () => {
      stopping = true;
      for (const service of Object.values(services)) service.killNow();
    },
  };
}
