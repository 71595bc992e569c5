import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { planStateQuery, workflowIds, workflowTypes } from '../workflows/contract.ts';
import { greatestInput, type HistorySizes, historySizes } from './history-sizes.ts';
import { call, type OwnStack, withOwnStack } from './own-stack.ts';
import { atATime } from './timing.ts';
import { eventsWhileWaiting } from './waiting-port.ts';

/** Something came to a standstill: better a clear end than an endless measurement. */
const standstillMs = 10 * 60_000;
const account = { accountNumber: 'ACC-4471820', pin: '4821', postalCode: '98101', name: 'Northwind Supplies LLC' };
const losingCarriers = ['alpha', 'beta'] as const;
const recipient = '+12065550199';

/** What is on its way when the last number has moved is waited for, so long at most; milliseconds. */
const texts = { graceMs: 60_000, lookEveryMs: 500 };

type Memory = Awaited<ReturnType<OwnStack['memory']>>;

/** One text, as the simulator tells it. */
interface OutboundSeen {
  readonly from: string;
  readonly text: string;
  /** How often each carrier took it. */
  readonly accepted: Readonly<Record<string, number>>;
  /** How often a handset got it. */
  readonly delivered: number;
}

interface PlanSeen {
  readonly status: string;
  readonly counts: Readonly<Record<'numbers' | 'ordered' | 'uncertain' | 'ported' | 'returned', number>>;
  readonly orders: { readonly planned?: number; readonly byStatus: Readonly<Record<string, number>> };
}

/** No workflow of a plan may have more: whoever takes a workflow over reads its history whole. */
const longestHistory = 5_000;

/**
 * Measures one request of many numbers: how long it takes to be accepted, to be planned and submitted, to end on the simulator; the
 * greatest history of each kind of workflow; and what an open port costs while it waits.
 * @returns 1 when a number has not moved, a text was lost or doubled, or a history is longer than it may be
 */
export async function runPorting(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { numbers: { type: 'string', default: '500' }, plan: { type: 'string', default: 'stay' } },
  });
  const count = Number(values.numbers);
  const plan = values.plan;
  if (!Number.isInteger(count) || count < 1 || count > 20_000 || (plan !== 'stay' && plan !== 'move')) {
    console.error('--numbers takes a whole number from 1 to 20000, --plan takes stay or move.');
    return 2;
  }
  const phoneNumbers = Array.from({ length: count }, (_, index) => `+1206${2_000_000 + index}`);
  const env = { PORTSMS_CUTOVER_MARGIN_SECONDS: '5' };
  const prepare = (simulator: string) => provision(simulator, phoneNumbers);
  const wrong = await withOwnStack({ env, prepare }, (stack) => port(stack, phoneNumbers, plan));
  console.log('an open port of one number that waits, events of its history per day');
  for (const [state, perDay] of Object.entries(await eventsWhileWaiting())) {
    console.log(`  ${state.padEnd(28)}${perDay.toFixed(2)}`);
  }
  for (const each of wrong) console.error(each);
  return wrong.length === 0 ? 0 : 1;
}

/** Numbers of two losing carriers, all of one account. */
async function provision(simulator: string, phoneNumbers: readonly string[]): Promise<void> {
  const all = phoneNumbers.map((phoneNumber, index) => ({
    phoneNumber,
    carrier: losingCarriers[index % losingCarriers.length],
    ...account,
  }));
  for (let from = 0; from < all.length; from += 2000) {
    await call('POST', `${simulator}/numbers`, all.slice(from, from + 2000));
  }
}

/** @returns what is not as it has to be */
async function port(
  stack: OwnStack,
  phoneNumbers: readonly string[],
  messagingPlan: 'stay' | 'move',
): Promise<readonly string[]> {
  const { url, apiKey } = stack;
  const headers = { Authorization: `Bearer ${apiKey}`, 'Idempotency-Key': 'bench' };
  const begun = performance.now();
  const since = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
  const memoryBefore = await stack.memory();
  const { accountNumber, pin, postalCode, name } = account;
  const accepted = (await call(
    'POST',
    `${url}/v1/ports`,
    {
      phoneNumbers,
      gainingCarrier: 'telnyx',
      messagingPlan,
      subscriber: {
        name,
        entityName: name,
        accountNumber,
        pin,
        authorizedBy: 'Ann Example',
        serviceAddress: { street: '1 Main St', city: 'Seattle', region: 'WA', postalCode, country: 'US' },
      },
      consent: { evidence: { act: 'signature', name: 'Ann Example' } },
    },
    headers,
  )) as { id: string };
  console.log(`${phoneNumbers.length} numbers, plan ${messagingPlan}`);
  console.log(`  accepted after              ${since()}`);
  const read = () => call('GET', `${url}/v1/ports/${accepted.id}`, undefined, headers) as Promise<PlanSeen>;
  let seen = await until(read, ({ status }) => status !== 'checking');
  console.log(`  checked and split after     ${since()} (orders: ${seen.orders.planned})`);
  seen = await until(read, ({ status }) => status !== 'checking' && status !== 'ordering');
  console.log(`  all submitted after         ${since()} (${JSON.stringify(seen.orders.byStatus)})`);
  const sending = messagingPlan === 'move' ? sendTexts(stack, phoneNumbers, read) : Promise.resolve();
  seen = await until(read, ({ status }) => !['in-progress', 'cancel-pending'].includes(status));
  await sending;
  console.log(`  ended after                 ${since()} (${seen.status}, ported: ${seen.counts.ported})`);
  const wrong: string[] = [];
  const { ported } = seen.counts;
  if (ported !== phoneNumbers.length) wrong.push(`${phoneNumbers.length - ported} numbers have not moved.`);
  if (messagingPlan === 'move') {
    const { delivered, lost, doubled } = await accountOf(stack, phoneNumbers);
    console.log(`  texts                       delivered: ${delivered}, lost: ${lost}, doubled: ${doubled}`);
    if (lost + doubled > 0) wrong.push(`${lost} texts were lost, ${doubled} doubled.`);
  }
  showMemory(memoryBefore, await stack.memory());
  for (const [type, { greatest }] of await report(stack, accepted.id)) {
    if (greatest > longestHistory) wrong.push(`A history of ${type} has ${greatest} events.`);
  }
  return wrong;
}

