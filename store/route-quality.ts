import type { Collection } from 'mongodb';
import type { RouteChange } from '../domain/route-choice/learning.ts';
import { type RouteQuality, routeKey } from '../domain/route-choice/route-quality.ts';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';

export interface RouteQualityDocument extends RouteQuality {
  /** `routeKey`. */
  readonly _id: string;
  /** Nothing was heard of it for so long that nothing of it counts any more. */
  readonly forgetAt: Date;
}

/** One pass of learning: what it looked at and what it changed, with before and after. */
export interface LearningPassDocument {
  /** Where the pass before it ended, RFC 3339 UTC, or `first`: of two after the same one a single one is kept, so nothing is learnt twice. */
  readonly _id: string;
  /** Where that one ended, but no further back than a pass looks. */
  readonly from: Date;
  /** The next pass begins here. */
  readonly until: Date;
  /** Texts that had ended, and callers' words, that it learnt from. */
  readonly texts: number;
  readonly feedback: number;
  /** There was more than one pass reads: the newest were taken. */
  readonly sampled: boolean;
  readonly changes: readonly RouteChange[];
  readonly forgetAt: Date;
}

const dayMs = 24 * 3600_000;
/** Evidence of a month ago is 360 half-lives old. */
const qualityKeptMs = 30 * dayMs;
const passesKeptMs = 30 * dayMs;

/** What is known of routes, and how it came to be known. */
export function routeQualityStore(database: Database) {
  const routes: Collection<RouteQualityDocument> = database.collection('routeQuality');
  const passes: Collection<LearningPassDocument> = database.collection('learningPasses');

  return {
    ensureIndexes: async () => {
      await ensureIndexes(routes, [{ key: { at: 1 } }, { key: { forgetAt: 1 }, expireAfterSeconds: 0 }]);
      await ensureIndexes(passes, [{ key: { until: 1 } }, { key: { forgetAt: 1 }, expireAfterSeconds: 0 }]);
    },

    findMany: (keys: readonly string[]) => routes.find({ _id: { $in: [...keys] } }).toArray(),

    /** What was learnt at or after a moment. Index: at. */
    learntSince: (since: Date) => routes.find({ at: { $gte: since } }).toArray(),

    /** Passes that had seen what there was up to a moment, the newest first. Index: until. */
    passes: (limit: number, by: Date) =>
      passes
        .find({ until: { $lte: by } })
        .sort({ until: -1 })
        .limit(limit)
        .toArray(),

    /**
     * Keeps a pass and what it has learnt, all or nothing (invariant 11).
     * @param pass `after`: where the pass before it ended, if there was one
     * @returns false when another pass after the same one was kept first: what this one learnt is known already
     */
    async savePass(
      { after, ...pass }: Omit<LearningPassDocument, '_id' | 'forgetAt'> & { readonly after: Date | undefined },
      learnt: readonly RouteQuality[],
    ): Promise<boolean> {
      const operations = learnt
        .map((route) => ({ ...route, forgetAt: new Date(route.at.getTime() + qualityKeptMs) }))
        .map((route) => ({
          replaceOne: { filter: { _id: routeKey(route.carrier, route.network) }, replacement: route, upsert: true },
        }))
        .sort((a, b) => (a.replaceOne.filter._id < b.replaceOne.filter._id ? -1 : 1));
      const forgetAt = new Date(pass.until.getTime() + passesKeptMs);
      try {
        await database.transaction(async (session) => {
          await passes.insertOne({ _id: after?.toISOString() ?? 'first', ...pass, forgetAt }, { session });
          if (operations.length > 0) await routes.bulkWrite(operations, { session });
        });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },
  };
}
