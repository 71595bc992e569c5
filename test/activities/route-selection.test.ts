import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { createAdmissionActivities } from '../../activities/admission.ts';
import { createLearningActivities } from '../../activities/learning.ts';
import { dueAt } from '../../activities/outlook.ts';
import { createRecipients } from '../../activities/recipients.ts';
import { createRouteSelection } from '../../activities/route-selection.ts';
import type { Attempt, PartProgress } from '../../domain/message-progress.ts';
import { costOf } from '../../domain/route-choice/decision.ts';
import { readPriceList } from '../../domain/route-choice/price-list-file.ts';
import type { MessageDocument } from '../../store/messages.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber, sampleText, type TextSample } from '../store/samples.ts';
import { fakeCarrier } from './fake-carrier.ts';
import { inWorkflow } from './in-workflow.ts';

const own = ownStore();
const shortCode = '72345';
const from = '+12025550143';
const carriers = new Map([
  ['alpha', fakeCarrier('alpha', { settings: { senders: [shortCode] } })],
  ['beta', fakeCarrier('beta', { settings: { senders: [shortCode, from] } })],
  ['gamma', fakeCarrier('gamma', { settings: { senders: [shortCode] } })],
]);

let open: string[] = [];
let leftToday = new Map<string, number>();
let run = 0;
const to = '+447400123456';
const network = 'GB';
beforeEach(async () => {
  open = [];
  leftToday = new Map();
  run += 1;
  const { raw } = own;
  await Promise.all(
    ['messages', 'priceLists', 'priceRows', 'routeQuality', 'learningPasses', 'numbers'].map((name) =>
      raw.collection(name).deleteMany({}),
    ),
  );
});

const workflow = () => `messages/${run}`;

/** Admits texts with what is known now. @returns as they then are */
async function admit(...texts: TextSample[]): Promise<MessageDocument[]> {
  const { store } = own;
  const routes = createRouteSelection({
    store,
    carriers,
    isOpen: (carrier) => open.includes(carrier),
    usedUp:
      async () =>
      (carrier, { segments }) =>
        segments > (leftToday.get(carrier) ?? Number.POSITIVE_INFINITY),
  });
  const recipients = createRecipients({
    store,
    portability: { name: 'test', lookUp: async () => undefined },
    logger: pino({ enabled: false }),
  });
  const activities = createAdmissionActivities({ store, engine: new RecordedEngine(), carriers, recipients, routes });
  const documents = texts.map((rest) =>
    sampleText(store.vault, { from: shortCode, to, _id: `msg_${Math.random()}`, ...rest }),
  );
  await store.messages.insert(documents);
  const messageIds = documents.map(({ _id }) => _id);
  await inWorkflow(workflow(), () => activities.admit({ messageIds, kind: documents[0]?.kind ?? 'transactional' }));
  const stored = new Map((await store.messages.findMany(messageIds)).map((message) => [message._id, message]));
  return messageIds.map((id) => stored.get(id) as MessageDocument);
}

/** A moment ago, but settled. */
const lately = () => new Date(Date.now() - 6000);

/** So many texts by a carrier have ended, delivered or not. */
async function ended(carrier: string, delivered: number, failed: number, rest: TextSample = {}): Promise<void> {
  const part = (state: 'DELIVRD' | 'UNDELIV'): PartProgress => ({
    outcome: 'accepted',
    carrierMessageId: 'm',
    state,
    stateAt: lately(),
  });
  const attempt = (state: 'DELIVRD' | 'UNDELIV'): Attempt => ({
    carrier,
    token: 'clm_1',
    claimedAt: new Date(Date.now() - 8000),
    answeredAt: new Date(Date.now() - 7000),
    parts: [part(state)],
    workflowId: 'w',
    runId: 'r',
  });
  const texts = Array.from({ length: delivered + failed }, (_, index) =>
    sampleText(own.store.vault, {
      to,
      status: index < delivered ? 'delivered' : 'failed',
      finalAt: lately(),
      network,
      attempts: [attempt(index < delivered ? 'DELIVRD' : 'UNDELIV')],
      ...rest,
    }),
  );
  await own.store.messages.insert(texts);
}
const learn = (now = () => new Date()) => createLearningActivities({ store: own.store, carriers, now }).learnRoutes();

async function prices(carrier: string, csv: string): Promise<void> {
  const rows = readPriceList(csv, new Date(0));
  const list = {
    _id: `prc_${carrier}`,
    carrier,
    currency: 'USD',
    importedAt: new Date(),
    rowCount: rows.length,
    sha256: '',
  };
  await own.store.priceLists.add(list, rows);
}
const everywhere = (price: string) => `prefix,price\n1,${price}\n3,${price}\n4,${price}`;

