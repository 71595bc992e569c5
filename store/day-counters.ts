import type { Collection } from 'mongodb';
import { type Database, ensureIndexes } from './database.ts';

/** How much of a day's limit has been given out. */
interface DayCounter {
  /** `carrier/limit/day`; no number in it. */
  readonly _id: string;
  readonly used: number;
  readonly forgetAt: Date;
}

/** Kept a little beyond the day, for people. */
const keptMs = 3 * 24 * 3600_000;

export type DayCounterStore = ReturnType<typeof dayCounterStore>;

/**
 * Limits per day, true across workers: each takes a portion by one conditional update and spends it by itself. What a worker took and did
 * not spend when it was killed is lost for the day: the limit is never exceeded. Every query is by `_id`.
 */
export function dayCounterStore(database: Database) {
  const counters: Collection<DayCounter> = database.collection('dayCounters');
  return {
    ensureIndexes: () => ensureIndexes(counters, [{ key: { forgetAt: 1 }, expireAfterSeconds: 0 }]),

    /**
     * Takes a portion of what is left.
     * @param wanted segments; @param least fewer than so many are of no use
     * @returns segments, 0 when fewer than `least` are left
     */
    async take(id: string, limit: number, wanted: number, least: number): Promise<number> {
      const takes = async (segments: number) => {
        const filter = { _id: id, used: { $lte: limit - segments } };
        return (await counters.updateOne(filter, { $inc: { used: segments } })).matchedCount === 1;
      };
      if (await takes(wanted)) return wanted;
      const begun = { $setOnInsert: { used: 0, forgetAt: new Date(Date.now() + keptMs) } };
      await counters.updateOne({ _id: id }, begun, { upsert: true });
      // Others take, too: what was left a moment ago may be less now.
      for (;;) {
        const { used } = (await counters.findOne({ _id: id })) ?? { used: limit };
        const left = Math.min(wanted, limit - used);
        if (left < least) return 0;
        if (await takes(left)) return left;
      }
    },

    /** How much of each has been given out; a day of which nothing has been is missing. */
    async used(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
      const found = await counters.find({ _id: { $in: [...ids] } }).toArray();
      return new Map(found.map(({ _id, used }) => [_id, used]));
    },

    /** Gives back what was not spent. */
    async giveBack(id: string, segments: number): Promise<void> {
      await counters.updateOne({ _id: id }, { $inc: { used: -segments } });
    },
  };
}
