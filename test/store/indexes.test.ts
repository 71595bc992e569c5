import {
  type Collection,
  type CommandStartedEvent,
  type Document,
  type FindCursor,
  MongoClient,
  type Sort,
} from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noTexts } from '../../domain/delivery-metrics.ts';
import { newCutover } from '../../domain/lifecycle/cutover.ts';
import { newPlan } from '../../domain/lifecycle/plan.ts';
import { emptyAccount } from '../../domain/text-ledger.ts';
import { archivedRunStore } from '../../store/archived-runs.ts';
import { batchTextStore } from '../../store/batch-texts.ts';
import { breakerStore } from '../../store/breakers.ts';
import { campaignStopStore } from '../../store/campaign-stops.ts';
import { capStore } from '../../store/caps.ts';
import { carrierEventStore } from '../../store/carrier-events.ts';
import { carrierSyncStore } from '../../store/carrier-syncs.ts';
import { claimStore } from '../../store/claims.ts';
import { commentStore } from '../../store/comments.ts';
import { consentStore } from '../../store/consents.ts';
import type { Database } from '../../store/database.ts';
import { dayCounterStore } from '../../store/day-counters.ts';
import { deliveryCodeStore } from '../../store/delivery-codes.ts';
import { deliveryMetricStore } from '../../store/delivery-metrics.ts';
import { documentStore } from '../../store/documents.ts';
import { erasureStore } from '../../store/erasures.ts';
import { idempotencyStore } from '../../store/idempotency.ts';
import { inboundTextStore } from '../../store/inbound-texts.ts';
import { KeyRing } from '../../store/key-ring.ts';
import { leaseStore } from '../../store/leases.ts';
import { masterKeysOf } from '../../store/master-keys.ts';
import { messageBatchStore } from '../../store/message-batches.ts';
import { messageStore } from '../../store/messages.ts';
import { numberClaimStore } from '../../store/number-claims.ts';
import { numberStore } from '../../store/numbers.ts';
import { optOutMoveStore } from '../../store/opt-out-moves.ts';
import { optOutReviewStore } from '../../store/opt-out-reviews.ts';
import { portOutStore } from '../../store/port-outs.ts';
import { portPlanStore } from '../../store/port-plans.ts';
import { portStore } from '../../store/ports.ts';
import { priceListStore } from '../../store/price-lists.ts';
import { retentionStore } from '../../store/retention.ts';
import { routeOutcomeStore } from '../../store/route-outcomes.ts';
import { routeQualityStore } from '../../store/route-quality.ts';
import { subjectKeyStore } from '../../store/subject-keys.ts';
import { suppressionStore } from '../../store/suppressions.ts';
import { textLedgerStore } from '../../store/text-ledgers.ts';
import { textRemovalStore } from '../../store/text-removals.ts';
import { timelineStore } from '../../store/timeline.ts';
import { transactionSessions } from '../../store/transaction-sessions.ts';
import { createVault } from '../../store/vault.ts';
import { webhookDeliveryStore } from '../../store/webhook-deliveries.ts';
import { webhookEndpointStore } from '../../store/webhook-endpoints.ts';
import { mongodbUri } from '../mongodb-uri.ts';
import { ours, sampleNumber, samplePlan, samplePort, samplePortOut, sampleRemoval, sampleText } from './samples.ts';

const vault = createVault('a secret of at least 32 characters');
const client = new MongoClient(mongodbUri(), { monitorCommands: true });
const db = client.db(`indexes_${Date.now()}_${process.pid}`);
const database: Database = {
  collection: (name) => db.collection(name),
  transaction: (work) => client.withSession((session) => session.withTransaction(() => work(session))),
  command: (command, session) => db.command(command, { session }),
  ping: async () => undefined,
  sessions: transactionSessions(client, db, 'wrk_1'),
  close: () => client.close(),
};
const stores = {
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
  optOutReviews: optOutReviewStore(database),
  optOutMoves: optOutMoveStore(database),
  caps: capStore(database),
  subjectKeys: subjectKeyStore(
    database,
    new KeyRing(),
    masterKeysOf(database, 'a secret of at least 32 characters', []),
  ),
  deliveryCodes: deliveryCodeStore(database),
  deliveryMetrics: deliveryMetricStore(database),
  suppressions: suppressionStore(database),
  campaignStops: campaignStopStore(database),
  textLedgers: textLedgerStore(database),
  messageBatches: messageBatchStore(database),
  batchTexts: batchTextStore(database, messageBatchStore(database)),
  leases: leaseStore(database),
  breakers: breakerStore(database),
  claims: claimStore(database),
  dayCounters: dayCounterStore(database),
  routeQuality: routeQualityStore(database),
  routeOutcomes: routeOutcomeStore(database),
  priceLists: priceListStore(database),
  transactionSessions: database.sessions,
};

