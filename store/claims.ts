import type { Collection } from 'mongodb';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';

/** What has become of a claim. */
interface ClaimDocument {
  /** The claim's token. */
  readonly _id: string;
  /** Who claimed is writing its texts, or has; or others have given the claim up: it writes nothing any more. */
  readonly state: 'written' | 'given-up';
  readonly forgetAt: Date;
}

/** So long after it was made a claim may be given up; one that is older ends as texts end of which nothing is heard. */
const givenUpWithinMs = 3600_000;
/** Longer than that by far more than clocks differ: what is not known any more would count as not written. */
const keptMs = 2 * givenUpWithinMs;

export type ClaimStore = ReturnType<typeof claimStore>;

/**
 * Whether the texts of a claim have been written to their carrier, or may be (invariant 5). The first word counts: either who claimed says that it
 * writes, right before it does, or somebody else that the claim is over. So what a killed worker had claimed and not begun to write is known not to
 * be with the carrier. Every query is by `_id`.
 */
export function claimStore(database: Database) {
  const claims: Collection<ClaimDocument> = database.collection('claims');

  /** @returns what the claim is then */
  async function say(_id: string, state: ClaimDocument['state']): Promise<ClaimDocument['state']> {
    try {
      await claims.insertOne({ _id, state, forgetAt: new Date(Date.now() + keptMs) });
      return state;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return (await claims.findOne({ _id }))?.state ?? 'written';
    }
  }

  return {
    ensureIndexes: () => ensureIndexes(claims, [{ key: { forgetAt: 1 }, expireAfterSeconds: 0 }]),

    /** To be called right before the texts are written. @returns false when they must not be: the claim has been given up */
    write: async (token: string): Promise<boolean> => (await say(token, 'written')) === 'written',

    /** @returns whether nothing has been written under the claim, nor ever will be */
    giveUp: async (token: string, claimedAt: Date): Promise<boolean> =>
      Date.now() - claimedAt.getTime() < givenUpWithinMs && (await say(token, 'given-up')) === 'given-up',
  };
}
