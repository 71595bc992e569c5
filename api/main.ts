import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { createChecklists } from '../activities/checklists.ts';
import { createLookUps } from '../activities/look-ups.ts';
import { loadCarriers } from '../carriers/configuration.ts';
import { createCarriers } from '../carriers/registry.ts';
import { loadConfig } from '../config/config.ts';
import { orExit } from '../config/config-error.ts';
import { requireConnected } from '../config/connected-config.ts';
import { createLogger } from '../config/logger.ts';
import { startStep } from '../config/start-step.ts';
import { webhookAddressRules } from '../domain/webhook-address.ts';
import { createDeliveryMeter } from '../intake/delivery-meter.ts';
import { createEngine } from '../intake/engine.ts';
import { every } from '../intake/every.ts';
import { createIntake } from '../intake/intake.ts';
import { createPortabilityDatabase } from '../npdb/registry.ts';
import { openStore } from '../store/store.ts';
import { randomId } from '../store/vault.ts';
import { createApp } from './app.ts';
import { watchDeliveries } from './delivery-gauges.ts';
import { createDispatcher } from './dispatcher.ts';
import { createMessageBatchProcess } from './message-batch-process.ts';
import { sweepMessageBatches } from './message-batch-sweep.ts';
import { createMetrics } from './metrics.ts';
import { startForgottenPlans } from './plan-acceptance.ts';
import { createPlanProcess } from './plan-process.ts';
import { startForgottenPorts } from './port-acceptance.ts';
import { createPortOutProcess } from './port-out-process.ts';
import { createPortProcess } from './port-process.ts';
import { close, listen } from './server.ts';
import { startForgottenRemovals } from './text-removal-acceptance.ts';
import { createTextRemovalProcess } from './text-removal-process.ts';
import { workflowLinks } from './views/port-view.ts';

/** What the end of each part may take, in milliseconds; together under the 5 s that the process is given. */
const grace = { requests: 2000, starts: 1000, webhooks: 500 };

/** How often ports that were cut off from their process are looked for. */
const portSweepPauseMs = 10_000;

const config = orExit(() => requireConnected(loadConfig(process.env)));
const logger = createLogger(config.logLevel, 'api');

try {
  await run();
} catch (error) {
  logger.fatal({ err: error }, 'the API could not start');
  process.exit(1);
}

async function run(): Promise<void> {
  const { namespace } = config.temporal;
  // Lazy: texts are accepted while the engine is away, the store has them until it is back.
  const connection = Connection.lazy({ address: config.temporal.address });
  const client = new Client({ connection, namespace });
  const engine = createEngine(client);

  const carrierConfiguration = await startStep(
    'PORTSMS_CARRIERS',
    `${config.carriersFile} cannot be read; name a carriers file that exists`,
    async () => loadCarriers(await readFile(config.carriersFile, 'utf8'), process.env),
  );
  // Never connected here: their sessions belong to the worker. Webhooks are read and orders' checks asked by them.
  const carriers = createCarriers(carrierConfiguration, { logger });
  const store = await startStep(
    'MONGODB_URI',
    'no MongoDB replica set answers there; start it or correct the address',
    () =>
      openStore({
        owner: randomId('api'),
        uri: config.mongodb.uri,
        database: config.mongodb.database,
        secret: config.secret,
        masterKeys: config.masterKeys,
      }),
  );
  const lookUps = createLookUps({ store, portability: createPortabilityDatabase(carrierConfiguration), logger });
  const metrics = createMetrics();
  const meter = createDeliveryMeter(metrics.registry);
  const intake = createIntake({ store, engine, carriers, logger, meter });
  const dispatcher = createDispatcher({ engine, store, logger });
  metrics.watchUnstarted(dispatcher.waiting);
  watchDeliveries(metrics.registry, store);

  const ports = {
    portProcess: createPortProcess(client),
    planProcess: createPlanProcess(client),
    marginMs: config.cutoverMarginSeconds * 1000,
    proofDeadlineMs: config.proofDeadlineHours * 3600_000,
  };
  const textRemovals = {
    textRemovalProcess: createTextRemovalProcess(client),
    proofDeadlineMs: ports.proofDeadlineMs,
  };
  const messageBatchProcess = createMessageBatchProcess(client);
  const app = createApp({
    store,
    carriers,
    lookUps,
    checklists: createChecklists({ store, carriers }),
    intake,
    dispatcher,
    engine,
    canMail: config.smtp !== undefined,
    ...ports,
    portOutProcess: createPortOutProcess(client),
    ...textRemovals,
    messageBatchProcess,
    workflowLink: workflowLinks(config.temporal.uiUrl, namespace),
    checks: {
      store: () => store.ping(),
      engine: () =>
        client.withDeadline(Date.now() + 2000, () => client.workflowService.describeNamespace({ namespace })),
    },
    webhookAddresses: webhookAddressRules(config.webhookPrivateNetworks),
    metrics,
    logger,
    apiKeys: config.api.keys,
    bodyLimitBytes: config.api.bodyLimitBytes,
    publicUrl: config.api.publicUrl,
  });

  const server = await listen(app, config.api.port);
  dispatcher.start();
  const stopping = new AbortController();
  const sweeping = every(
    portSweepPauseMs,
    stopping.signal,
    async () => {
      await startForgottenPorts({ store, ...ports });
      await startForgottenPlans({ store, ...ports });
      await startForgottenRemovals({ store, ...textRemovals });
      await sweepMessageBatches({ store, messageBatchProcess });
    },
    (err) => logger.warn({ err }, 'ports that lie unstarted could not be started; the next sweep tries again'),
  );
  process.send?.('ready');
  logger.info({ port: config.api.port, carriers: carriers.size }, 'api ready');

  const stop = async () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    await close(server, grace.requests);
    await Promise.all([dispatcher.stop(grace.starts), Promise.race([sweeping, sleep(grace.starts)])]);
    await Promise.race([intake.idle(), sleep(grace.webhooks)]);
    await Promise.race([Promise.all([connection.close(), store.close()]), sleep(grace.webhooks)]);
    // An open channel to the process that started this one would keep it alive.
    process.exit(0);
  };
  process.once('SIGTERM', stop).once('SIGINT', stop).once('disconnect', stop);
}