const now = new Date();
const before = { at: now, id: 'x' };
const text = sampleText(vault, {
  status: 'queued',
  workflowId: 'w',
  route: {
    carrier: 'alpha',
    sender: { key: 'num_a', version: 1 },
    viaStandby: false,
    proves: false,
    reason: 'settled',
  },
});
const number = sampleNumber(vault, ours);
const port = samplePort(vault, [ours]);
const portOut = samplePortOut(vault, [ours]);
const plan = samplePlan(vault);
const removal = sampleRemoval(vault, [ours]);
const event = {
  _id: 'alpha/1',
  carrier: 'alpha',
  type: 'receipt' as const,
  receivedAt: now,
  state: 'new' as const,
  event: vault.seal('{}'),
  forgetAt: new Date(now.getTime() + 3600_000),
};
const unsettled = { by: 'wrk_1', since: now, eventId: '1', content: 'h1' };
const parties = { fromKey: 'num_a', from: vault.seal('a'), toKey: 'num_b', to: vault.seal('b'), text: vault.seal('t') };
const inboundText = { _id: 'in_1', carrier: 'alpha', ...parties, receivedAt: now };
const part = { ...inboundText, _id: 'alpha/2', group: 'g', sequence: 1, total: 2, forgetAt: event.forgetAt };
const consent = {
  _id: 'con_1',
  type: 'granted' as const,
  subjectKey: 'num_a',
  basis: 'express' as const,
  source: 'api' as const,
  at: now,
  evidence: vault.seal('{}'),
};
const document = {
  _id: 'doc_1',
  portId: 'port_1',
  kind: 'loa' as const,
  contentType: 'application/pdf',
  bytes: 1,
  sha256: 'hash',
  storedAt: now,
  deleteAt: event.forgetAt,
  state: 'stored' as const,
  stateSince: now,
};
const comment = {
  _id: 'cmt_1',
  portId: 'port_1',
  carrier: 'telnyx',
  direction: 'to-carrier' as const,
  author: 'caller' as const,
  channel: 'api' as const,
  text: vault.seal('t'),
  at: now,
  state: 'waiting' as const,
  stateSince: now,
  dueAt: now,
  attempts: 0,
};
const claim = { token: 'clm_1', carrier: 'alpha', workflowId: 'w', runId: 'r', at: now };

const batchId = `bat_${'0'.repeat(32)}`;
const lineCount = { lines: 1, accepted: 1, refused: 0, segments: 1, lastLine: 1 };
const batchPart = { batchId, lines: [[1, 2]] as const };

const endpoint = { _id: 'whe_1', url: vault.seal('u'), secrets: [], startsAt: now, createdAt: now, updatedAt: now };
const cursor = { _id: 'whe_1/port_1', endpoint: 'whe_1', subject: 'port_1', published: 0, news: 0 };
const delivery = {
  _id: 'dlv_1',
  endpoint: 'whe_1',
  eventId: 'evt_port_1_1',
  type: 't',
  subject: 'port_1',
  status: 'delivered' as const,
  attempts: 1,
  firstAttemptAt: now,
  at: now,
  forgetAt: event.forgetAt,
};

const closedRun = {
  workflowId: 'port_1',
  runId: 'r1',
  type: 'portWorkflow',
  subject: 'port_1',
  status: 'COMPLETED',
  startedAt: now,
  closedAt: now,
};

const subject = vault.numberKey('+12025550101');
const erasedSubject = vault.numberKey('+12025550102');
const knownRing = new KeyRing();
knownRing.hold(subject, { generation: 1, key: Buffer.alloc(32) });
const sealedFor = createVault('a secret of at least 32 characters', knownRing).sealFor(subject, 't');

const longAgo = new Date(now.getTime() - 1000 * 24 * 3600_000);
const beat = () => undefined;
const erasure = {
  _id: 'ers_1',
  subjectKey: 'num_b',
  requestedAt: now,
  requestedBy: 'key',
  generation: 1,
  tombstoneId: 'cns_2',
};
const priceList = { _id: 'prc_1', carrier: 'alpha', currency: 'USD', importedAt: now, rowCount: 0, sha256: 'hash' };

async function readArchived(): Promise<void> {
  const run = await stores.archivedRuns.find('r1');
  if (run) await stores.archivedRuns.history(run);
}

async function takeAll(all: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of all);
}

const ruling = {
  vocabulary: 'smpp' as const,
  code: '0x400',
  ours: 'carrier-rejected' as const,
  class: 'permanent' as const,
  portRelated: false,
  fault: 'carrier' as const,
  meaning: 'm',
};
const metricKey = { carrier: 'alpha', network: 'US', kind: 'otp' as const, ported: false };
const unreachable = {
  subjectKey: 'num_a',
  senderKind: 'number' as const,
  since: now,
  messageId: 'msg_1',
  code: 'recipient-unknown',
};
const blocked = { messageId: 'msg_1', at: now };
const stopRule = { ours: 'filtered', stops: 'kind', failures: 1, withinMs: 1000, stopMs: 1000 };

