import type { MessageKind } from '../message.ts';
import { expectedDelivery, faded, learnt, noEvidence, sumOf, weightOf } from './evidence.ts';
import { receiptTimeoutMs, withLatencies } from './latency.ts';
import type { Outcome } from './outcome.ts';
import type { Evidence, RoutingParameters } from './parameters.ts';
import { type QualityCell, type RouteQuality, routeKey } from './route-quality.ts';

/** One outcome with where and what the text was. */
export interface Observation extends Outcome {
  readonly country: string;
  readonly network: string;
  readonly kind: MessageKind;
}

/** What one pass of learning has changed, with before and after. */
export type RouteChange =
  | {
      readonly what: 'delivery';
      readonly carrier: string;
      readonly network: string;
      readonly kind: QualityCell;
      /** Expected shares of texts delivered. */
      readonly before: number;
      readonly after: number;
      /** What was observed: weights; and how many texts were never reported. */
      readonly observed: Evidence & { readonly censored: number };
    }
  | {
      readonly what: 'receipt-timeout';
      readonly carrier: string;
      readonly network: string;
      /** Milliseconds. */
      readonly before?: number;
      readonly after: number;
    };

interface Gathered {
  readonly cells: Map<QualityCell, Evidence & { readonly censored: number }>;
  readonly latencies: number[];
}

/** The routes that something was observed of, by `routeKey`: the ones that a pass of learning needs. */
export function routesIn(observations: readonly Observation[]): Map<string, { carrier: string; network: string }> {
  const routes = new Map<string, { carrier: string; network: string }>();
  for (const { carrier, network, country } of observations) {
    for (const each of [network, country]) routes.set(routeKey(carrier, each), { carrier, network: each });
  }
  return routes;
}

/**
 * One pass of learning: what was observed changes what is known, within bounds.
 * @param known by `routeKey`, at least what is known of `routesIn(observations)`
 * @returns the routes as they now are, and what has changed
 */
export function learnRoutes(
  known: ReadonlyMap<string, RouteQuality>,
  observations: readonly Observation[],
  now: Date,
  parameters: RoutingParameters,
): { readonly routes: readonly RouteQuality[]; readonly changes: readonly RouteChange[] } {
  const changes: RouteChange[] = [];
  const gathered = gather(observations);
  const routes = [...routesIn(observations)].map(([key, { carrier, network }]) => {
    const before = known.get(key);
    const { cells: observedCells, latencies: observedLatencies } = gathered.get(key) as Gathered;
    const cells: Partial<Record<QualityCell, RouteQuality['cells']['all']>> = { ...before?.cells };
    for (const [kind, observed] of observedCells) {
      const was = before?.cells[kind];
      const is = weightOf(observed) > 0 ? learnt(was, observed, now, parameters) : was;
      if (is) cells[kind] = is;
      const mean = (cell: typeof was) => expectedDelivery([cell], now, parameters).delivery;
      changes.push({ what: 'delivery', carrier, network, kind, before: mean(was), after: mean(is), observed });
    }
    const timeouts = withTimeouts(before, observedLatencies, now, parameters);
    if (timeouts.receiptTimeoutMs !== undefined && timeouts.receiptTimeoutMs !== before?.receiptTimeoutMs) {
      const earlier = before?.receiptTimeoutMs;
      changes.push({
        what: 'receipt-timeout',
        carrier,
        network,
        ...(earlier !== undefined && { before: earlier }),
        after: timeouts.receiptTimeoutMs,
      });
    }
    return { carrier, network, cells, ...timeouts, at: now };
  });
  return { routes, changes };
}

function gather(observations: readonly Observation[]): Map<string, Gathered> {
  const all = new Map<string, Gathered>();
  for (const { carrier, country, network, kind, evidence = noEvidence, censored, latencyMs } of observations) {
    for (const each of new Set([network, country])) {
      const key = routeKey(carrier, each);
      const of: Gathered = all.get(key) ?? { cells: new Map(), latencies: [] };
      all.set(key, of);
      for (const cell of ['all', kind] as const) {
        const sofar = of.cells.get(cell) ?? { ...noEvidence, censored: 0 };
        of.cells.set(cell, { ...sumOf(sofar, evidence), censored: sofar.censored + (censored ? 1 : 0) });
      }
      // Receipts of one network are often too few to tell quantiles by.
      if (each === country && latencyMs !== undefined) of.latencies.push(latencyMs);
    }
  }
  return all;
}

function withTimeouts(
  before: RouteQuality | undefined,
  observed: readonly number[],
  now: Date,
  parameters: RoutingParameters,
): Pick<RouteQuality, 'latencies' | 'receiptTimeoutMs'> {
  if (!before?.latencies && observed.length === 0) return {};
  const fading = before ? weightOf(faded({ successes: 1, failures: 0, at: before.at }, now, parameters)) : 0;
  const latencies = withLatencies(before?.latencies, fading, observed);
  const timeout = receiptTimeoutMs(latencies, before?.receiptTimeoutMs, parameters);
  return { latencies, ...(timeout !== undefined && { receiptTimeoutMs: timeout }) };
}
