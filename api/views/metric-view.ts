import { deliveryRate, type MetricSums } from '../../domain/delivery-metrics.ts';
import { type LatencyBins, quantile } from '../../domain/latency-bins.ts';
import type { MetricGroup } from '../schemas/delivery-metrics.ts';

/** Codes that are shown of a group. */
const mostCodes = 50;

/** What became of a group of texts. */
export function metricView(sums: MetricSums): Omit<MetricGroup, 'at' | 'carrier' | 'network' | 'kind' | 'ported'> {
  return {
    texts: sums.texts,
    sent: sums.sent,
    byStatus: sums.byStatus,
    deliveryRate: deliveryRate(sums) ?? null,
    segments: sums.segments,
    attempts: sums.attempts,
    cost: Object.entries(sums.cost).map(([currency, amount]) => ({ amount: Number(amount.toFixed(6)), currency })),
    deliveryMs: quantilesOf(sums.delivery),
    waitMs: quantilesOf(sums.wait),
    codes: sums.codes.slice(0, mostCodes).map((each) => ({ ...each })),
  };
}

function quantilesOf(bins: LatencyBins): MetricGroup['waitMs'] {
  const at = (part: number) => quantile(bins, part) ?? 0;
  return bins.length === 0 ? null : { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) };
}
