import type { Collection } from 'mongodb';
import type { MetricKey, MetricSums } from '../domain/delivery-metrics.ts';
import { nameOfKey } from '../domain/delivery-metrics.ts';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';

/** Sizes of buckets, and how long each is kept: details are of interest for days, sums for as long as records. */
export const bucketSizes = {
  minute: { ms: 60_000, keepMs: 3 * 24 * 3600_000 },
  hour: { ms: 3600_000, keepMs: 400 * 24 * 3600_000 },
  day: { ms: 24 * 3600_000, keepMs: 400 * 24 * 3600_000 },
} as const;
export type BucketSize = keyof typeof bucketSizes;

/** What became of the texts of one group that ended within one minute, hour or day (UTC). Recomputed as a whole (invariant 11). */
export interface MetricBucketDocument extends MetricKey, MetricSums {
  /** Size, beginning and group. */
  readonly _id: string;
  readonly size: BucketSize;
  readonly at: Date;
  readonly forgetAt: Date;
}

/** How far the texts have been reckoned up, and who does it now. */
interface PassDocument {
  readonly _id: 'delivery';
  readonly reckonedUntil: Date;
  readonly owner?: string;
  readonly leaseUntil: Date;
}

export type DeliveryMetricStore = ReturnType<typeof deliveryMetricStore>;

/** Metrics of deliveries. */
export function deliveryMetricStore(database: Database) {
  const buckets: Collection<MetricBucketDocument> = database.collection('deliveryMetrics');
  const passes: Collection<PassDocument> = database.collection('metricPasses');
  return {
    ensureIndexes: () =>
      ensureIndexes(buckets, [{ key: { size: 1, at: 1 } }, { key: { forgetAt: 1 }, expireAfterSeconds: 0 }]),

    /**
     * Begins a pass, unless somebody else is at one.
     * @returns until when the texts are reckoned up; undefined when it is not ours
     */
    async beginPass(owner: string, now: Date, leaseMs: number, start: Date): Promise<Date | undefined> {
      const lease = { owner, leaseUntil: new Date(now.getTime() + leaseMs) };
      const taken = await passes.findOneAndUpdate(
        { _id: 'delivery', leaseUntil: { $lte: now } },
        { $set: lease },
        { returnDocument: 'after' },
      );
      if (taken) return taken.reckonedUntil;
      try {
        await passes.insertOne({ _id: 'delivery', reckonedUntil: start, ...lease });
        return start;
      } catch (error) {
        if (isDuplicateKey(error)) return undefined;
        throw error;
      }
    },

    /** Ends a pass. @param nextAt nobody begins another one before */
    async endPass(owner: string, reckonedUntil: Date, nextAt: Date): Promise<void> {
      await passes.updateOne({ _id: 'delivery', owner }, { $max: { reckonedUntil }, $set: { leaseUntil: nextAt } });
    },

    /** Writes buckets as they are now, in the place of what they were. */
    async replace(
      size: BucketSize,
      all: readonly { readonly at: Date; readonly key: MetricKey; readonly sums: MetricSums }[],
    ): Promise<void> {
      if (all.length === 0) return;
      const { keepMs } = bucketSizes[size];
      const documents = all.map<MetricBucketDocument>(({ at, key, sums }) => ({
        _id: `${size}/${at.toISOString()}/${nameOfKey(key)}`,
        size,
        at,
        ...key,
        ...sums,
        forgetAt: new Date(at.getTime() + keepMs),
      }));
      await buckets.bulkWrite(
        documents.map((replacement) => ({
          replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true },
        })),
        { ordered: false },
      );
    },

    /** The buckets of a size that begin within a span; a month in one query. Index: size, at. */
    ofSpan: (size: BucketSize, from: Date, to: Date): AsyncIterable<MetricBucketDocument> =>
      buckets.find({ size, at: { $gte: from, $lt: to } }).batchSize(1000),
  };
}

/** The beginning of the minute, hour or day (UTC) that a moment lies in. */
export function beginningOf(size: BucketSize, moment: Date): Date {
  const { ms } = bucketSizes[size];
  return new Date(Math.floor(moment.getTime() / ms) * ms);
}