test('of the carriers that have a sender registered the cheapest of those that deliver well enough is taken; the choice is kept', async () => {
  await prices('alpha', everywhere('0.008'));
  await prices('beta', everywhere('0.006'));
  await prices('gamma', everywhere('0.004'));
  await ended('alpha', 99, 1);
  await ended('beta', 98, 2);
  await ended('gamma', 60, 40);
  expect(await learn()).toMatchObject({ texts: 300 });
  // What two in a hundred are tried on is decided by their ids.
  const [text] = await admit({ _id: 'msg_a', segments: 2 });
  expect(text).toMatchObject({
    status: 'queued',
    network,
    route: { carrier: 'beta', reason: 'cheapest-good-enough' },
  });
  const [decision, ...more] = text?.decisions ?? [];
  expect(more).toEqual([]);
  expect(decision).toMatchObject({ carrier: 'beta', currency: 'USD', network });
  expect(decision?.candidates.map(({ carrier, price, weight }) => [carrier, price, weight])).toEqual([
    ['alpha', 8000, 100],
    ['beta', 6000, 100],
    ['gamma', 4000, 100],
  ]);
  expect(decision?.candidates[2]?.delivery).toBeLessThan(0.7);
  const parts = [1, 2].map((): PartProgress => ({ outcome: 'accepted' }));
  expect(costOf({ carrier: 'beta', claimedAt: new Date(), parts }, text?.decisions)).toEqual({
    micros: 12_000,
    currency: 'USD',
  });

  // Its breaker opens: the next best, whatever it costs.
  open = ['beta'];
  const [other] = await admit({ _id: 'msg_b' });
  expect(other?.route).toMatchObject({ carrier: 'alpha' });
  expect(other?.decisions?.[0]?.candidates[1]).toMatchObject({ excluded: 'breaker-open' });
});

test('a carrier that has no room left today is passed over by what it has no room for', async () => {
  await prices('alpha', everywhere('0.004'));
  leftToday = new Map([['alpha', 1]]);
  const [long, short] = await admit({ _id: 'msg_n', kind: 'otp', segments: 2 }, { _id: 'msg_o', kind: 'otp' });
  expect([long?.route?.carrier, short?.route?.carrier]).toEqual(['beta', 'alpha']);
  expect(long?.decisions?.[0]?.candidates[0]).toMatchObject({ carrier: 'alpha', excluded: 'daily-limit-reached' });
});

test('a number goes by its own carrier, or by one that has it registered too; not by one that it was ported away from', async () => {
  await prices('alpha', everywhere('0.008'));
  await prices('beta', everywhere('0.006'));
  const number = sampleNumber(own.store.vault, from);
  await own.store.numbers.insert(number);
  expect((await admit({ _id: 'msg_c', from }))[0]?.route).toMatchObject({
    carrier: 'beta',
    sender: { key: number._id },
  });
  const ported = { portId: 'port_1', at: new Date(), from: 'beta', to: 'alpha' };
  await own.store.numbers.change(number._id, 1, { routing: { state: 'settled', carrier: 'alpha' } }, ported);
  const [text] = await admit({ _id: 'msg_d', from });
  expect(text?.route).toMatchObject({ carrier: 'alpha', reason: 'settled' });
  expect(text?.decisions?.[0]?.candidates.map(({ carrier }) => carrier)).toEqual(['alpha']);
});

test('what has failed by one carrier goes by another; what was throttled stays', async () => {
  const refused = (code: string): Attempt => ({
    carrier: 'alpha',
    token: 'clm_1',
    claimedAt: lately(),
    answeredAt: lately(),
    parts: [{ outcome: 'rejected', code }],
    workflowId: 'w',
    runId: 'r',
  });
  const failure = (deliveryClass: string) => ({ code: 'carrier-unavailable', class: deliveryClass, at: lately() });
  const again = { status: 'retrying', retryAt: lately(), workflowId: workflow() } as const;
  const [system, throttled] = await admit(
    { _id: 'msg_e', ...again, attempts: [refused('0x8')], failure: failure('system') },
    { _id: 'msg_f', ...again, attempts: [refused('0x58')], failure: failure('throttled') },
  );
  expect(system?.route?.carrier).toBe('beta');
  expect(system?.decisions?.[0]?.candidates[0]).toMatchObject({ carrier: 'alpha', excluded: 'failed-before' });
  expect(throttled?.route?.carrier).toBe('alpha');
});

