import type { Collection } from 'mongodb';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';

/** A text that may mean an opt-out and waits for a person to read it. The ledger has the pause; this is the person's list. */
export interface OptOutReviewDocument {
  /** Of the pause in the consent ledger. */
  readonly _id: string;
  readonly inboundTextId: string;
  readonly at: Date;
  /** When nobody has read it by then it counts as an opt-out: the law's clock has run out. */
  readonly dueAt: Date;
  readonly state: 'open' | 'opt-out' | 'no-opt-out';
  readonly decidedAt?: Date;
  /** `Caller.keyId` of who read it; `clock`: nobody did. */
  readonly decidedBy?: string;
}

export type OptOutReviewStore = ReturnType<typeof optOutReviewStore>;

export function optOutReviewStore(database: Database) {
  const reviews: Collection<OptOutReviewDocument> = database.collection('optOutReviews');
  return {
    ensureIndexes: () => ensureIndexes(reviews, [{ key: { state: 1, dueAt: 1, _id: 1 } }]),

    /** Enters a text; one that is there stays as it is. */
    async open(review: Omit<OptOutReviewDocument, 'state'>): Promise<void> {
      try {
        await reviews.insertOne({ ...review, state: 'open' });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },

    find: (id: string) => reviews.findOne({ _id: id }),

    /** What waits for a person, the most urgent first. Index: state, dueAt. */
    listOpen: (limit: number) => reviews.find({ state: 'open' }).sort({ dueAt: 1, _id: 1 }).limit(limit).toArray(),

    /** Decides about an open one; who is second changes nothing. @returns the review as it then stands; null for none */
    async decide(
      id: string,
      decision: Required<Pick<OptOutReviewDocument, 'state' | 'decidedAt' | 'decidedBy'>>,
    ): Promise<OptOutReviewDocument | null> {
      await reviews.updateOne({ _id: id, state: 'open' }, { $set: decision });
      return reviews.findOne({ _id: id });
    },
  };
}
