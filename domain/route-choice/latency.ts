import type { RoutingParameters } from './parameters.ts';

/**
 * How long receipts took, as counts in buckets: bucket n holds what took up to 2^(n/2) · 100 ms, so neighbours differ by 41 %. The last one
 * (nearly two days) holds all that took longer. Counts fade like evidence does, so they are no whole numbers.
 */
export type Latencies = readonly number[];

const buckets = 42;
const firstMs = 100;

function upperMs(bucket: number): number {
  return firstMs * 2 ** (bucket / 2);
}

export function bucketOf(ms: number): number {
  if (ms <= firstMs) return 0;
  return Math.min(buckets - 1, Math.ceil(2 * Math.log2(ms / firstMs)));
}

/** @param fading what is left of the known counts, 0 to 1 @param observed milliseconds */
export function withLatencies(known: Latencies | undefined, fading: number, observed: readonly number[]): Latencies {
  const counts = Array.from({ length: buckets }, (_, bucket) => (known?.[bucket] ?? 0) * fading);
  for (const ms of observed) {
    const bucket = bucketOf(ms);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}

/** The time within which this share of the receipts came, in milliseconds, rounded up to a bucket; undefined without receipts. */
export function quantileMs(latencies: Latencies, share: number): number | undefined {
  const total = latencies.reduce((sum, count) => sum + count, 0);
  if (total <= 0) return undefined;
  let passed = 0;
  for (const [bucket, count] of latencies.entries()) {
    passed += count;
    if (passed >= share * total) return upperMs(bucket);
  }
  return upperMs(buckets - 1);
}

/**
 * How long a receipt of a route is waited for before its text counts as unreported: its usual time with a margin. Moves by a bounded factor.
 * @param before as it was, in milliseconds
 * @returns unchanged while there are too few receipts
 */
export function receiptTimeoutMs(
  latencies: Latencies,
  before: number | undefined,
  { receiptTimeout }: RoutingParameters,
): number | undefined {
  const { quantile, margin, leastMs, mostMs, leastReceipts, mostFactor } = receiptTimeout;
  const usual = quantileMs(latencies, quantile);
  if (usual === undefined || latencies.reduce((sum, count) => sum + count, 0) < leastReceipts) return before;
  const wanted = Math.min(mostMs, Math.max(leastMs, Math.round(usual * margin)));
  if (before === undefined) return wanted;
  return Math.round(Math.min(before * mostFactor, Math.max(before / mostFactor, wanted)));
}