/** Every call of every store, as the product makes it: each filter that a call can have. */
const calls: {
  [S in keyof typeof stores]: { [F in Exclude<keyof (typeof stores)[S], 'ensureIndexes'>]: () => unknown[] };
} = {
  messages: {
    insert: () => [stores.messages.insert([text])],
    change: () => [
      stores.messages.change([text._id], () => ({ lookUpFirst: false })),
      stores.messages.change(['msg_1', text._id], () => ({ lookUpFirst: false })),
    ],
    find: () => [stores.messages.find('msg_1')],
    findMany: () => [stores.messages.findMany(['msg_1', 'msg_2'])],
    list: () => [
      stores.messages.list({}, 5),
      stores.messages.list({ before }, 5),
      stores.messages.list({ toKey: 'num_a', before }, 5),
      stores.messages.list({ fromKey: 'num_a', status: 'held', before }, 5),
      stores.messages.list({ status: 'held' }, 5),
      stores.messages.list({ status: 'failed', before }, 5),
      stores.messages.list({ status: 'delivered' }, 5),
      stores.messages.list({ kind: 'otp' }, 5),
    ],
    findUnstarted: () => [stores.messages.findUnstarted(now, 5)],
    adopt: () => [stores.messages.adopt([text, { ...text, _id: 'msg_2' }], 'w', 'r')],
    adoptable: () => [stores.messages.adoptable(['msg_1', 'msg_2'], 'w')],
    queuedOf: () => [stores.messages.queuedOf('wf')],
    unverifiedOf: () => [stores.messages.unverifiedOf('w')],
    ofWorkflow: () => [stores.messages.ofWorkflow('w'), stores.messages.ofWorkflow('w', ['queued'])],
    standingOf: () => [stores.messages.standingOf('w')],
    haveOpen: () => [
      stores.messages.haveOpen(['w', 'v']),
      stores.messages.haveOpen(Array.from({ length: 20 }, (_, index) => `w${index}`)),
    ],
    claim: () => [stores.messages.claim([text], new Map([['num_a', 1]]), claim)],
    claimsOn: () => [stores.messages.claimsOn(['num_a', 'num_b'], now)],
    anyClaimed: () => [stores.messages.anyClaimed([{ _id: 'msg_1', claimToken: 'clm_1' }])],
    findByCarrierRefs: () => [stores.messages.findByCarrierRefs(['alpha/1', 'alpha/2'])],
    findUnanswered: () => [stores.messages.findUnanswered(['num_a', 'num_b'], now)],
    findStoppable: () => [stores.messages.findStoppable('num_b', 5)],
    stop: () => [stores.messages.stop(['msg_1', 'msg_2'], { status: 'refused' })],
    countTo: () => [stores.messages.countTo('num_b')],
    findHeld: () => [stores.messages.findHeld('num_a', 5)],
    movedFrom: () => [takeAll(stores.messages.movedFrom('num_a', now, now, now))],
    heldFor: () => [takeAll(stores.messages.heldFor('num_a'))],
    countReleased: () => [stores.messages.countReleased('num_a', 5)],
    findHeldExpired: () => [stores.messages.findHeldExpired('num_a', now, 5)],
    nextHeldExpiry: () => [stores.messages.nextHeldExpiry('num_a')],
    anyOpen: () => [stores.messages.anyOpen()],
    countByStatus: () => [stores.messages.countByStatus()],
    endedBetween: () => [takeAll(stores.messages.endedBetween(now, event.forgetAt))],
  },
  numbers: {
    insert: () => [stores.numbers.insert(number)],
    insertAll: () => [stores.numbers.insertAll([number])],
    adopt: () => [stores.numbers.adopt([number._id, 'num_b'], { state: 'settled' })],
    find: () => [stores.numbers.find(number._id)],
    findMany: () => [stores.numbers.findMany([number._id, 'num_b'])],
    versions: () => [stores.numbers.versions([number._id])],
    listOwn: () => [stores.numbers.listOwn(5), stores.numbers.listOwn(5, before)],
    listDrifting: () => [stores.numbers.listDrifting(5), stores.numbers.listDrifting(5, before)],
    findDueForCheck: () => [stores.numbers.findDueForCheck(now, 5)],
    findStaleLookUps: () => [stores.numbers.findStaleLookUps(now, 5)],
    saveCheck: () => [stores.numbers.saveCheck(number._id, { at: now, dueAt: now, drift: undefined })],
    checkBy: () => [stores.numbers.checkBy(number._id, now)],
    saveInboundProof: () => [stores.numbers.saveInboundProof(number._id, 'port_1', 'alpha', now)],
    change: () => [stores.numbers.change(number._id, 1, { routing: { state: 'gone' } })],
    saveAnswers: () => [
      stores.numbers.saveAnswers(new Map([[number._id, { lookUp: { ported: true, source: 'enum', at: now } }]])),
      stores.numbers.saveAnswers(new Map([[number._id, { askedAt: now, suspectedAt: now }]])),
    ],
    planMove: () => [
      stores.numbers.planMove([number._id, 'num_b'], { portId: 'port_1', gaining: 'telnyx', focAt: now }),
    ],
    forgetMove: () => [stores.numbers.forgetMove('port_1')],
    forgetForeign: () => [stores.numbers.forgetForeign('num_b')],
    saveProof: () => [stores.numbers.saveProof(number._id, 'port_1', { inboundAt: now })],
  },
  numberClaims: {
    claim: () => [stores.numberClaims.claim(['num_a', 'num_b'], 'port_1')],
    openPorts: () => [stores.numberClaims.openPorts(['num_a', 'num_b'])],
    release: () => [stores.numberClaims.release(['num_a'], 'port_1')],
  },
  ports: {
    insert: () => [stores.ports.insert(port)],
    findUnstarted: () => [stores.ports.findUnstarted(now, 5)],
    find: () => [stores.ports.find(port._id)],
    findOrder: () => [stores.ports.findOrder(port._id)],
    ofPlan: () => [stores.ports.ofPlan('plan_1')],
    noteMovePlanned: () => [
      stores.ports.noteMovePlanned(port._id, '2027-01-01T00:00:00.000Z'),
      stores.ports.noteMovePlanned(port._id, undefined),
    ],
    list: () => [
      stores.ports.list({}, 5),
      stores.ports.list({ before }, 5),
      stores.ports.list({ status: 'submitted' }, 5),
      stores.ports.list({ status: 'submitted', before }, 5),
      stores.ports.list({ planId: 'plan_1' }, 5),
      stores.ports.list({ planId: 'plan_1', status: 'submitted', before }, 5),
    ],
    listTextsAlone: () => [stores.ports.listTextsAlone(undefined, 5), stores.ports.listTextsAlone(before, 5)],
    findByCarrierOrders: () => [stores.ports.findByCarrierOrders('telnyx', ['o1', 'o2'])],
    project: () => [stores.ports.project(port._id, 1, { status: 'submitted' })],
    projectCutover: () => [stores.ports.projectCutover(port._id, number._id, 1, newCutover('move'))],
    findPlan: () => [stores.ports.findPlan(port._id)],
    markChecklist: () => [
      stores.ports.markChecklist(port._id, 'campaign', 0, { state: 'done', at: now, revision: 1 }),
      stores.ports.markChecklist(port._id, 'campaign', 1, { state: 'open', at: now, revision: 2 }),
    ],
    noteChecklistTold: () => [stores.ports.noteChecklistTold(port._id, now.toISOString())],
    supplement: () => [stores.ports.supplement(port._id, 0, vault.seal('{}'))],
    changeDraft: () => [stores.ports.changeDraft(port._id, 0, { portType: 'partial' })],
    requestDate: () => [stores.ports.requestDate(port._id, before.at.toISOString())],
  },
  timeline: {
    append: () => [
      stores.timeline.append('port_1', 'order', 0, [{ at: '', actor: 'portsms', type: 't', detail: 'd' }]),
    ],
    list: () => [stores.timeline.list('port_1')],
    page: () => [stores.timeline.page('port_1', 3, 5)],
    stream: () => [takeAll(stores.timeline.stream('port_1'))],
    find: () => [stores.timeline.find('port_1', 1)],
    positionAt: () => [stores.timeline.positionAt('port_1', now)],
    changedSince: () => [takeAll(stores.timeline.changedSince(now))],
    subjects: () => [takeAll(stores.timeline.subjects())],
    onAppend: () => [stores.timeline.onAppend(() => undefined)],
    news: () => [stores.timeline.news(5)],
    forgetNews: () => [stores.timeline.forgetNews(['port_1/1'])],
    verify: () => [stores.timeline.verify('port_1')],
  },
  consents: {
    append: () => [stores.consents.append(consent)],
    appendAll: () => [stores.consents.appendAll([consent])],
    find: () => [stores.consents.find('con_1')],
    ofSubjects: () => [stores.consents.ofSubjects(['num_a', 'num_b'])],
    recordsOf: () => [stores.consents.recordsOf('num_a')],
    historyOf: () => [stores.consents.historyOf('num_a')],
    onTampered: () => [stores.consents.onTampered(() => undefined)],
    revocationsOf: () => [takeAll(stores.consents.revocationsOf('num_a'))],
    verify: () => [stores.consents.verify('num_a')],
    count: () => [stores.consents.count('num_a')],
    verifyAll: () => [stores.consents.verifyAll()],
    chains: () => [takeAll(stores.consents.chains())],
    expiredBetween: () => [takeAll(stores.consents.expiredBetween(new Date(0), now))],
    expiryNotedUntil: () => [stores.consents.expiryNotedUntil()],
    saveExpiryPass: () => [stores.consents.saveExpiryPass(now)],
  },
  carrierEvents: {
    store: () => [stores.carrierEvents.store([event])],
    findMany: () => [stores.carrierEvents.findMany(['alpha/1'])],
    findOpenByRefs: () => [stores.carrierEvents.findOpenByRefs(['alpha/1', 'alpha/2'])],
    unsettled: () => [stores.carrierEvents.unsettled(['h1', 'h2'])],
    takeOver: () => [stores.carrierEvents.takeOver('alpha/1', unsettled, { ...unsettled, by: 'wrk_2' })],
    settle: () => [stores.carrierEvents.settle(['alpha/1'])],
    leaveBehind: () => [stores.carrierEvents.leaveBehind(['wrk_1'], now)],
    findDue: () => [stores.carrierEvents.findDue(now, 5)],
    finish: () => [stores.carrierEvents.finish(['alpha/1'])],
    postpone: () => [stores.carrierEvents.postpone([event], now, 1, 2)],
  },
  carrierSyncs: {
    listedUntil: () => [stores.carrierSyncs.listedUntil('alpha')],
    save: () => [stores.carrierSyncs.save('alpha', now)],
  },
  textRemovals: {
    insert: () => [stores.textRemovals.insert(removal)],
    find: () => [stores.textRemovals.find(removal._id)],
    list: () => [stores.textRemovals.list(undefined, 5), stores.textRemovals.list(before, 5)],
    findUnstarted: () => [stores.textRemovals.findUnstarted(now, 5)],
    project: () => [
      stores.textRemovals.project(removal._id, 1, { status: 'submitted', since: now.toISOString(), problems: [] }),
    ],
    noteEnded: () => [stores.textRemovals.noteEnded(removal._id, [number._id])],
  },
  inboundTexts: {
    insert: () => [stores.inboundTexts.insert(inboundText)],
    find: () => [stores.inboundTexts.find('in_1')],
    list: () => [
      stores.inboundTexts.list({}, 5),
      stores.inboundTexts.list({ before }, 5),
      stores.inboundTexts.list({ fromKey: 'num_a', before }, 5),
      stores.inboundTexts.list({ toKey: 'num_b' }, 5),
    ],
    latestFrom: () => [stores.inboundTexts.latestFrom(['num_a', 'num_b'], now)],
    countFrom: () => [stores.inboundTexts.countFrom('num_a')],
    forgetParts: () => [stores.inboundTexts.forgetParts('num_c')],
    arrivedBetween: () => [takeAll(stores.inboundTexts.arrivedBetween('num_b', now, now))],
    addPart: () => [stores.inboundTexts.addPart(part)],
    partsOf: () => [stores.inboundTexts.partsOf('g')],
    staleParts: () => [stores.inboundTexts.staleParts(now, 5)],
    useParts: () => [stores.inboundTexts.useParts(['alpha/2'], 'in_1')],
    arrive: () => [stores.inboundTexts.arrive('key', { textId: 'in_1', carrier: 'alpha' })],
  },
  documents: {
    insert: () => [stores.documents.insert(document, vault.seal('c'))],
    ofPort: () => [stores.documents.ofPort('port_1')],
    find: () => [stores.documents.find('doc_1')],
    content: () => [stores.documents.content('doc_1')],
    toReview: () => [stores.documents.toReview('telnyx', now, 5)],
    move: () => [
      stores.documents.move('doc_1', 'stored', {
        state: 'handed-over',
        carrier: 'telnyx',
        carrierDocumentId: 'd-1',
        reviewAt: now,
      }),
    ],
    reviewAgain: () => [stores.documents.reviewAgain('doc_1', now)],
  },
  comments: {
    insert: () => [stores.comments.insert(comment)],
    find: () => [stores.comments.find('cmt_1')],
    ofPort: () => [stores.comments.ofPort('port_1')],
    findDue: () => [stores.comments.findDue(now, 5)],
    claim: () => [stores.comments.claim('cmt_1', now, 1000)],
    sent: () => [stores.comments.sent('cmt_1', 'c-1')],
    notSent: () => [stores.comments.notSent('cmt_1', 1, 'code', now)],
  },
  idempotency: {
    begin: () => [stores.idempotency.begin('idem_1', 'h')],
    finish: () => [stores.idempotency.finish('idem_1', { status: 200, body: vault.seal('{}') })],
    abandon: () => [stores.idempotency.abandon('idem_1')],
  },
  portOuts: {
    insert: () => [stores.portOuts.insert(portOut)],
    find: () => [stores.portOuts.find(portOut._id)],
    findMany: () => [stores.portOuts.findMany([portOut._id, 'pout_1'])],
    list: () => [
      stores.portOuts.list({}, 5),
      stores.portOuts.list({ before }, 5),
      stores.portOuts.list({ status: 'awaiting-decision' }, 5),
      stores.portOuts.list({ status: 'awaiting-decision', before }, 5),
    ],
    countNumbersSince: () => [stores.portOuts.countNumbersSince(now)],
    wrongSince: () => [stores.portOuts.wrongSince([number._id, 'num_b'], now, portOut._id)],
    saveCheck: () => [stores.portOuts.saveCheck(portOut._id, { findings: [], rejections: [], wrongFor: [] })],
    saveNote: () => [stores.portOuts.saveNote(portOut._id, undefined)],
    project: () => [
      stores.portOuts.project(portOut._id, 2, {
        status: portOut.status,
        since: portOut.since,
        answerDueAt: portOut.answerDueAt,
        decideBy: portOut.decideBy,
        carrierState: 'pending',
        approvedWithoutUs: false,
        problems: [],
      }),
    ],
  },
  portPlans: {
    insert: () => [stores.portPlans.insert(plan, [])],
    find: () => [stores.portPlans.find(plan._id)],
    list: () => [stores.portPlans.list(5), stores.portPlans.list(5, before)],
    findUnstarted: () => [stores.portPlans.findUnstarted(now, 5)],
    project: () => [stores.portPlans.project(plan._id, 1, newPlan(''))],
    findUnchecked: () => [stores.portPlans.findUnchecked(plan._id)],
    parts: () => [stores.portPlans.parts(plan._id).toArray()],
    saveChecked: () => [stores.portPlans.saveChecked(`${plan._id}/0`, [])],
    saveOrders: () => [stores.portPlans.saveOrders(`${plan._id}/0`, [])],
    numbersOf: () => [stores.portPlans.numbersOf(plan._id, 0)],
    refused: () => [stores.portPlans.refused(plan._id, 501, 5)],
  },
  webhookEndpoints: {
    insert: () => [stores.webhookEndpoints.insert(endpoint)],
    find: () => [stores.webhookEndpoints.find('whe_1')],
    list: () => [stores.webhookEndpoints.list(5)],
    change: () => [stores.webhookEndpoints.change('whe_1', { disabled: undefined })],
    remove: () => [stores.webhookEndpoints.remove('whe_2')],
    lease: () => [stores.webhookEndpoints.lease('whe_1', 'w', now, now)],
    release: () => [stores.webhookEndpoints.release('whe_1', 'w')],
  },
  webhookDeliveries: {
    known: () => [stores.webhookDeliveries.known('whe_1', ['port_1'])],
    begin: () => [stores.webhookDeliveries.begin('whe_1', new Map([['port_1', 0]]))],
    tell: () => [stores.webhookDeliveries.tell('whe_1', ['port_1', 'port_2'], now)],
    retryNow: () => [stores.webhookDeliveries.retryNow('whe_1', now)],
    rewind: () => [stores.webhookDeliveries.rewind('whe_1', new Map([['port_1', 0]]), now)],
    findDue: () => [stores.webhookDeliveries.findDue('whe_1', now, 5)],
    find: () => [stores.webhookDeliveries.find('whe_1', 'port_1')],
    record: () => [stores.webhookDeliveries.record(cursor, { published: 1 }, now, delivery)],
    postpone: () => [stores.webhookDeliveries.postpone(cursor, now)],
    rest: () => [stores.webhookDeliveries.rest(cursor, 1)],
    list: () => [
      stores.webhookDeliveries.list('whe_1', {}, 5),
      stores.webhookDeliveries.list('whe_1', { before }, 5),
      stores.webhookDeliveries.list('whe_1', { status: 'undelivered', before }, 5),
    ],
    forget: () => [stores.webhookDeliveries.forget('whe_2')],
  },
  textLedgers: {
    begin: () => [stores.textLedgers.begin({ portId: 'port_1', numberKey: 'num_a', gaining: 'telnyx' }, now)],
    end: () => [
      stores.textLedgers.end('port_1', 'num_a', { endedAt: now, outcome: 'ported', countDueAt: new Date(0) }),
    ],
    ofPort: () => [stores.textLedgers.ofPort('port_1')],
    findDue: () => [stores.textLedgers.findDue(now, 5)],
    keep: () => [
      stores.textLedgers.keep(
        {
          _id: 'port_1/num_a',
          portId: 'port_1',
          numberKey: 'num_a',
          gaining: 'telnyx',
          begunAt: now,
          countDueAt: new Date(0),
        },
        {
          outbound: emptyAccount(),
          awaitingIt: emptyAccount(),
          inbound: { oldSide: 0, newSide: 0, elsewhere: 0, copies: 0 },
        },
        now,
      ),
    ],
  },
  archivedRuns: {
    closedUntil: () => [stores.archivedRuns.closedUntil()],
    savePass: () => [stores.archivedRuns.savePass(now)],
    known: () => [stores.archivedRuns.known(['r1', 'r2'])],
    save: () => [stores.archivedRuns.save(closedRun, Buffer.from('h'), 1)],
    find: () => [stores.archivedRuns.find('r1')],
    ofSubject: () => [stores.archivedRuns.ofSubject('port_1')],
    history: () => [stores.archivedRuns.save(closedRun, Buffer.from('h'), 1).then(readArchived)],
  },
  erasures: {
    begin: () => [stores.erasures.begin(erasure), stores.erasures.begin(erasure)],
    advance: () => [stores.erasures.advance(erasure._id, { keyDestroyedAt: now })],
    find: () => [stores.erasures.find(erasure._id)],
    ofSubject: () => [stores.erasures.ofSubject('num_b')],
  },
  retention: {
    forgetWords: () => [
      stores.retention.forgetWords('messages', longAgo, beat),
      stores.retention.forgetWords('inboundTexts', longAgo, beat),
    ],
    forgetRecords: () => [
      stores.retention.forgetRecords('messages', longAgo, beat),
      stores.retention.forgetRecords('inboundTexts', longAgo, beat),
    ],
    forgetLookUps: () => [stores.retention.forgetLookUps(longAgo, beat)],
    forgetLedgers: () => [stores.retention.forgetLedgers(longAgo, () => false, beat)],
  },
  optOutMoves: {
    save: () => [
      stores.optOutMoves.save({
        _id: 'port_1/num_a',
        portId: 'port_1',
        numberKey: 'num_a',
        gaining: 'telnyx',
        state: 'exported',
        from: 'list',
        listed: 1,
        exportedAt: now,
      }),
    ],
    find: () => [stores.optOutMoves.find('port_1', 'num_a')],
    ofPort: () => [stores.optOutMoves.ofPort('port_1')],
    change: () => [stores.optOutMoves.change('port_1/num_a', { state: 'verified' })],
  },
  optOutReviews: {
    open: () => [stores.optOutReviews.open({ _id: 'con_1', inboundTextId: 'in_1', at: now, dueAt: now })],
    find: () => [stores.optOutReviews.find('con_1')],
    listOpen: () => [stores.optOutReviews.listOpen(5)],
    decide: () => [stores.optOutReviews.decide('con_1', { state: 'no-opt-out', decidedAt: now, decidedBy: 'key' })],
  },
  caps: {
    reserve: () => [stores.caps.reserve([{ messageId: 'msg_1', subjectKey: 'num_a', texts: 3, hours: 24 }], now)],
    giveBack: () => [stores.caps.giveBack([{ messageId: 'msg_1', subjectKey: 'num_a' }])],
  },
  subjectKeys: {
    load: () => [stores.subjectKeys.load([subject, erasedSubject])],
    loadUnlessErased: () => [stores.subjectKeys.loadUnlessErased([subject, erasedSubject])],
    loadFor: () => [stores.subjectKeys.loadFor([sealedFor])],
    // Their keys are loaded right before.
    erasedAt: () => [
      stores.subjectKeys
        .loadUnlessErased([subject, erasedSubject])
        .then(() => stores.subjectKeys.erasedAt([subject, erasedSubject])),
    ],
    find: () => [stores.subjectKeys.find(subject)],
    destroy: () => [stores.subjectKeys.destroy(subject, now)],
    rewrap: () => [stores.subjectKeys.rewrap()],
    countByMasterKey: () => [stores.subjectKeys.countByMasterKey()],
  },
  deliveryCodes: {
    rulings: () => [stores.deliveryCodes.rulings()],
    saveRuling: () => [stores.deliveryCodes.saveRuling(ruling, now)],
    removeRuling: () => [stores.deliveryCodes.removeRuling('*/smpp/0x400')],
    noteUnknown: () => [
      stores.deliveryCodes.noteUnknown([{ vocabulary: 'smpp', code: '0x400', carrier: 'alpha' }], now),
    ],
    listUnknown: () => [stores.deliveryCodes.listUnknown(5)],
  },
  deliveryMetrics: {
    beginPass: () => [stores.deliveryMetrics.beginPass('w', now, 1000, now)],
    endPass: () => [stores.deliveryMetrics.endPass('w', now, now)],
    replace: () => [stores.deliveryMetrics.replace('minute', [{ at: now, key: metricKey, sums: noTexts }])],
    ofSpan: () => [takeAll(stores.deliveryMetrics.ofSpan('hour', now, event.forgetAt))],
  },
  suppressions: {
    save: () => [stores.suppressions.save([unreachable])],
    ofSubjects: () => [stores.suppressions.ofSubjects(['num_a', 'num_b'])],
    remove: () => [stores.suppressions.remove('num_a', 'number'), stores.suppressions.remove('num_a')],
  },
  campaignStops: {
    open: () => [stores.campaignStops.open()],
    enter: () => [stores.campaignStops.enter({ carrier: 'alpha', senderKey: 'num_a' }, [blocked], stopRule)],
    end: () => [stores.campaignStops.end('alpha/sender/num_b/all')],
  },
  messageBatches: {
    begin: () => [stores.messageBatches.begin(batchId, 't', now)],
    touch: () => [stores.messageBatches.touch(batchId, 't', now)],
    finishUpload: () => [stores.messageBatches.finishUpload(batchId, 't', 'h', lineCount, now)],
    leaveUpload: () => [stores.messageBatches.leaveUpload(batchId, 't')],
    dropUpload: () => [stores.messageBatches.dropUpload(batchId, 't')],
    expireUpload: () => [stores.messageBatches.expireUpload(batchId, now, now)],
    find: () => [stores.messageBatches.find(batchId)],
    list: () => [stores.messageBatches.list(5, undefined), stores.messageBatches.list(5, before)],
    quietSince: () => [stores.messageBatches.quietSince('uploading', now, 5)],
    project: () => [stores.messageBatches.project(batchId, 1, { status: 'sending', since: '' })],
    keepProblems: () => [stores.messageBatches.keepProblems(batchId, [{ line: 1, code: 'c', errors: [] }], now)],
    problemsOf: () => [stores.messageBatches.problemsOf(batchId, 1, 5)],
    clear: () => [stores.messageBatches.clear(batchId)],
    addPart: () => [stores.messageBatches.addPart({ batchId, n: 0, kind: 'otp', lines: [[1, 2]], texts: 2 }, now)],
    parts: () => [takeAll(stores.messageBatches.parts(batchId))],
    movePart: () => [stores.messageBatches.movePart(`${batchId}/0`, 'started')],
    partsIn: () => [stores.messageBatches.partsIn(batchId, 'started', 5)],
    progress: () => [stores.messageBatches.progress(batchId)],
  },
  batchTexts: {
    list: () => [stores.batchTexts.list(batchId, [1, 2])],
    someWait: () => [stores.batchTexts.someWait(batchPart, 'messages/1')],
    tally: () => [stores.batchTexts.tally(batchPart)],
    stoppable: () => [stores.batchTexts.stoppable(batchPart)],
    changeEach: () => [stores.batchTexts.changeEach([text], () => ({ status: 'refused' }))],
    remove: () => [stores.batchTexts.remove(batchId)],
  },
  leases: {
    save: () => [stores.leases.save('alpha', 0, []), stores.leases.save('alpha', 1, [])],
    find: () => [stores.leases.find('alpha')],
  },
  breakers: {
    change: () => [stores.breakers.change('alpha', now, () => ({ open: true, openings: 1, until: now }))],
    findMany: () => [stores.breakers.findMany(['alpha', 'beta'])],
  },
  claims: {
    write: () => [stores.claims.write('clm_1')],
    giveUp: () => [stores.claims.giveUp('clm_1', now)],
  },
  dayCounters: {
    take: () => [stores.dayCounters.take('alpha/carrier/2027-01-01', 10, 1, 1)],
    used: () => [stores.dayCounters.used(['alpha/carrier/2027-01-01', 'beta/carrier/2027-01-01'])],
    giveBack: () => [stores.dayCounters.giveBack('alpha/carrier/2027-01-01', 1)],
  },
  routeQuality: {
    findMany: () => [stores.routeQuality.findMany(['alpha/US', 'alpha/GB'])],
    learntSince: () => [stores.routeQuality.learntSince(now)],
    passes: () => [stores.routeQuality.passes(1, now)],
    savePass: () => [
      stores.routeQuality.savePass(
        { after: now, from: now, until: now, texts: 1, feedback: 0, sampled: false, changes: [] },
        [{ carrier: 'alpha', network: 'US', cells: {}, at: now }],
      ),
    ],
  },
  routeOutcomes: {
    ended: () => [stores.routeOutcomes.ended(now, now, 5)],
    toldOf: () => [stores.routeOutcomes.toldOf(now, now, 5)],
    lastRoutes: () => [stores.routeOutcomes.lastRoutes(['num_a', 'num_b'], now, 5)],
    decided: () => [takeAll(stores.routeOutcomes.decided(now, now))],
  },
  priceLists: {
    add: () => [stores.priceLists.add({ ...priceList, replacesFrom: now }, [])],
    withdraw: () => [stores.priceLists.withdraw('prc_1', now)],
    ofCarrier: () => [stores.priceLists.ofCarrier('alpha')],
    importedBy: () => [stores.priceLists.importedBy(now)],
    rowsOf: () => [stores.priceLists.rowsOf(['prc_1', 'prc_2'])],
  },
  transactionSessions: {
    note: () => [client.withSession((session) => stores.transactionSessions.note(session))],
    giveUp: () => [stores.transactionSessions.giveUp(['wrk_1', 'wrk_2'])],
    giveUpEnded: () => [stores.transactionSessions.giveUpEnded()],
    forget: () => [stores.transactionSessions.forget()],
  },
};

