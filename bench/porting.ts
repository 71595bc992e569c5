import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { type HistorySizes, historySizes } from './history-sizes.ts';
import { call, type OwnStack, withOwnStack } from './own-stack.ts';
import { atATime } from './timing.ts';
import { eventsWhileWaiting } from './waiting-port.ts';

/** Something came to a standstill: better a clear end than an endless measurement. */
const standstillMs = 10 * 60_000;
const account = { accountNumber: 'ACC-4471820', pin: '4821', postalCode: '98101', name: 'Northwind Supplies LLC' };
const losingCarriers = ['alpha', 'beta'] as const;
const recipient = '+12065550199';

interface PlanSeen {
  readonly status: string;
  readonly counts: Readonly<Record<'numbers' | 'ordered' | 'uncertain' | 'ported' | 'returned', number>>;
  readonly orders: { readonly planned?: number; readonly byStatus: Readonly<Record<string, number>> };
}

/**
 * Measures one request of many numbers: how long it takes to be accepted, to be planned and submitted, to end on the simulator; the
 * greatest history of each kind of workflow; and what an open port costs while it waits.
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
  await withOwnStack({ env, prepare: (simulator) => provision(simulator, phoneNumbers) }, async (stack) => {
    await port(stack, phoneNumbers, plan);
  });
  console.log('an open port of one number that waits, events of its history per day');
  for (const [state, perDay] of Object.entries(await eventsWhileWaiting())) {
    console.log(`  ${state.padEnd(28)}${perDay.toFixed(2)}`);
  }
  return 0;
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

async function port(stack: OwnStack, phoneNumbers: readonly string[], messagingPlan: 'stay' | 'move'): Promise<void> {
  const { url, apiKey } = stack;
  const headers = { Authorization: `Bearer ${apiKey}`, 'Idempotency-Key': 'bench' };
  const begun = performance.now();
  const since = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
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
  const texts = messagingPlan === 'move' ? textsOf(stack, phoneNumbers, read) : Promise.resolve();
  seen = await until(read, ({ status }) => !['in-progress', 'cancel-pending'].includes(status));
  await texts;
  console.log(`  ended after                 ${since()} (${seen.status}, ported: ${seen.counts.ported})`);
  await report(stack);
}

/** Every number has one text to send while nobody can say who routes it: it proves the gaining carrier. */
async function textsOf(
  { url, apiKey }: OwnStack,
  phoneNumbers: readonly string[],
  read: () => Promise<PlanSeen>,
): Promise<void> {
  await until(read, ({ counts }) => counts.uncertain + counts.ported > 0);
  await atATime(phoneNumbers.length, 10, async (index) => {
    const text = { from: phoneNumbers[index], to: recipient, text: `Your order ${index} is on its way.` };
    const headers = { Authorization: `Bearer ${apiKey}` };
    await call('POST', `${url}/v1/messages`, { ...text, kind: 'conversational', validitySeconds: 86_400 }, headers);
  });
}

async function report({ config }: OwnStack): Promise<void> {
  const connection = await Connection.connect({ address: config.temporal.address });
  const client = new Client({ connection, namespace: config.temporal.namespace });
  const sizes = await historySizes(client);
  await connection.close();
  console.log('histories, in events');
  const row = (cells: readonly (string | number)[]) => cells.map((cell) => String(cell).padEnd(14)).join('');
  console.log(`  ${'workflow'.padEnd(24)}${row(['runs', 'greatest', 'mean', 'greatest, kB'])}`);
  for (const [type, { runs, greatest, mean, greatestBytes }] of Object.entries(sizes) as [string, HistorySizes][]) {
    const kilobytes = Math.ceil(greatestBytes / 1000);
    console.log(`  ${type.padEnd(24)}${row([runs, greatest, mean.toFixed(1), kilobytes])}`);
  }
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