/** Every number has one text to send while nobody can say who routes it: it proves the gaining carrier. */
async function sendTexts(
  { url, apiKey }: OwnStack,
  phoneNumbers: readonly string[],
  read: () => Promise<PlanSeen>,
): Promise<void> {
  await until(read, ({ counts }) => counts.uncertain + counts.ported > 0);
  await atATime(phoneNumbers.length, 10, async (index) => {
    const text = { from: phoneNumbers[index], to: recipient, text: wordsOf(index) };
    const headers = { Authorization: `Bearer ${apiKey}` };
    await call('POST', `${url}/v1/messages`, { ...text, kind: 'conversational', validitySeconds: 86_400 }, headers);
  });
}

const wordsOf = (index: number) => `Your order ${index} is on its way.`;

/** What became of the texts, by the simulator's ledger: what the handsets got, and what its carriers took. */
async function accountOf({ simulator, store }: OwnStack, phoneNumbers: readonly string[]) {
  const open = ['accepted', 'queued', 'claimed', 'submitted', 'held', 'retrying'];
  const stopAt = performance.now() + texts.graceMs;
  while (performance.now() < stopAt && (await store.messages.countByStatus()).some(({ _id }) => open.includes(_id))) {
    await sleep(texts.lookEveryMs);
  }
  const { outbound } = (await call('GET', `${simulator}/ledger/texts`)) as { outbound: readonly OutboundSeen[] };
  const seen = new Map(outbound.map((each) => [`${each.from} ${each.text}`, each]));
  const ours = phoneNumbers.map((from, index) => seen.get(`${from} ${wordsOf(index)}`));
  const taken = (each: OutboundSeen | undefined) => Object.values(each?.accepted ?? {}).reduce((a, b) => a + b, 0);
  const count = (is: (each: OutboundSeen | undefined) => boolean) => ours.filter(is).length;
  const delivered = count((each) => each?.delivered === 1);
  return { delivered, lost: count((each) => !each?.delivered), doubled: count((each) => taken(each) > 1) };
}

function showMemory(before: Memory, after: Memory): void {
  if (!before || !after) return;
  console.log('resident memory, in MiB');
  for (const process of ['worker', 'api'] as const) {
    const [start, { greatest, now }] = [before[process].now, after[process]];
    console.log(`  ${process.padEnd(10)}at the start ${mib(start)}, at most ${mib(greatest)}, at the end ${mib(now)}`);
  }
}

const mib = (value: number) => value.toFixed(0);

async function report({ config }: OwnStack, planId: string): Promise<readonly [type: string, HistorySizes][]> {
  const connection = await Connection.connect({ address: config.temporal.address });
  const client = new Client({ connection, namespace: config.temporal.namespace });
  const sizes = Object.entries(await historySizes(client));
  console.log('histories, in events');
  const row = (cells: readonly (string | number)[]) => cells.map((cell) => String(cell).padEnd(14)).join('');
  console.log(`  ${'workflow'.padEnd(24)}${row(['runs', 'greatest', 'mean', 'greatest, kB'])}`);
  for (const [type, { runs, greatest, mean, greatestBytes }] of sizes) {
    const kilobytes = Math.ceil(greatestBytes / 1000);
    console.log(`  ${type.padEnd(24)}${row([runs, greatest, mean.toFixed(1), kilobytes])}`);
  }
  const state = await client.workflow.getHandle(workflowIds.plan(planId)).query(planStateQuery);
  console.log('what a run is begun with, and what it hands to the next, in bytes');
  console.log(`  plan: ${await greatestInput(client, workflowTypes.plan)}, its state: ${JSON.stringify(state).length}`);
  console.log(`  order: ${await greatestInput(client, workflowTypes.port)}`);
  await connection.close();
  return sizes;
}

async function until(read: () => Promise<PlanSeen>, done: (seen: PlanSeen) => boolean): Promise<PlanSeen> {
  let last = '';
  let movedAt = performance.now();
  for (;;) {
    const seen = await read();
    if (done(seen)) return seen;
    const now = JSON.stringify(seen.counts) + JSON.stringify(seen.orders.byStatus);
    if (now !== last) movedAt = performance.now();
    last = now;
    if (performance.now() - movedAt > standstillMs) throw new Error(`The plan stands still: ${last}`);
    // Looking is work, too: the more numbers, the more.
    await sleep(Math.max(500, seen.counts.numbers / 4));
  }
}
