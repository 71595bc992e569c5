import { addSums, type MetricKey, MetricTally, nameOfKey } from '../../domain/delivery-metrics.ts';
import { type BucketSize, beginningOf, bucketSizes, type MetricBucketDocument } from '../../store/delivery-metrics.ts';
import type { Ended } from '../../store/messages.ts';
import type { Store } from '../../store/store.ts';
import { endedText } from './ended-text.ts';

/** A text may be written so much later than its end says: the writer took its time, or its clock is behind. */
const overlapMs = 15_000;
/** One pass reckons up so much time at most; what lies further back is taken by the next ones. */
const mostPerPassMs = 2 * 3600_000;
/** Where nothing was ever reckoned up it begins so long ago. */
const firstLookMs = 3600_000;
/** Recipients' records that are read at once. */
const portion = 1000;
const leaseMs = 10 * 60_000;
/** Between two passes: at least this, and so many times what the last one took, so that they never take more than a few percent. */
const leastPauseMs = 5_000;
const pausePerWork = 40;
/** On a machine that is busy with other things a pass takes long without costing much. */
const mostPauseMs = 5 * 60_000;

/**
 * Reckons up what became of texts. Nothing is counted on: the minutes that texts have ended in since the last pass are recomputed as a whole
 * from the texts, their hours from the minutes, their days from the hours (invariant 11). Once an hour the whole hour before is done again, for
 * what was written late.
 */
export function createMetricPass(deps: {
  readonly store: Pick<Store, 'messages' | 'numbers' | 'deliveryMetrics'>;
  readonly owner: string;
  readonly now: () => Date;
}) {
  const { store, owner } = deps;
  const { deliveryMetrics } = store;

  /** @returns whether any text has ended then */
  async function reckonMinutes(from: Date, to: Date): Promise<boolean> {
    const tallies = new Map<string, { at: Date; key: MetricKey; tally: MetricTally }>();
    let waiting: Ended[] = [];
    const take = async () => {
      const recipients = await store.numbers.findMany(waiting.map(({ toKey }) => toKey));
      for (const message of waiting) {
        const text = endedText(message, recipients.get(message.toKey));
        if (!text) continue;
        const { carrier, network, kind, ported } = text;
        const key = { carrier, network, kind, ported };
        const at = beginningOf('minute', text.finalAt);
        const name = `${at.getTime()}/${nameOfKey(key)}`;
        const found = tallies.get(name) ?? { at, key, tally: new MetricTally() };
        found.tally.add(text);
        tallies.set(name, found);
      }
      waiting = [];
    };
    for await (const message of store.messages.endedBetween(from, to)) {
      waiting.push(message);
      if (waiting.length === portion) await take();
    }
    await take();
    await deliveryMetrics.replace(
      'minute',
      [...tallies.values()].map(({ at, key, tally }) => ({ at, key, sums: tally.sums() })),
    );
    return tallies.size > 0;
  }

  /** Makes the buckets of a size, that have been touched between two moments, of the smaller ones. */
  async function addUp(size: BucketSize, of: BucketSize, from: Date, to: Date): Promise<void> {
    for (let at = beginningOf(size, from); at < to; at = new Date(at.getTime() + bucketSizes[size].ms)) {
      const groups = new Map<string, { key: MetricKey; parts: MetricBucketDocument[] }>();
      for await (const bucket of deliveryMetrics.ofSpan(of, at, new Date(at.getTime() + bucketSizes[size].ms))) {
        const { carrier, network, kind, ported } = bucket;
        const key = { carrier, network, kind, ported };
        const group = groups.get(nameOfKey(key)) ?? { key, parts: [] };
        group.parts.push(bucket);
        groups.set(nameOfKey(key), group);
      }
      await deliveryMetrics.replace(
        size,
        [...groups.values()].map(({ key, parts }) => ({ at, key, sums: addSums(parts) })),
      );
    }
  }

  /** @returns after how many milliseconds it is worth to look again */
  return async (): Promise<number> => {
    const begun = performance.now();
    const now = deps.now();
    const until = await deliveryMetrics.beginPass(owner, now, leaseMs, new Date(now.getTime() - firstLookMs));
    if (!until) return leastPauseMs;
    const newHour = beginningOf('hour', until) < beginningOf('hour', now);
    const from = newHour ? beginningOf('hour', until) : beginningOf('minute', new Date(until.getTime() - overlapMs));
    const to = new Date(Math.min(now.getTime(), from.getTime() + mostPerPassMs));
    if (await reckonMinutes(from, to)) {
      await addUp('hour', 'minute', from, to);
      await addUp('day', 'hour', from, to);
    }
    const pauseMs = to < now ? 0 : restAfter(performance.now() - begun);
    await deliveryMetrics.endPass(owner, to, new Date(deps.now().getTime() + pauseMs));
    return pauseMs;
  };
}

function restAfter(workMs: number): number {
  return Math.min(mostPauseMs, Math.max(leastPauseMs, pausePerWork * workMs));
}
