import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { createAdmissionActivities } from '../activities/admission.ts';
import { createArchiveActivities } from '../activities/archive.ts';
import { BreakerBook } from '../activities/breaker-book.ts';
import { createBulkLookUps } from '../activities/bulk-look-ups.ts';
import { createCarrierSyncActivities } from '../activities/carrier-sync.ts';
import { createClosedRuns } from '../activities/closed-runs.ts';
import { createConsentLedgerActivities } from '../activities/consent-ledger.ts';
import { createCutoverActivities } from '../activities/cutover.ts';
import { createDirectSubmission } from '../activities/direct-submission.ts';
import { createDoubleOptInActivities } from '../activities/double-opt-in.ts';
import { createHoldActivities } from '../activities/hold.ts';
import { createLearningActivities } from '../activities/learning.ts';
import { createLookUps } from '../activities/look-ups.ts';
import { createMessageBatchActivities } from '../activities/message-batch.ts';
import { createOptOutMoveActivities } from '../activities/opt-out-moves.ts';
import { createOptOutActivities } from '../activities/opt-outs.ts';
import { createPapersActivities } from '../activities/papers.ts';
import { createPortActivities } from '../activities/port.ts';
import { createPortOutActivities } from '../activities/port-out.ts';
import { createPortPlanActivities } from '../activities/port-plan.ts';
import { registerProbes } from '../activities/probes.ts';
import { createRecipients } from '../activities/recipients.ts';
import { createRetentionActivities } from '../activities/retention.ts';
import { createRouteSelection } from '../activities/route-selection.ts';
import { createRoutingSyncActivities } from '../activities/routing-sync.ts';
import { createSubmissionActivities } from '../activities/submission.ts';
import { SubmissionDesk } from '../activities/submission-desk.ts';
import { SubmissionLimits } from '../activities/submission-limits.ts';
import { createTextRemovalActivities } from '../activities/text-removal.ts';
import { createWindowHoldActivities } from '../activities/window-hold.ts';
import { nothing } from '../carriers/allotment.ts';
import { loadCarriers } from '../carriers/configuration.ts';
import { createMailer } from '../carriers/mailer.ts';
import { createCarriers } from '../carriers/registry.ts';
import { loadConfig } from '../config/config.ts';
import { orExit } from '../config/config-error.ts';
import { requireConnected } from '../config/connected-config.ts';
import { createLogger } from '../config/logger.ts';
import { startStep } from '../config/start-step.ts';
import { withTolerance } from '../domain/route-choice/parameters.ts';
import { webhookAddressRules } from '../domain/webhook-address.ts';
import { sweepCorrespondence } from '../intake/correspondence.ts';
import { createDeliveryMeter } from '../intake/delivery-meter.ts';
import { createEngine } from '../intake/engine.ts';
import { every } from '../intake/every.ts';
import { createIntake } from '../intake/intake.ts';
import { createCancelPort } from '../intake/port-cancellation.ts';
import { leaveBehind } from '../intake/redeliveries.ts';
import { createPortabilityDatabase } from '../npdb/registry.ts';
import { processMark } from '../store/process-mark.ts';
import { openStore } from '../store/store.ts';
import { randomId } from '../store/vault.ts';
import { workflowBundle } from './bundle.ts';
import { CarrierPoller } from './carrier-poller.ts';
import { createMetricPass } from './delivery-metrics/pass.ts';
import { graces } from './graces.ts';
import { createWorkerMetrics, freePort, serveMetrics } from './metrics.ts';
import { createPoster } from './publisher/post.ts';
import { createPublisher } from './publisher/publisher.ts';
import { timelineEvents } from './publisher/timeline-events.ts';
import { recipientMetrics } from './recipient-metrics.ts';
import {
  ensureArchive,
  ensureCarrierSyncs,
  ensureLearning,
  ensureLedgerUpkeep,
  ensureRetention,
  ensureRoutingSync,
} from './schedules.ts';
import { sdkLogger } from './sdk-logger.ts';
import { ensureSearchAttributes } from './search-attributes.ts';
import { SlotKeeper } from './slot-keeper.ts';
import { createCarrierWorkers, createMainWorker } from './workers.ts';

/** How often what was stored and not worked on is looked for. */
const sweepPauseMs = 3000;
/** How often comments that nobody sends are looked for. */
const correspondenceSweepPauseMs = 30_000;
/** How often it is looked whether metrics are due to be reckoned up. */
const metricPauseMs = 1000;
/** How often it is looked which carriers others have found out of order. */
const breakerLookMs = 1000;

