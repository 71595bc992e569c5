import { parseArgs } from 'node:util';
import { startBare } from './bare.ts';
import { sendBatch } from './batch.ts';
import { runCongestion } from './congestion.ts';
import { runHeld } from './held.ts';
import { runLedger } from './ledger.ts';
import { call, withOwnStack } from './own-stack.ts';
import { runPorting } from './porting.ts';
import type { Use } from './process-use.ts';
import { runRouting } from './routing/routing.ts';
import { sendLone, sendMany } from './texts.ts';
import { type Timing, timingFrom } from './timing.ts';

const from = '+12065550199';
/** So many lone workflows, then so many lone texts. */
const inATurn = 10;

/**
 * `bench` measures texts, `bench porting` a port of many numbers, `bench held` the release of many texts of one number, `bench ledger` the
 * consents, `bench congestion` urgent texts at carriers that are full, `bench routing` the choice of routes.
 */
export function run(args: string[]): Promise<number> {
  if (args[0] === 'held') return runHeld(args.slice(1));
  if (args[0] === 'ledger') return runLedger(args.slice(1));
  if (args[0] === 'congestion') return runCongestion(args.slice(1));
  if (args[0] === 'routing') return runRouting(args.slice(1));
  return args[0] === 'porting' ? runPorting(args.slice(1)) : runTexts(args);
}

/**
 * Measures texts over SMPP, from the request to the stored receipt, next to a bare Temporal workflow (one activity, one signal) on the
 * same servers in the same run. Absolute figures are the machine's; the ratios are the product's.
 */
async function runTexts(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { lone: number('50'), texts: number('2000'), batch: number('100000') },
  });
  const [lone, texts, batch] = [Number(values.lone), Number(values.texts), Number(values.batch)];
  if (![lone, texts, batch].every((each) => Number.isInteger(each) && each >= 50)) {
    console.error(
      '--lone (texts one after the other), --texts (single requests) and --batch (lines of one bulk) take whole numbers of at least 50.',
    );
    return 2;
  }
  const given = { prepare: (simulator: string) => provision(simulator) };
  await withOwnStack(given, async ({ config, url, apiKey, simulator, store, use, memory }) => {
    const own = `${url}/v1/numbers/${encodeURIComponent(from)}`;
    await call('PUT', own, { carrier: 'alpha' }, { Authorization: `Bearer ${apiKey}` });
    // The product is measured, not the way to a handset: 5 to 30 ms in the simulator.
    await call('POST', `${simulator}/scenario`, { carriers: { alpha: { deliveryMs: [0, 0], receiptMs: [0, 0] } } });
    const bare = await startBare(config.temporal.address, config.temporal.namespace);
    const target = { url, apiKey, from, store };
    await sendMany(target, 200, 20);
    await bare.run(50, 20);

    const [bareLone, textLone] = (await takeTurns(lone, [
      (count) => bare.each(count, 1),
      (count) => sendLone(target, bare.ended, count),
    ])) as [Timing, Timing];
    const bareMany = await bare.run(300, 50);
    const before = await use();
    const textMany = await sendMany(target, texts, 50);
    const between = await use();
    const memoryBefore = await memory();
    await bare.close();
    const bulk = await sendBatch(target, batch);
    const after = await use();
    const memoryAfter = await memory();
    report('one at a time', 'bare workflow', bareLone, 'text', textLone);
    report('50 at a time', 'bare workflows', bareMany, 'texts (p50, p99: the 202)', textMany);
    console.log(`a lone text takes ${(textLone.p50 / bareLone.p50).toFixed(2)} of a bare workflow's time`);
    console.log(`texts per bare workflow, 50 at a time: ${(textMany.perSecond / bareMany.perSecond).toFixed(1)}`);
    console.log(
      `a bulk of ${batch}: ${(batch / bulk.seconds).toFixed(0)}/s to the last receipt stored, 202 after ${bulk.uploadSeconds.toFixed(1)} s`,
    );
    if (!before || !between || !after) return;
    const columns = { single: cpuMs(before, between, texts), bulk: cpuMs(between, after, batch) };
    console.log('CPU milliseconds per text');
    console.table(columns);
    if (!memoryBefore || !memoryAfter) return;
    const most = ({ worker, api }: typeof memoryAfter) => Math.max(worker.greatest, api.greatest).toFixed(0);
    console.log(
      `the most memory that worker or API had: before the bulk ${most(memoryBefore)} MiB, after it ${most(memoryAfter)} MiB`,
    );
  });
  return 0;
}

/** Lone workflows and lone texts in turn, some of each at a time: what else the machine does meets both. */
async function takeTurns(
  count: number,
  runs: readonly ((count: number) => Promise<readonly number[]>)[],
): Promise<Timing[]> {
  const taken = runs.map(() => ({ each: [] as number[], seconds: 0 }));
  for (let done = 0; done < count; done += inATurn) {
    for (const [index, run] of runs.entries()) {
      const begun = performance.now();
      taken[index]?.each.push(...(await run(Math.min(inATurn, count - done))));
      if (taken[index]) taken[index].seconds += (performance.now() - begun) / 1000;
    }
  }
  return taken.map(({ each, seconds }) => timingFrom(each, seconds));
}

/** Of each process between two moments, per text. */
function cpuMs(from: Use, to: Use, texts: number): Record<string, string> {
  const each = Object.entries(to).map(
    ([name, seconds]) => [name, ((seconds - (from[name] ?? 0)) * 1000) / texts] as const,
  );
  const all = each.reduce((sum, [, ms]) => sum + ms, 0);
  return Object.fromEntries([...each, ['together', all] as const].map(([name, ms]) => [name, ms.toFixed(2)]));
}

const number = (standard: string) => ({ type: 'string', default: standard }) as const;

async function provision(simulator: string): Promise<void> {
  await call('POST', `${simulator}/numbers`, { phoneNumber: from, carrier: 'alpha' });
}

function report(title: string, ...rows: (string | Timing)[]): void {
  console.log(title);
  for (let index = 0; index < rows.length; index += 2) {
    const { count, perSecond, p50, p99 } = rows[index + 1] as Timing;
    const figures = [`${perSecond.toFixed(0)}/s`, `p50 ${p50.toFixed(0)} ms`, `p99 ${p99.toFixed(0)} ms`, `n ${count}`];
    console.log(`  ${String(rows[index]).padEnd(28)}${figures.map((figure) => figure.padEnd(14)).join('')}`);
  }
}
