import type { Collection } from 'mongodb';
import type { SlotBook } from '../domain/limits/slot-book.ts';
import { type Database, isDuplicateKey } from './database.ts';

/** The book of one carrier's slots (invariant 8). */
export interface SlotBookDocument {
  /** The carrier's id. */
  readonly _id: string;
  readonly holders: SlotBook;
  /** Counts every change: an update is made only on the revision that it was computed from. */
  readonly rev: number;
}

export type LeaseStore = ReturnType<typeof leaseStore>;

/** Who holds which part of a carrier's limits. Every query is by `_id`. */
export function leaseStore(database: Database) {
  const books: Collection<SlotBookDocument> = database.collection('carrierSlots');
  return {
    /** @returns an empty book of revision 0 where nobody has written one */
    async find(carrier: string): Promise<Pick<SlotBookDocument, 'holders' | 'rev'>> {
      return (await books.findOne({ _id: carrier })) ?? { holders: [], rev: 0 };
    },

    /** Writes a book in place of the one of revision `rev`. @returns false when somebody else has changed it meanwhile: read it again */
    async save(carrier: string, rev: number, holders: SlotBook): Promise<boolean> {
      if (rev === 0) {
        try {
          await books.insertOne({ _id: carrier, holders, rev: 1 });
          return true;
        } catch (error) {
          if (isDuplicateKey(error)) return false;
          throw error;
        }
      }
      const { matchedCount } = await books.updateOne({ _id: carrier, rev }, { $set: { holders }, $inc: { rev: 1 } });
      return matchedCount === 1;
    },
  };
}
