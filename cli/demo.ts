import { parseArgs } from 'node:util';
import { type StopRequests, stopRequests } from '../embedded/stop-requests.ts';
import { readExamples } from './demo/examples.ts';
import { type Outcome, play } from './demo/play.ts';
import { Progress } from './demo/progress.ts';
import { report } from './demo/report.ts';
import { findSite } from './demo/site.ts';

/** As shells report a program that Ctrl-C has ended. */
const interrupted = 130;

/**
 * `portsms demo [--json] [--seed N]`: ports the numbers of examples/ while their texts flow, and balances the account.
 * @returns the exit code: 0 only when every text has one end, none was lost or doubled, and every port is completed.
 */
export async function run(args: string[]): Promise<number> {
  const requests = stopRequests();
  try {
    const { json, seed } = readOptions(args);
    const outcome = await demo(seed, requests);
    if (outcome === undefined) return interrupted;
    if (json) console.log(JSON.stringify(outcome.account));
    return outcome.good ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    requests.end();
  }
}

/** @returns undefined when a person has stopped it */
async function demo(seed: number, { first: stopped }: StopRequests): Promise<Outcome | undefined> {
  const tell = (line: string) => console.error(line);
  const site = await Promise.race([findSite(process.env, seed, tell), stopped]);
  if (site === 'stop') return undefined;
  const progress = new Progress(process.stderr);
  try {
    const examples = await readExamples(site.run);
    const show = progress.show.bind(progress);
    const outcome = await Promise.race([play(examples, site, { name: site.run, seed, show }), stopped]);
    progress.end();
    if (outcome === 'stop') return undefined;
    console.log(report(outcome, site.product));
    return outcome;
  } finally {
    await site.leave();
  }
}

function readOptions(args: string[]): { readonly json: boolean; readonly seed: number } {
  const { values } = parseArgs({ args, options: { json: { type: 'boolean' }, seed: { type: 'string' } } });
  const seed = values.seed ?? '1';
  if (!/^\d{1,9}$/.test(seed)) throw new Error(`--seed ${seed} is no whole number; try --seed 7`);
  return { json: values.json ?? false, seed: Number(seed) };
}
