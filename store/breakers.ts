import type { Collection } from 'mongodb';
import { type BreakerState, closedBreaker } from '../domain/breaker.ts';
import { type Database, isDuplicateKey } from './database.ts';

/** Whether a carrier counts as out of order; the same for all processes. */
export interface BreakerDocument extends BreakerState {
  /** The carrier's id. */
  readonly _id: string;
  readonly at: Date;
  readonly rev: number;
}

export type BreakerStore = ReturnType<typeof breakerStore>;

/** One small document for each carrier that has ever been out of order. Every query is by `_id`. */
export function breakerStore(database: Database) {
  const breakers: Collection<BreakerDocument> = database.collection('carrierBreakers');
  return {
    findMany: (carriers: readonly string[]) => breakers.find({ _id: { $in: [...carriers] } }).toArray(),

    /**
     * Writes what `decide` makes of a carrier's state, unless it says that nothing is to be changed.
     * @returns the state as it then is; somebody else's when that was written meanwhile
     */
    async change(
      carrier: string,
      now: Date,
      decide: (state: BreakerState) => BreakerState | undefined,
    ): Promise<BreakerState> {
      const current = await breakers.findOne({ _id: carrier });
      const next = decide(current ?? closedBreaker);
      if (next === undefined) return current ?? closedBreaker;
      const { open, openings, until, reason } = next;
      const state = { open, openings, at: now, ...(until && { until }), ...(reason && { reason }) };
      if (!current) {
        try {
          await breakers.insertOne({ _id: carrier, ...state, rev: 1 });
          return next;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
      } else {
        const replaced = await breakers.replaceOne(
          { _id: carrier, rev: current.rev },
          { ...state, rev: current.rev + 1 },
        );
        if (replaced.matchedCount === 1) return next;
      }
      return (await breakers.findOne({ _id: carrier })) ?? closedBreaker;
    },
  };
}