const config = orExit(() => requireConnected(loadConfig(process.env)));
/** Names this run of this process to the others. */
const worker = randomId('wrk');
const logger = createLogger(config.logLevel, 'worker');
const metrics = createWorkerMetrics();
const meter = createDeliveryMeter(metrics);
const sdkMetricsPort = config.workerMetricsPort && (await freePort());
Runtime.install({
  logger: sdkLogger(logger),
  // Signals are ours: workers, carriers and store are closed in this order.
  shutdownSignals: [],
  ...(sdkMetricsPort && {
    telemetryOptions: { metrics: { prometheus: { bindAddress: `127.0.0.1:${sdkMetricsPort}` } } },
  }),
});

const configuration = await startStep(
  'PORTSMS_CARRIERS',
  `${config.carriersFile} cannot be read; name a carriers file that exists`,
  async () => loadCarriers(await readFile(config.carriersFile, 'utf8'), process.env),
);
const store = await startStep(
  'MONGODB_URI',
  'no MongoDB replica set answers there; start it or correct the address',
  () =>
    openStore({
      owner: worker,
      uri: config.mongodb.uri,
      database: config.mongodb.database,
      secret: config.secret,
      masterKeys: config.masterKeys,
    }),
);
const connection = await startStep(
  'TEMPORAL_ADDRESS',
  'no Temporal server answers there; start it or correct the address',
  () => NativeConnection.connect({ address: config.temporal.address }),
);
const client = new Client({ connection, namespace: config.temporal.namespace });
const carriers = createCarriers(configuration, { logger });
const portability = createPortabilityDatabase(configuration);
const engine = createEngine(client);
const intake = createIntake({ store, engine, carriers, logger, meter, owner: worker });
const mailer = config.smtp && createMailer(config.smtp);
const lookUps = createLookUps({ store, portability, logger });
const recipients = createRecipients({ store, portability, logger, meter: recipientMetrics(metrics) });
const breakers = new BreakerBook([...carriers.keys()], {
  breakers: store.breakers,
  logger,
  isConnected: (carrier) => carriers.get(carrier)?.isConnected() ?? false,
});
const limits = new SubmissionLimits({
  carriers,
  dayCounters: store.dayCounters,
  keyOf: (sender) => store.vault.numberKey(sender),
});
const routes = createRouteSelection({
  store,
  carriers,
  usedUp: (senderKeys, now) => limits.usedUp(senderKeys, now),
  isOpen: (carrier, now) => breakers.isOpen(carrier, now),
  parameters: withTolerance(config.routeTolerance),
});

const listing = [...carriers.values()]
  .filter(({ porting, hosting, portOuts }) => porting ?? hosting ?? portOuts)
  .map((carrier) => carrier.settings.id);
await ensureSearchAttributes(client);
await ensureCarrierSyncs(client, listing, config.carrierSyncSeconds);
await ensureRoutingSync(client, config.routingSyncSeconds);
await registerProbes(store, carriers, logger);
await ensureArchive(client);
await ensureRetention(client);
await ensureLedgerUpkeep(client);
store.consents.onTampered((err) =>
  logger.error({ err }, 'nothing is sent to a person whose consent ledger is not whole'),
);
await ensureLearning(client);

const desk = new SubmissionDesk(carriers);
const submitting = { store, intake, carriers, meter, limits, breakers, desk };
const direct = createDirectSubmission(submitting);
const admission = createAdmissionActivities({ store, engine, carriers, recipients, routes, direct });
const submission = createSubmissionActivities(submitting);
const server = { connection, namespace: config.temporal.namespace };
const mainWorker = await createMainWorker(server, {
  bundle: await workflowBundle(),
  activities: {
    ...admission,
    ...createHoldActivities({ store, engine }),
    ...createPortActivities({ store, carriers, lookUps, logger }),
    ...createCutoverActivities({ store, engine, carriers, lookUps, logger }),
    ...createCarrierSyncActivities({ store, engine, carriers }),
    ...createPapersActivities({ store, engine, carriers, ...(mailer && { mailer }) }),
    ...createPortOutActivities({ store, engine, carriers, logger, undecided: config.portOutUndecided }),
    ...createRoutingSyncActivities({ store, carriers, lookUps, logger }),
    ...createTextRemovalActivities({ store, engine, carriers }),
    ...createPortPlanActivities({
      store,
      carriers,
      lookUps: createBulkLookUps({ store, portability, logger }),
      cancelPort: createCancelPort(client),
    }),
    ...createArchiveActivities({ store, runs: createClosedRuns(client), logger }),
    ...createRetentionActivities({ store, logger }),
    ...createWindowHoldActivities({ store, engine }),
    ...createOptOutMoveActivities({ store, engine, carriers }),
    ...createOptOutActivities({ store, engine, carriers }),
    ...createDoubleOptInActivities({ store, engine, carriers }),
    ...createConsentLedgerActivities({ store, logger }),
    ...createMessageBatchActivities({ store, engine }),
    ...createLearningActivities({ store, carriers }),
  },
});