test('a conversation stays on its route, and costs one look for all of them', async () => {
  await prices('beta', everywhere('0.006'));
  const [first] = await admit({ _id: 'msg_g', kind: 'conversational' });
  expect(first?.route).toMatchObject({ carrier: 'beta' });
  await prices('gamma', everywhere('0.001'));
  const [next, otherPair] = await admit(
    { _id: 'msg_h', kind: 'conversational' },
    { _id: 'msg_i', kind: 'conversational', to: `${to}0`.slice(0, -2) },
  );
  expect(next).toMatchObject({ route: { carrier: 'beta', reason: 'conversation' } });
  expect(next?.decisions?.[0]?.conversation).toBe('beta');
  expect(otherPair?.route).toMatchObject({ carrier: 'gamma' });
});

test('a text whose validity is over is waited for as long as receipts of its route take', async () => {
  const slow = { claimedAt: new Date(Date.now() - 400_000), answeredAt: new Date(Date.now() - 399_000) };
  const part: PartProgress = { outcome: 'accepted', carrierMessageId: 'm', state: 'DELIVRD', stateAt: lately() };
  const attempt: Attempt = { carrier: 'alpha', token: 'clm_1', parts: [part], workflowId: 'w', runId: 'r', ...slow };
  await ended('alpha', 60, 0, { attempts: [attempt] });
  await learn();
  const [known] = await admit({ _id: 'msg_m', kind: 'otp' });
  const timeout = known?.route?.receiptTimeoutMs ?? 0;
  expect(timeout).toBeGreaterThan(400_000);
  const due = dueAt({ ...(known as MessageDocument), status: 'submitted' }, () => false);
  expect(due?.getTime()).toBe((known?.expiresAt.getTime() ?? 0) + timeout);
});

test('what callers say outweighs receipts that are made up', async () => {
  await prices('alpha', everywhere('0.008'));
  await prices('gamma', everywhere('0.004'));
  await ended('alpha', 100, 0);
  await ended('gamma', 100, 0);
  await learn();
  expect((await admit({ _id: 'msg_j', kind: 'otp' }))[0]?.route?.carrier).toBe('gamma');
  await own.raw.collection('learningPasses').deleteMany({});
  await ended('gamma', 40, 0, {
    finalAt: new Date(Date.now() - 7200_000),
    feedback: { outcome: 'notReceived', at: lately() },
  });
  await learn();
  expect((await admit({ _id: 'msg_k', kind: 'otp' }))[0]?.route?.carrier).toBe('alpha');
});

test('what an operator has said of a code is learnt by, not what the tables would take it for', async () => {
  const failing = (code: string): TextSample => {
    const parts: PartProgress[] = [{ outcome: 'rejected', code }];
    return {
      attempts: [{ carrier: 'alpha', token: 'clm_1', claimedAt: lately(), parts, workflowId: 'w', runId: 'r' }],
    };
  };
  const ruling = { vocabulary: 'smpp', code: '0x4fe', ours: 'request-not-accepted', class: 'sender-fault' } as const;
  const meaning = { portRelated: false, fault: 'request', meaning: 'The vendor wants another alphabet.' } as const;
  await own.store.deliveryCodes.saveRuling({ ...ruling, ...meaning, carrier: 'alpha' }, new Date());
  const observed = async () => {
    expect((await learn()).texts).toBe(30);
    const [pass] = await own.store.routeQuality.passes(1, new Date());
    return pass?.changes.flatMap((change) => (change.what === 'delivery' ? [change.observed.failures] : []));
  };
  await ended('alpha', 0, 30, failing('0x4fe'));
  expect(new Set(await observed())).toEqual(new Set([0]));
  await own.raw.collection('learningPasses').deleteMany({});
  await own.raw.collection('messages').deleteMany({});
  await ended('alpha', 0, 30, failing('0x4fd'));
  expect(new Set(await observed())).toEqual(new Set([30]));
});

test('of two passes after the same one, or of two first ones, a single one is kept (invariant 11); the next one learns only what is new', async () => {
  await ended('alpha', 10, 0);
  // On machines whose clocks differ.
  const [one, two] = await Promise.all([learn(), learn(() => new Date(Date.now() - 2))]);
  expect([one?.changes, two?.changes].sort()).toEqual([0, expect.any(Number)]);
  expect(await learn()).toEqual({ texts: 0, changes: 0 });
  const [pass, ...more] = await own.store.routeQuality.passes(5, new Date());
  expect(more).toEqual([]);
  expect(pass).toMatchObject({ texts: 10, sampled: false });
  expect(pass?.changes).toContainEqual(
    expect.objectContaining({ what: 'delivery', carrier: 'alpha', before: 0.8, after: expect.closeTo(0.9, 2) }),
  );
});
