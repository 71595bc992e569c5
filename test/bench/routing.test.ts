import { describe, expect, it } from 'vitest';
import { type Market, markets } from '../../bench/routing/market.ts';
import { play, type Score } from '../../bench/routing/play.ts';
import { verdictOf } from '../../bench/routing/routing.ts';
import { fixed, roundRobin, router, strict } from '../../bench/routing/strategy.ts';

const seed = 1;
const market = (name: string) => markets(seed).find((each) => each.name === name) as Market;

describe('the router in a simulated market (bench/routing plays more and longer ones)', () => {
  it('delivers as well as the best fixed route where quality drifts, and costs no more than a tenth above the cheapest that does', () => {
    const drift = market('drift');
    const scores = [...drift.carriers.map(({ id }) => fixed(id)), router(drift)].map((each) => play(drift, each, seed));
    const { points, priceRatio } = verdictOf(scores.at(-1) as Score, scores);
    expect(points).toBeGreaterThan(-0.5);
    expect(priceRatio).toBeLessThan(1.1);
    expect(scores.at(-1)?.delivered).toBeGreaterThan(play(drift, roundRobin(drift), seed).delivered);
  });

  it('leaves routes that have gone bad within five minutes', () => {
    const fall = market('fall');
    const short = { ...fall, seconds: 9000 };
    expect(play(short, router(short), seed).recoveredAfter).toBeLessThanOrEqual(300);
    expect(play(short, router(short, 'strict', strict), seed).recoveredAfter).toBeLessThanOrEqual(300);
    expect(play(short, fixed('solid'), seed).recoveredAfter).toBe(Number.POSITIVE_INFINITY);
  });

  it('comes to the same on the same seed', () => {
    const short = { ...market('drift'), seconds: 600 };
    expect(play(short, router(short), seed)).toEqual(play(short, router(short), seed));
  });
});
