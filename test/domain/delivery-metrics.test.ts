import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addSums,
  deliveryRate,
  type EndedText,
  type MetricSums,
  MetricTally,
  noTexts,
} from '../../domain/delivery-metrics.ts';
import { addBins, binOf, type LatencyBins, quantile } from '../../domain/latency-bins.ts';
import { finalStatuses } from '../../domain/message.ts';

const tallied = (values: readonly number[]): LatencyBins => addBins(...values.map((ms) => [[binOf(ms), 1] as const]));

describe('quantiles of bins', () => {
  it('are within 5 % of the true ones, however the times are divided into buckets', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 * 3600_000 }), { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.5, 0.9, 0.95, 0.99, 1),
        fc.nat(),
        (times, part, cut) => {
          const at = cut % (times.length + 1);
          const bins = addBins(tallied(times.slice(0, at)), tallied(times.slice(at)));
          const sorted = times.toSorted((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil(part * sorted.length)) - 1] ?? 0;
          const found = quantile(bins, part) ?? 0;
          // Whole milliseconds: half of one is lost to rounding.
          expect(Math.abs(found - exact)).toBeLessThanOrEqual(0.05 * exact + 0.5);
        },
      ),
    );
  });

  it('of nothing are nothing', () => {
    expect(quantile([], 0.5)).toBeUndefined();
    expect(binOf(0)).toBe(0);
    expect(binOf(-5)).toBe(0);
  });
});

const ended = fc.record<EndedText>({
  carrier: fc.constant('alpha'),
  network: fc.constant('US'),
  kind: fc.constant('otp'),
  ported: fc.constant(false),
  status: fc.constantFrom(...finalStatuses),
  acceptedAt: fc.constant(new Date('2026-06-01T12:00:00Z')),
  finalAt: fc.integer({ min: 0, max: 600_000 }).map((ms) => new Date(Date.parse('2026-06-01T12:01:00Z') + ms)),
  firstClaimedAt: fc.constant(new Date('2026-06-01T12:00:01Z')),
  lastClaimedAt: fc.constant(new Date('2026-06-01T12:00:02Z')),
  segments: fc.integer({ min: 1, max: 5 }),
  attempts: fc.integer({ min: 1, max: 3 }),
  cost: fc.constantFrom({ amount: 0.25, currency: 'USD' }, { amount: 0.5, currency: 'EUR' }),
  codes: fc.array(fc.constantFrom({ code: 'unknown', carrierCode: '0x400' }, { code: 'filtered' }), { maxLength: 2 }),
});
const sumsOf = (texts: readonly EndedText[]): MetricSums => {
  const tally = new MetricTally();
  for (const text of texts) tally.add(text);
  return tally.sums();
};
const sorted = (sums: MetricSums) => ({
  ...sums,
  codes: sums.codes.toSorted((a, b) => `${a.code}${a.carrierCode}`.localeCompare(`${b.code}${b.carrierCode}`)),
});

describe('sums', () => {
  it('are the same of all texts at once and of buckets put together (invariant 11: derived, not counted)', () => {
    fc.assert(
      fc.property(fc.array(ended), fc.nat(), (texts, cut) => {
        const at = cut % (texts.length + 1);
        const parts = [texts.slice(0, at), texts.slice(at)].map(sumsOf);
        expect(sorted(addSums(parts))).toEqual(sorted(sumsOf(texts)));
      }),
    );
  });

  it('count a refused text for its group, but not among those that were sent', () => {
    const base = { carrier: 'none', network: 'US', kind: 'marketing', ported: false, segments: 2, codes: [] } as const;
    const at = new Date();
    const sums = sumsOf([
      { ...base, status: 'refused', acceptedAt: at, finalAt: at, attempts: 0 },
      { ...base, status: 'delivered', acceptedAt: at, finalAt: at, attempts: 1, firstClaimedAt: at, lastClaimedAt: at },
    ]);
    expect(sums).toMatchObject({ texts: 2, sent: 1, segments: 2, byStatus: { refused: 1, delivered: 1 } });
    expect(deliveryRate(sums)).toBe(1);
    expect(deliveryRate(noTexts)).toBeUndefined();
  });
});