/** Reads everything, for benchmarks, accounts, commands and starts: nothing that texts wait for. */
const wholeCollection = [
  'messages.countByStatus',
  'subjectKeys.rewrap',
  'subjectKeys.countByMasterKey',
  'deliveryCodes.rulings',
  'transactionSessions.giveUpEnded',
  'consents.verifyAll',
];

/** What a command looks for, in which order. */
interface Query {
  readonly collection: string;
  readonly filter: Document;
  readonly sort?: Document;
  readonly hint?: Document;
}

function queriesOf({ command, commandName }: CommandStartedEvent): Query[] {
  const collection = String(command[commandName]);
  switch (commandName) {
    case 'find':
      // The driver keeps the order of fields in a Map.
      return [
        {
          collection,
          filter: command.filter ?? {},
          sort: Object.fromEntries(command.sort ?? []),
          ...(command.hint && { hint: command.hint }),
        },
      ];
    case 'aggregate':
      return [{ collection, filter: command.pipeline[0]?.$match ?? {}, ...(command.hint && { hint: command.hint }) }];
    case 'update':
      return command.updates.map((update: Document) => ({ collection, filter: update.q }));
    case 'delete':
      return command.deletes.map((deletion: Document) => ({ collection, filter: deletion.q }));
    default:
      return [];
  }
}

