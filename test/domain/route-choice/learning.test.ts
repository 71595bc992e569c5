import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedDelivery, faded, learnt, meanOf, sumOf, weightOf } from '../../../domain/route-choice/evidence.ts';
import { learnRoutes, type Observation } from '../../../domain/route-choice/learning.ts';
import { routingParameters as parameters } from '../../../domain/route-choice/parameters.ts';
import { deliveryBy, type RouteQuality, routeKey } from '../../../domain/route-choice/route-quality.ts';

const start = new Date('2026-12-01T12:00:00Z');
const later = (hours: number) => new Date(start.getTime() + hours * 3600_000);
const evidence = (successes: number, failures: number, at = start) => ({ successes, failures, at });
const means = (known: { successes: number; failures: number }) => meanOf(sumOf(parameters.prior, known));

describe('what is known of a route', () => {
  it('is the prior, 8 of 10, while nothing is known', () => {
    expect(expectedDelivery([undefined], start, parameters)).toEqual({ delivery: 0.8, weight: 0 });
  });

  it('fades by half in each half-life, and is the prior again in the end', () => {
    expect(faded(evidence(100, 20), later(parameters.halfLifeHours), parameters)).toEqual({
      successes: 50,
      failures: 10,
    });
    const known = evidence(0, 400);
    expect(expectedDelivery([known], start, parameters).delivery).toBeLessThan(0.02);
    expect(expectedDelivery([known], later(48), parameters).delivery).toBeCloseTo(0.8, 3);
  });

  it('of a network of which little is known is what is known of its country', () => {
    const country = evidence(495, 5);
    expect(expectedDelivery([country, undefined, undefined], start, parameters).delivery).toBeCloseTo(0.986, 3);
    const { delivery } = expectedDelivery([country, evidence(0, 10), undefined], start, parameters);
    expect(delivery).toBeCloseTo(0.493, 3);
  });
});

