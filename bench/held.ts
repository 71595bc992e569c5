import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import type { MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import { heldSignal, mainTaskQueue, routingChangedSignal, workflowIds, workflowTypes } from '../workflows/contract.ts';
import { call, type OwnStack, withOwnStack } from './own-stack.ts';
import { type ReleaseReport, releaseReport } from './release-report.ts';

const from = '+12065550199';
/** So many recipients share the texts. */
const recipients = 5000;
/** Every tenth is urgent, and refused by the gaining carrier before: that is how an urgent one comes to wait. */
const urgentEvery = 10;
const validityMs = 30 * 60_000;
/**
 * Something came to a standstill: better a clear end than an endless measurement. Longer than the database keeps what a killed process
 * had changed in a transaction that it did not end, if nobody else ends it: 60 s in SecantusDB, where that is fixed.
 */
const standstillMs = 150_000;
/** What a killed worker has claimed and not begun to write is taken up by then. */
const takenUpWithinMs = 20_000;

/**
 * Holds many texts of one number, settles it, and kills the worker again and again while they are released; then compares what was held
 * with what the carrier took: each once, none missing, the urgent first and then the oldest.
 */
export async function runHeld(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { texts: { type: 'string', default: '20000' }, kills: { type: 'string', default: '3' } },
  });
  const [texts, kills] = [Number(values.texts), Number(values.kills)];
  if (!Number.isInteger(texts) || texts < 100 || !Number.isInteger(kills) || kills < 0) {
    console.error('--texts takes a whole number of at least 100, --kills one of at least 0.');
    return 2;
  }
  const prepare = (simulator: string) => call('POST', `${simulator}/numbers`, { phoneNumber: from, carrier: 'alpha' });
  return withOwnStack({ prepare: async (simulator) => void (await prepare(simulator)) }, async (stack) => {
    const held = await holdTexts(stack, texts);
    const begun = performance.now();
    await settle(stack);
    await killWhileReleasing(stack, texts, kills);
    await untilTaken(stack.store, texts);
    const seconds = (performance.now() - begun) / 1000;
    const ledger = (await call('GET', `${stack.simulator}/ledger?since=0&format=json`)) as {
      event: string;
      text?: string;
    }[];
    const statuses = new Map((await stack.store.messages.countByStatus()).map(({ _id, count }) => [_id, count]));
    const report = releaseReport(
      held,
      ledger.flatMap(({ event, text }) => (event === 'accepted' && text !== undefined ? [text] : [])),
    );
    show(report, seconds, kills, statuses);
    return report.missing > (statuses.get('claimed') ?? 0) || report.doubled > 0 ? 1 : 0;
  });
}

/** @returns the words of the texts, in the order in which they are to go */
async function holdTexts({ url, apiKey, store }: OwnStack, count: number): Promise<string[]> {
  const number = `${url}/v1/numbers/${encodeURIComponent(from)}`;
  await call('PUT', number, { carrier: 'beta' }, { Authorization: `Bearer ${apiKey}` });
  const key = store.vault.numberKey(from);
  const since = new Date();
  await store.numbers.change(key, 1, {
    routing: { state: 'uncertain', portId: 'port_bench', losing: 'beta', gaining: 'alpha', since, activated: true },
  });
  const texts = Array.from({ length: count }, (_, index) => heldText(store, key, index, since));
  for (let first = 0; first < count; first += 1000) {
    const portion = texts.slice(first, first + 1000);
    await store.subjectKeys.load(portion.map(({ to }) => store.vault.numberKey(to)));
    await store.messages.insert(portion.map(({ make }) => make()));
  }
  return texts.toSorted((a, b) => a.priority - b.priority || a.index - b.index).map(({ words }) => words);
}