/** All stages of a plan. */
function stagesOf(plan: unknown): string[] {
  if (typeof plan !== 'object' || plan === null) return [];
  const { stage, ...rest } = plan as { stage?: string };
  return [...(stage ? [stage] : []), ...Object.values(rest).flatMap(stagesOf)];
}

/** The fields of an index that lead a query to what it looks for: equalities from the first on, or the first field's range or list. */
function leading(key: Document, filter: Document): string[] {
  const fields = Object.keys(key);
  const equal = fields.findIndex((field) => !(field in filter) || operatorsOf(filter[field]).length > 0);
  if (equal !== 0) return equal < 0 ? fields : fields.slice(0, equal);
  return operatorsOf(filter[fields[0] ?? '']).some((each) => ['$in', '$gt', '$gte', '$lt', '$lte'].includes(each))
    ? fields.slice(0, 1)
    : [];
}

/** Whether an index holds all that a query looks for: a partial one only what its own filter asks for, and the query asks for, too. */
function holds({ partialFilterExpression = {} }: Document, filter: Document): boolean {
  return Object.entries(partialFilterExpression).every(([field, wanted]) => {
    const asked = filter[field];
    if (asked === undefined || asked === null) return false;
    const every = asked.$in ?? [asked];
    return (wanted as Document).$exists ? true : every.every((each: unknown) => each === wanted);
  });
}