describe('one pass', () => {
  it('never weighs more than the half of all, and all never more than the most', () => {
    const once = learnt(undefined, { successes: 9_000, failures: 1_000 }, start, parameters);
    expect(weightOf(once)).toBeLessThanOrEqual(parameters.mostWeight / 2 + 1e-6);
    let known = once;
    for (let i = 0; i < 10; i++) known = learnt(known, { successes: 9_000, failures: 1_000 }, start, parameters);
    expect(weightOf(known)).toBeCloseTo(parameters.mostWeight, 3);
    expect(means(known)).toBeCloseTo(0.9, 2);
  });

  it('moves the mean within its bound, towards what was observed, whatever was known and observed', () => {
    const amount = fc.double({ min: 0, max: 100_000, noNaN: true });
    fc.assert(
      fc.property(amount, amount, amount, amount, fc.integer({ min: 0, max: 100 }), (s, f, news, bad, hours) => {
        const first = learnt(undefined, { successes: s, failures: f }, start, parameters);
        const now = later(hours);
        const before = means(faded(first, now, parameters));
        const observed = { successes: news, failures: bad };
        const after = learnt(first, observed, now, parameters);
        expect(Math.abs(means(after) - before)).toBeLessThanOrEqual(parameters.mostChange + 1e-6);
        expect(weightOf(after)).toBeLessThanOrEqual(parameters.mostWeight + 1e-6);
        expect(Math.min(after.successes, after.failures)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

const observation = (rest: Partial<Observation>): Observation => ({
  carrier: 'alpha',
  country: 'US',
  network: 'US/1234',
  kind: 'otp',
  evidence: { successes: 1, failures: 0 },
  ...rest,
});
const byKey = (routes: readonly RouteQuality[]) =>
  new Map(routes.map((route) => [routeKey(route.carrier, route.network), route]));

describe('learning', () => {
  it('is about the network and its country, about the kind and all kinds, with before and after', () => {
    const { routes, changes } = learnRoutes(
      new Map(),
      [observation({}), observation({ kind: 'marketing' })],
      start,
      parameters,
    );
    expect([...byKey(routes).keys()].sort()).toEqual(['alpha/US', 'alpha/US/1234']);
    expect(byKey(routes).get('alpha/US/1234')?.cells).toEqual({
      all: evidence(2, 0),
      otp: evidence(1, 0),
      marketing: evidence(1, 0),
    });
    expect(changes).toHaveLength(6);
    expect(changes).toContainEqual({
      what: 'delivery',
      carrier: 'alpha',
      network: 'US/1234',
      kind: 'otp',
      before: 0.8,
      after: 9 / 11,
      observed: { successes: 1, failures: 0, censored: 0 },
    });
  });

  it('counts where the network is not known once, not twice', () => {
    const { routes } = learnRoutes(new Map(), [observation({ network: 'US' })], start, parameters);
    expect(routes).toHaveLength(1);
    expect(routes[0]?.cells.all).toEqual(evidence(1, 0));
  });

  it('leaves what was never reported out of what is expected, and says how much it was', () => {
    const known = byKey(learnRoutes(new Map(), [observation({})], start, parameters).routes);
    const { evidence: _, ...silent } = observation({ censored: true });
    const { routes, changes } = learnRoutes(known, [silent, silent], start, parameters);
    expect(byKey(routes).get('alpha/US/1234')?.cells).toEqual(known.get('alpha/US/1234')?.cells);
    expect(changes.map((change) => change.what === 'delivery' && change.observed.censored)).toEqual([2, 2, 2, 2]);
  });

  it('makes a route that has gone bad less likely than one of which nothing is known, within two passes of 50 texts', () => {
    let known = new Map<string, RouteQuality>();
    const pass = (share: number, texts: number, at: Date) => {
      const observed = Array.from({ length: texts }, (_, i) =>
        observation({ evidence: i < share * texts ? { successes: 1, failures: 0 } : { successes: 0, failures: 1 } }),
      );
      known = new Map([...known, ...byKey(learnRoutes(known, observed, at, parameters).routes)]);
      const place = { country: 'US', network: 'US/1234' };
      return deliveryBy('alpha', place, 'otp', (key) => known.get(key), at, parameters).delivery;
    };
    for (let minute = 0; minute < 30; minute++) expect(pass(0.98, 50, later(minute / 60))).toBeGreaterThan(0.7);
    expect(pass(0.98, 50, later(0.5))).toBeCloseTo(0.97, 1);
    pass(0, 50, later(31 / 60));
    expect(pass(0, 50, later(32 / 60))).toBeLessThan(0.82);
  });
});

describe("how long a route's receipts are waited for", () => {
  const receipts = (count: number, latencyMs: number) =>
    Array.from({ length: count }, () => observation({ network: 'US', latencyMs }));
  const timeoutAfter = (known: ReadonlyMap<string, RouteQuality>, count: number, latencyMs: number, at = start) => {
    const { routes, changes } = learnRoutes(known, receipts(count, latencyMs), at, parameters);
    return { known: byKey(routes), timeout: routes[0]?.receiptTimeoutMs, changes };
  };

  it('is twice what 99 % take, from 50 receipts on, and not under 30 s', () => {
    expect(timeoutAfter(new Map(), 49, 20_000).timeout).toBeUndefined();
    expect(timeoutAfter(new Map(), 50, 500).timeout).toBe(30_000);
    const { timeout = 0 } = timeoutAfter(new Map(), 50, 20_000);
    expect(timeout).toBeGreaterThanOrEqual(40_000);
    expect(timeout).toBeLessThan(40_000 * 1.5);
  });

  it('changes by half at most in one pass, and says so', () => {
    const first = timeoutAfter(new Map(), 100, 20_000);
    const second = timeoutAfter(first.known, 1000, 300_000, later(0.1));
    expect(second.timeout).toBe(Math.round((first.timeout ?? 0) * 1.5));
    expect(second.changes).toContainEqual({
      what: 'receipt-timeout',
      carrier: 'alpha',
      network: 'US',
      before: first.timeout,
      after: second.timeout,
    });
  });
});
