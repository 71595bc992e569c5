import { Gauge, type Registry } from 'prom-client';
import { addSums, deliveryRate, type MetricSums } from '../domain/delivery-metrics.ts';
import { quantile } from '../domain/latency-bins.ts';
import { type FinalStatus, finalStatuses } from '../domain/message.ts';
import { beginningOf } from '../store/delivery-metrics.ts';
import type { Store } from '../store/store.ts';

/** What has ended within so long is shown; the last minute or two are not reckoned up yet. */
const spanMs = 10 * 60_000;
/** Whoever asks often gets the same answer for so long. */
const servesMs = 10_000;

/** Shows Prometheus what became of texts lately, by carrier and kind, as the store has reckoned it up; and what is stopped. */
export function watchDeliveries(registry: Registry, store: Pick<Store, 'deliveryMetrics' | 'campaignStops'>): void {
  const labelNames = ['carrier', 'kind'] as const;
  const registers = [registry];
  const ended = new Gauge({
    name: 'portsms_texts_ended_last_10m',
    help: 'Texts that ended in the last ten minutes, by carrier, kind and final status.',
    labelNames: [...labelNames, 'status'] as const,
    registers,
  });
  const rate = new Gauge({
    name: 'portsms_delivery_ratio_last_10m',
    help: 'Of the texts that a carrier got and that ended in the last ten minutes, the part that was delivered.',
    labelNames,
    registers,
  });
  const latency = new Gauge({
    name: 'portsms_delivery_seconds_last_10m',
    help: 'Time from submission to receipt of texts that were delivered in the last ten minutes.',
    labelNames: [...labelNames, 'quantile'] as const,
    registers,
  });
  let readAt = Number.NEGATIVE_INFINITY;

  async function read(): Promise<void> {
    if (performance.now() - readAt < servesMs) return;
    readAt = performance.now();
    const now = new Date();
    const from = beginningOf('minute', new Date(now.getTime() - spanMs));
    const groups = new Map<string, { carrier: string; kind: string; parts: MetricSums[] }>();
    for await (const bucket of store.deliveryMetrics.ofSpan('minute', from, now)) {
      const { carrier, kind } = bucket;
      const group = groups.get(`${carrier} ${kind}`) ?? { carrier, kind, parts: [] };
      group.parts.push(bucket);
      groups.set(`${carrier} ${kind}`, group);
    }
    for (const gauge of [ended, rate, latency]) gauge.reset();
    for (const { carrier, kind, parts } of groups.values()) show({ carrier, kind }, addSums(parts));
  }

  function show(labels: { carrier: string; kind: string }, sums: MetricSums): void {
    for (const status of finalStatuses) {
      const count = sums.byStatus[status satisfies FinalStatus];
      if (count !== undefined) ended.set({ ...labels, status }, count);
    }
    const part = deliveryRate(sums);
    if (part !== undefined) rate.set(labels, part);
    for (const each of [0.5, 0.95, 0.99]) {
      const ms = quantile(sums.delivery, each);
      if (ms !== undefined) latency.set({ ...labels, quantile: String(each) }, ms / 1000);
    }
  }

  new Gauge({
    name: 'portsms_campaign_stops',
    help: 'Campaigns and senders whose texts are stopped now, because their carrier blocks them.',
    registers,
    // The first that is collected reads for all: a database that is away leaves what was read before.
    async collect() {
      await read().catch(() => undefined);
      const open = await store.campaignStops.open().catch(() => undefined);
      if (open) this.set(open.size);
    },
  });
}