const stopping = new AbortController();
const failed = (err: unknown) => {
  logger.fatal({ err }, 'a worker ended');
  process.exit(1);
};
// Nothing is bound, polled or written before slots are held (invariant 8).
const keepers = [...carriers].map(([id, carrier]) => {
  const poller = new CarrierPoller(() => createCarrierWorkers(server, id, submission), failed);
  const { leases } = store;
  const died = async (workers: readonly string[]) => {
    // Nobody waits for what a killed worker was changing.
    await store.transactionSessions.giveUp(workers);
    await leaveBehind(store, workers, new Date());
  };
  const held = (slots: number) => poller.poll(slots > 0 && !stopping.signal.aborted);
  const keeper = new SlotKeeper({ carrier, leases, worker, mark: processMark(), held, died, logger });
  return { carrier, poller, keeper };
});
for (const { carrier } of keepers) {
  await carrier.allot(nothing);
  const { id } = carrier.settings;
  carrier.connect({
    receive: (events) => intake.receive(id, events),
    settled: (eventIds) => intake.settled(id, eventIds),
  });
}

const stop = () => {
  if (stopping.signal.aborted) return;
  stopping.abort();
  mainWorker.shutdown();
  for (const { poller } of keepers) poller.poll(false);
};
process.once('SIGTERM', stop).once('SIGINT', stop).once('disconnect', stop);

const sweeping = every(
  sweepPauseMs,
  stopping.signal,
  () => intake.sweep(),
  (error) => logger.warn({ err: error }, 'a sweep of carrier events failed; the next one repeats it'),
);
const sweepingCorrespondence = every(
  correspondenceSweepPauseMs,
  stopping.signal,
  () => sweepCorrespondence({ store, engine }),
  (error) => logger.warn({ err: error }, 'a sweep of unsent comments failed; the next one repeats it'),
);
const reckon = createMetricPass({ store, owner: worker, now: () => new Date() });
let reckonAt = 0;
const reckoning = every(
  metricPauseMs,
  stopping.signal,
  async () => {
    if (performance.now() >= reckonAt) reckonAt = performance.now() + (await reckon());
  },
  (error) => logger.warn({ err: error }, 'metrics could not be reckoned up; the next pass does it'),
);
const closeMetrics =
  config.workerMetricsPort && sdkMetricsPort
    ? await startStep('WORKER_METRICS_PORT', `port ${config.workerMetricsPort} is taken; choose another`, () =>
        serveMetrics(metrics, config.workerMetricsPort ?? 0, sdkMetricsPort),
      )
    : undefined;
const keeping = keepers.map(({ keeper }) => keeper.run(stopping.signal));
const lookingAtBreakers = every(
  breakerLookMs,
  stopping.signal,
  () => breakers.refresh(),
  (error) => logger.warn({ err: error }, 'what others found of carriers could not be read; trying again'),
);
const poster = createPoster(webhookAddressRules(config.webhookPrivateNetworks));
const publishing = createPublisher({
  store,
  source: timelineEvents(store, config.api.publicUrl),
  poster,
  owner: worker,
  logger,
  now: () => new Date(),
  random: Math.random,
}).run(stopping.signal);
process.send?.('ready');
logger.info({ carriers: carriers.size }, 'worker ready');

await mainWorker.run();
stop();
await Promise.all([
  sweeping,
  sweepingCorrespondence,
  publishing,
  reckoning,
  closeMetrics?.(),
  lookingAtBreakers,
  ...keeping,
  ...keepers.map(({ poller }) => poller.stop()),
]);
poster.close();
await Promise.all([...carriers.values()].map((carrier) => carrier.close(graces.carriers)));
// Others get at once what is given back; without that, after a lease's time.
const givenBack = Promise.all([...keepers.map(({ keeper }) => keeper.leave()), limits.close()]).catch((err: unknown) =>
  logger.warn({ err }, 'slots of carriers could not be given back'),
);
await Promise.race([givenBack, sleep(graces.slots, undefined, { ref: false })]);
await intake.idle();
await connection.close();
await store.close();
