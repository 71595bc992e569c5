import { parseArgs } from 'node:util';
import { markets } from './market.ts';
import { play, type Score } from './play.ts';
import { fixed, roundRobin, router, strict } from './strategy.ts';

/**
 * `bench routing`: the router in simulated markets, beside strategies that know nothing, on the same seeds. It needs no servers: what chooses
 * and learns are the product's own rules (domain/route-choice), with its own parameters and its own rhythm.
 */
export async function runRouting(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { seeds: { type: 'string', default: '3' } } });
  const seeds = Number(values.seeds);
  if (!Number.isInteger(seeds) || seeds < 1) {
    console.error('--seeds takes a whole number of at least 1.');
    return 2;
  }
  for (let seed = 1; seed <= seeds; seed++) {
    for (const market of markets(seed)) {
      const routers = [router(market), router(market, 'router, strict', strict)];
      const strategies = [...market.carriers.map(({ id }) => fixed(id)), roundRobin(market), ...routers];
      report(
        `${market.name}, seed ${seed}`,
        strategies.map((strategy) => play(market, strategy, seed)),
      );
    }
  }
  return 0;
}

/** What the router's score is measured by. */
export interface Verdict {
  /** Points of delivery by which the router is better than the best fixed route; below zero: worse. */
  readonly points: number;
  /** Its price, over that of the cheapest fixed route that is within half a point of the best. */
  readonly priceRatio: number;
}

export function verdictOf(ours: Score, scores: readonly Score[]): Verdict {
  const fixedOnes = scores.filter(({ strategy }) => strategy.startsWith('fixed'));
  const best = Math.max(...fixedOnes.map(({ delivered }) => delivered));
  const meeting = fixedOnes.filter(({ delivered }) => delivered >= best - 0.005);
  return {
    points: (ours.delivered - best) * 100,
    priceRatio: ours.price / Math.min(...meeting.map(({ price }) => price)),
  };
}

function report(title: string, scores: readonly Score[]): void {
  console.log(title);
  for (const { strategy, delivered, price, recoveredAfter } of scores) {
    const figures = [`${(delivered * 100).toFixed(2)} % delivered`, `${(price / 10_000).toFixed(3)} ct a text`];
    if (recoveredAfter !== undefined) {
      figures.push(Number.isFinite(recoveredAfter) ? `recovered after ${recoveredAfter} s` : 'never recovered');
    }
    console.log(`  ${strategy.padEnd(18)}${figures.map((figure) => figure.padEnd(22)).join('')}`.trimEnd());
  }
  for (const ours of scores.filter(({ strategy }) => strategy.startsWith('router'))) {
    const { points, priceRatio } = verdictOf(ours, scores);
    const price = `${priceRatio.toFixed(2)} of the price of the cheapest within half a point of that`;
    console.log(`  ${ours.strategy}: ${points.toFixed(2)} points beside the best fixed, ${price}`);
  }
}
