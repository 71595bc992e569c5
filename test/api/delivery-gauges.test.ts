import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { watchDeliveries } from '../../api/delivery-gauges.ts';
import { MetricTally } from '../../domain/delivery-metrics.ts';
import { ownStore } from '../store/own-store.ts';

const own = ownStore();

test('Prometheus sees what became of texts lately, by carrier and kind', async () => {
  const at = new Date(Date.now() - 60_000);
  const key = { carrier: 'alpha', network: 'US', kind: 'otp', ported: false } as const;
  const tally = new MetricTally();
  for (const status of ['delivered', 'delivered', 'delivered', 'failed'] as const) {
    tally.add({
      ...key,
      status,
      acceptedAt: at,
      firstClaimedAt: at,
      lastClaimedAt: at,
      finalAt: new Date(at.getTime() + 1000),
      segments: 1,
      attempts: 1,
      codes: [],
    });
  }
  await own.store.deliveryMetrics.replace('minute', [{ at, key, sums: tally.sums() }]);
  const registry = new Registry();
  watchDeliveries(registry, own.store);
  const read = async () => {
    const text = await registry.metrics();
    return (name: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(name))
          ?.split(' ')
          .at(-1),
      );
  };
  // Those that were asked for before the first reading had ended show it the next time.
  await read();
  const value = await read();
  expect(value('portsms_delivery_ratio_last_10m{carrier="alpha",kind="otp"}')).toBe(0.75);
  expect(value('portsms_texts_ended_last_10m{carrier="alpha",kind="otp",status="delivered"}')).toBe(3);
  expect(value('portsms_delivery_seconds_last_10m{carrier="alpha",kind="otp",quantile="0.5"}')).toBeCloseTo(1, 1);
  expect(value('portsms_campaign_stops')).toBe(0);
});