function operatorsOf(condition: unknown): string[] {
  if (typeof condition !== 'object' || condition === null) return [];
  return Object.keys(condition).filter((each) => each.startsWith('$'));
}

/**
 * Expects a query to be led by an index, and the server to go by it. The embedded server tells a scan of everything for some queries
 * that it answers by an index, so it is asked about the whole query and about the part that leads it.
 */
async function expectIndexed({ collection, filter, sort = {}, hint }: Query): Promise<void> {
  const shown = `${collection} ${JSON.stringify(filter)}`;
  const alternatives = Object.keys(filter).filter((each) => each.startsWith('$'));
  expect(alternatives, `${shown} is planned by index on no embedded server`).toEqual([]);
  const indexes = (await db.collection(collection).indexes()).filter((index) => holds(index, filter));
  const led = indexes.map(({ key }) => leading(key, filter)).sort((a, b) => b.length - a.length)[0] ?? [];
  const sorted = indexes.some(({ key }) => JSON.stringify(key) === JSON.stringify(sort));
  expect(led.length > 0 || sorted, `${shown} has no index`).toBe(true);

  const part = Object.fromEntries(led.map((field) => [field, filter[field]]));
  const plans = await Promise.all([
    stagesFor({ collection, filter, sort, ...(hint && { hint }) }),
    stagesFor({ collection, filter: part, sort: led.length > 0 ? {} : sort, ...(hint && { hint }) }),
  ]);
  // A look-up of one id is IDHACK or EXPRESS_IXSCAN, one by an empty list may be EOF, by server.
  const byIndex = (stages: string[]) => stages.some((stage) => /IXSCAN$|^IDHACK$|^EOF$/.test(stage));
  expect(plans.some(byIndex), `${shown}: ${JSON.stringify(plans)}`).toBe(true);
}