function heldText({ vault }: Store, fromKey: string, index: number, since: Date) {
  const to = `+1206556${String(index % recipients).padStart(4, '0')}`;
  const words = `Held ${index}`;
  const [kind, priority] =
    index % urgentEvery === 0 ? (['transactional', 2] as const) : (['conversational', 3] as const);
  const make = (): MessageDocument => {
    const toKey = vault.numberKey(to);
    return {
      _id: `msg_held${index}`,
      kind,
      priority,
      fromKey,
      from: vault.seal(from),
      toKey,
      to: vault.sealFor(toKey, to),
      text: vault.sealFor(toKey, words),
      segments: 1,
      requestHash: 'bench',
      acceptedAt: new Date(since.getTime() + index),
      expiresAt: new Date(since.getTime() + validityMs),
      allowDuplicate: false,
      status: 'held',
      hold: { key: fromKey, code: 'sender-uncertain', since },
      attempts: [],
      workflowId: null,
      rev: 0,
    };
  };
  return { index, to, words, priority, make };
}

/** As a cutover does: the number's version first, then the hold workflow is told. */
async function settle({ config, store }: OwnStack): Promise<void> {
  const key = store.vault.numberKey(from);
  const client = new Client({
    connection: await Connection.connect({ address: config.temporal.address }),
    namespace: config.temporal.namespace,
  });
  const hold = await client.workflow.signalWithStart(workflowTypes.hold, {
    workflowId: workflowIds.hold(key),
    taskQueue: mainTaskQueue,
    args: [{ numberKey: key }],
    signal: heldSignal,
    signalArgs: [new Date(Date.now() + validityMs).toISOString()],
  });
  await store.numbers.change(key, 2, { routing: { state: 'settled', carrier: 'alpha' } });
  await hold.signal(routingChangedSignal);
  await client.connection.close();
}

async function killWhileReleasing({ store, killWorker }: OwnStack, texts: number, kills: number): Promise<void> {
  for (let kill = 1; kill <= kills; kill++) {
    await until(store, (taken, claimed) => taken + claimed >= (texts * kill) / (kills + 1));
    await killWorker();
  }
}

/** Until nothing waits or is on its way to the carrier; what a killed worker was writing and was never answered stays claimed. */
async function untilTaken(store: Store, texts: number): Promise<void> {
  let settledAt: number | undefined;
  await until(store, (taken, claimed) => {
    settledAt = taken + claimed < texts ? undefined : (settledAt ?? performance.now());
    return taken >= texts || (settledAt !== undefined && performance.now() - settledAt >= takenUpWithinMs);
  });
}

async function until(store: Store, enough: (taken: number, claimed: number) => boolean): Promise<void> {
  let [last, changedAt] = [-1, performance.now()];
  for (;;) {
    const counts = new Map((await store.messages.countByStatus()).map(({ _id, count }) => [_id, count]));
    const taken = (counts.get('submitted') ?? 0) + (counts.get('delivered') ?? 0) + (counts.get('unknown') ?? 0);
    if (enough(taken, counts.get('claimed') ?? 0)) return;
    if (taken !== last) [last, changedAt] = [taken, performance.now()];
    if (performance.now() - changedAt > standstillMs) {
      throw new Error(`Nothing was taken for ${standstillMs / 1000} s: ${JSON.stringify([...counts])}.`);
    }
    await sleep(500);
  }
}

function show(
  { held, missing, doubled, late, greatestShift }: ReleaseReport,
  seconds: number,
  kills: number,
  statuses: ReadonlyMap<string, number>,
): void {
  console.log(`${held} texts of one number held, ${kills} workers killed while they were released`);
  console.log(`  ${(held / seconds).toFixed(0)}/s, ${seconds.toFixed(0)} s until the carrier had the last`);
  console.log(`  never arrived at the carrier ${missing}, arrived twice ${doubled}`);
  console.log(`  greatest shift in their order ${greatestShift}; later than their turn by more than a window ${late}`);
  console.log(`  ${[...statuses].map(([status, count]) => `${status} ${count}`).join(', ')}`);
}
