import { beforeEach, describe, expect, test } from 'vitest';
import type { Attempt } from '../../domain/message-progress.ts';
import { type BucketSize, beginningOf, type MetricBucketDocument } from '../../store/delivery-metrics.ts';
import { createMetricPass } from '../../worker/delivery-metrics/pass.ts';
import { ownStore } from '../store/own-store.ts';
import { ours, sampleNumber, sampleText, type TextSample, theirs } from '../store/samples.ts';

const own = ownStore();
/** Yesterday at half past six: buckets of minutes are forgotten after some days. */
const start = beginningOf('day', new Date()).getTime() - 24 * 3600_000 + 6.5 * 3600_000;
const at = (seconds: number) => new Date(start + seconds * 1000);
const hours = (count: number) => at(count * 3600);
let now = at(30);
beforeEach(async () => {
  await own.raw.collection('messages').deleteMany({});
  await own.raw.collection('deliveryMetrics').deleteMany({});
  await own.raw.collection('metricPasses').deleteMany({});
  now = at(30);
});

function attempt(claimedAt: Date, rest: Partial<Attempt> = {}): Attempt {
  return { carrier: 'alpha', token: 'clm', claimedAt, workflowId: 'w', runId: 'r', ...rest };
}
async function store(rest: TextSample): Promise<void> {
  await own.store.messages.insert([sampleText(own.store.vault, rest)]);
}
const delivered = (rest: TextSample = {}): TextSample => ({
  status: 'delivered',
  acceptedAt: at(0),
  finalAt: at(10),
  attempts: [attempt(at(2))],
  ...rest,
});
const pass = (owner = 'one') => createMetricPass({ store: own.store, owner, now: () => now })();
async function buckets(size: BucketSize): Promise<MetricBucketDocument[]> {
  const all: MetricBucketDocument[] = [];
  for await (const bucket of own.store.deliveryMetrics.ofSpan(size, hours(-24), hours(48))) all.push(bucket);
  return all;
}
const later = (seconds: number) => {
  now = new Date(now.getTime() + seconds * 1000);
};

describe('metrics of deliveries', () => {
  test('are reckoned up by minute, hour and day, by carrier, network, ported number and kind', async () => {
    await own.store.numbers.insert(
      sampleNumber(own.store.vault, theirs, {
        own: false,
        lookUp: { ported: true, spid: '4711', source: 'enum', at: at(0) },
      }),
    );
    const failure = { code: 'carrier-throttled', class: 'throttled', fault: 'carrier' } as const;
    await store(
      delivered({
        attempts: [attempt(at(1), { failure, parts: [{ outcome: 'rejected', code: '0x58' }] }), attempt(at(2))],
      }),
    );
    await store(delivered({ kind: 'otp', to: '+12025550177', segments: 2 }));
    await store({ status: 'refused', kind: 'marketing', to: '+12025550177', finalAt: at(1), acceptedAt: at(0) });
    await store({ status: 'submitted', acceptedAt: at(0), attempts: [attempt(at(1))] });
    await pass();
    for (const size of ['minute', 'hour', 'day'] as const) {
      const found = await buckets(size);
      expect(found.map((bucket) => bucket.at)).toEqual([1, 2, 3].map(() => beginningOf(size, at(0))));
      expect(found).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            carrier: 'alpha',
            network: 'US/4711',
            kind: 'transactional',
            ported: true,
            texts: 1,
            sent: 1,
            attempts: 2,
            byStatus: { delivered: 1 },
            codes: [{ code: 'carrier-throttled', carrierCode: '0x58', count: 1 }],
          }),
          expect.objectContaining({ carrier: 'alpha', kind: 'otp', ported: false, segments: 2 }),
          expect.objectContaining({ carrier: 'none', kind: 'marketing', sent: 0, byStatus: { refused: 1 } }),
        ]),
      );
    }
  });

  test('have the network and the price that the text was routed by, of each segment that was taken', async () => {
    const candidates = [{ carrier: 'alpha', delivery: 0.9, weight: 8, price: 7_500 }];
    const decision = {
      at: at(0),
      carrier: 'alpha',
      reason: 'only-route',
      candidates,
      network: 'US/310-260',
      lot: 0,
    } as const;
    await store(
      delivered({
        network: 'US/310-260',
        decisions: [{ ...decision, currency: 'EUR' }],
        attempts: [
          attempt(at(1), { parts: [{ outcome: 'rejected' }, { outcome: 'rejected' }] }),
          attempt(at(2), { parts: [{ outcome: 'accepted' }, { outcome: 'accepted' }] }),
        ],
      }),
    );
    await pass();
    expect(await buckets('hour')).toEqual([expect.objectContaining({ network: 'US/310-260', cost: { EUR: 0.015 } })]);
  });

  test('count nothing twice, however often and by whomever they are reckoned (invariant 11)', async () => {
    await store(delivered());
    await pass();
    for (const owner of ['one', 'two', 'three']) {
      later(10);
      await pass(owner);
    }
    await store(delivered({ finalAt: at(45) }));
    later(300);
    await pass();
    for (const size of ['minute', 'hour', 'day'] as const) {
      expect(
        (await buckets(size)).map(({ texts }) => texts),
        size,
      ).toEqual([2]);
    }
  });

  test('take in what was written late: a little always, an hour’s with the hour', async () => {
    await store(delivered());
    await pass();
    await store(delivered({ finalAt: at(25) }));
    later(7);
    await pass();
    expect((await buckets('hour')).map(({ texts }) => texts)).toEqual([2]);
    later(600);
    await pass();
    await store(delivered({ finalAt: at(26) }));
    later(600);
    await pass();
    expect((await buckets('hour')).map(({ texts }) => texts)).toEqual([2]);
    later(3600);
    await pass();
    expect((await buckets('hour')).map(({ texts }) => texts)).toEqual([3]);
    expect((await buckets('day')).map(({ texts }) => texts)).toEqual([3]);
  });

  test('are reckoned by one process at a time; another takes over from one that was killed', async () => {
    await store(delivered());
    const until = await own.store.deliveryMetrics.beginPass('killed', now, 600_000, at(-3600));
    expect(until).toEqual(at(-3600));
    await pass();
    expect(await buckets('minute')).toEqual([]);
    later(601);
    await pass();
    expect(await buckets('minute')).toHaveLength(1);
  });

  test('catch up after a long rest, some hours at a time', async () => {
    await pass();
    await store(delivered({ finalAt: hours(2.5) }));
    await store(delivered({ finalAt: hours(7.5) }));
    now = hours(8);
    let passes = 0;
    while ((await pass()) === 0) passes += 1;
    expect(passes).toBeGreaterThan(1);
    expect((await buckets('hour')).map((bucket) => bucket.at)).toEqual([hours(2.5), hours(7.5)]);
    expect((await buckets('day')).map(({ texts }) => texts)).toEqual([2]);
  });

  test('leave out probes, which no caller has sent', async () => {
    await store(delivered({ probe: { portId: 'port_1', direction: 'out', network: 'alpha' }, from: ours }));
    await pass();
    expect(await buckets('minute')).toEqual([]);
  });
});