function stagesFor({ collection, filter, sort, hint }: Query): Promise<string[]> {
  const cursor = (db.collection(collection) as Collection).find(filter).sort((sort ?? {}) as Sort);
  return stagesOfPlan(hint ? cursor.hint(hint) : cursor);
}

async function stagesOfPlan(cursor: FindCursor): Promise<string[]> {
  const { queryPlanner } = (await cursor.explain('queryPlanner')) as { queryPlanner: { winningPlan: unknown } };
  return stagesOf(queryPlanner.winningPlan);
}

beforeAll(async () => {
  await Promise.all([
    ...Object.values(stores).map((store) => 'ensureIndexes' in store && store.ensureIndexes()),
    // These need none but that of their ids; there has to be one of them to ask it for its plans.
    db.createCollection('carrierSyncs'),
    db.createCollection('numberClaims'),
    db.createCollection('archivedRunParts'),
    db.createCollection('archivePasses'),
    db.createCollection('codeRulings'),
    db.createCollection('metricPasses'),
    db.createCollection('consentPasses'),
    db.createCollection('priceRows'),
  ]);
});
afterAll(async () => {
  await db.dropDatabase();
  await client.close();
});

test('every call of the store is in the list', () => {
  for (const [name, store] of Object.entries(stores)) {
    const functions = Object.keys(store).filter((each) => each !== 'ensureIndexes');
    expect(Object.keys(calls[name as keyof typeof calls]).toSorted(), name).toEqual(functions.toSorted());
  }
});

for (const [name, functions] of Object.entries(calls)) {
  for (const [call, run] of Object.entries(functions)) {
    if (wholeCollection.includes(`${name}.${call}`)) continue;
    test(`${name}.${call} finds what it looks for by an index`, async () => {
      const queries: Query[] = [];
      const listen = (started: CommandStartedEvent) => void queries.push(...queriesOf(started));
      client.on('commandStarted', listen);
      try {
        await Promise.all(run());
      } finally {
        client.off('commandStarted', listen);
      }
      for (const query of queries) await expectIndexed(query);
    });
  }
}
