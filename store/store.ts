import { archivedRunStore } from './archived-runs.ts';
import { batchTextStore } from './batch-texts.ts';
import { breakerStore } from './breakers.ts';
import { campaignStopStore } from './campaign-stops.ts';
import { capStore } from './caps.ts';
import { carrierEventStore } from './carrier-events.ts';
import { carrierSyncStore } from './carrier-syncs.ts';
import { claimStore } from './claims.ts';
import { commentStore } from './comments.ts';
import { consentStore } from './consents.ts';
import { openDatabase } from './database.ts';
import { dayCounterStore } from './day-counters.ts';
import { deliveryCodeStore } from './delivery-codes.ts';
import { deliveryMetricStore } from './delivery-metrics.ts';
import { documentStore } from './documents.ts';
import { erasureStore } from './erasures.ts';
import { idempotencyStore } from './idempotency.ts';
import { inboundTextStore } from './inbound-texts.ts';
import { KeyRing } from './key-ring.ts';
import { leaseStore } from './leases.ts';
import { type MasterKey, masterKeysOf } from './master-keys.ts';
import { messageBatchStore } from './message-batches.ts';
import { messageStore } from './messages.ts';
import { numberClaimStore } from './number-claims.ts';
import { numberStore } from './numbers.ts';
import { optOutMoveStore } from './opt-out-moves.ts';
import { optOutReviewStore } from './opt-out-reviews.ts';
import { portOutStore } from './port-outs.ts';
import { portPlanStore } from './port-plans.ts';
import { portStore } from './ports.ts';
import { priceListStore } from './price-lists.ts';
import { retentionStore } from './retention.ts';
import { routeOutcomeStore } from './route-outcomes.ts';
import { routeQualityStore } from './route-quality.ts';
import { subjectKeyStore } from './subject-keys.ts';
import { suppressionStore } from './suppressions.ts';
import { textLedgerStore } from './text-ledgers.ts';
import { textRemovalStore } from './text-removals.ts';
import { timelineStore } from './timeline.ts';
import { createVault } from './vault.ts';
import { webhookDeliveryStore } from './webhook-deliveries.ts';
import { webhookEndpointStore } from './webhook-endpoints.ts';

/** Everything that is stored, one member per collection, and the vault that seals what is personal in it. */
export type Store = Awaited<ReturnType<typeof openStore>>;

/**
 * Opens the store and creates its indexes.
 * @param options.secret PORTSMS_SECRET
 * @param options.masterKeys PORTSMS_MASTER_KEYS
 * @param options.owner names this process, where others may find out that it has died
 * @throws MasterKeyError when these are not the keys that the database was written under
 */
export async function openStore(options: {
  uri: string;
  database: string;
  secret: string;
  masterKeys?: readonly MasterKey[];
  owner?: string;
}) {
  const database = await openDatabase(options.uri, options.database, options.owner);
  const masterKeys = masterKeysOf(database, options.secret, options.masterKeys ?? []);
  const ring = new KeyRing();
  const vault = createVault(options.secret, ring);
  const messageBatches = messageBatchStore(database);
  const store = {
    vault,
    masterKeys,
    subjectKeys: subjectKeyStore(database, ring, masterKeys),
    messages: messageStore(database),
    numbers: numberStore(database),
    numberClaims: numberClaimStore(database),
    ports: portStore(database),
    timeline: timelineStore(database, vault),
    consents: consentStore(database, vault),
    carrierEvents: carrierEventStore(database),
    carrierSyncs: carrierSyncStore(database),
    inboundTexts: inboundTextStore(database),
    idempotency: idempotencyStore(database),
    documents: documentStore(database),
    comments: commentStore(database),
    portOuts: portOutStore(database),
    portPlans: portPlanStore(database),
    textRemovals: textRemovalStore(database),
    webhookEndpoints: webhookEndpointStore(database),
    webhookDeliveries: webhookDeliveryStore(database),
    archivedRuns: archivedRunStore(database, vault),
    erasures: erasureStore(database),
    retention: retentionStore(database),
    caps: capStore(database),
    deliveryCodes: deliveryCodeStore(database),
    deliveryMetrics: deliveryMetricStore(database),
    suppressions: suppressionStore(database),
    campaignStops: campaignStopStore(database),
    optOutReviews: optOutReviewStore(database),
    optOutMoves: optOutMoveStore(database),
    textLedgers: textLedgerStore(database),
    messageBatches,
    batchTexts: batchTextStore(database, messageBatches),
    leases: leaseStore(database),
    breakers: breakerStore(database),
    claims: claimStore(database),
    dayCounters: dayCounterStore(database),
    routeQuality: routeQualityStore(database),
    routeOutcomes: routeOutcomeStore(database),
    priceLists: priceListStore(database),
    transactionSessions: database.sessions,
    ping: () => database.ping(),
    close: () => database.close(),
  };
  try {
    await masterKeys.check();
  } catch (error) {
    await database.close();
    throw error;
  }
  await Promise.all([
    store.messages.ensureIndexes(),
    store.numbers.ensureIndexes(),
    store.ports.ensureIndexes(),
    store.timeline.ensureIndexes(),
    store.consents.ensureIndexes(),
    store.carrierEvents.ensureIndexes(),
    store.inboundTexts.ensureIndexes(),
    store.idempotency.ensureIndexes(),
    store.documents.ensureIndexes(),
    store.comments.ensureIndexes(),
    store.portOuts.ensureIndexes(),
    store.portPlans.ensureIndexes(),
    store.textRemovals.ensureIndexes(),
    store.webhookEndpoints.ensureIndexes(),
    store.webhookDeliveries.ensureIndexes(),
    store.archivedRuns.ensureIndexes(),
    store.erasures.ensureIndexes(),
    store.retention.ensureIndexes(),
    store.caps.ensureIndexes(),
    store.deliveryCodes.ensureIndexes(),
    store.deliveryMetrics.ensureIndexes(),
    store.suppressions.ensureIndexes(),
    store.campaignStops.ensureIndexes(),
    store.optOutReviews.ensureIndexes(),
    store.optOutMoves.ensureIndexes(),
    store.textLedgers.ensureIndexes(),
    store.messageBatches.ensureIndexes(),
    store.claims.ensureIndexes(),
    store.dayCounters.ensureIndexes(),
    store.routeQuality.ensureIndexes(),
    store.routeOutcomes.ensureIndexes(),
    store.priceLists.ensureIndexes(),
    store.transactionSessions.ensureIndexes(),
  ]);
  return store;
}
