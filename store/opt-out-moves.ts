import type { Collection } from 'mongodb';
import { type Database, ensureIndexes } from './database.ts';

/** The opt-outs of one number on their way from one carrier to another. */
export interface OptOutMoveDocument {
  /** `portId/numberKey`. */
  readonly _id: string;
  readonly portId: string;
  readonly numberKey: string;
  readonly losing?: string;
  readonly gaining: string;
  /** `mismatch`: marketing from the number waits until they are found to be there, or a person says so. */
  readonly state: 'exported' | 'verified' | 'mismatch' | 'returned';
  /** How the losing carrier's were got: from its list, or rebuilt from the ledger, inbound texts and codes. */
  readonly from: 'list' | 'rebuilt' | 'nowhere';
  /** Entries of the losing carrier's list. */
  readonly listed: number;
  /** Persons that the gaining carrier has to block, where it takes them. */
  readonly expected?: number;
  /** Of those, or of the listed ones, who were not found. */
  readonly missing?: number;
  readonly exportedAt: Date;
  readonly checkedAt?: Date;
  /** `Caller.keyId` of who vouched for it. */
  readonly acceptedBy?: string;
}

export type OptOutMoveStore = ReturnType<typeof optOutMoveStore>;

export function optOutMoveStore(database: Database) {
  const moves: Collection<OptOutMoveDocument> = database.collection('optOutMoves');
  return {
    ensureIndexes: () => ensureIndexes(moves, [{ key: { portId: 1, numberKey: 1 } }]),

    /** Keeps what was exported; again when the number moves again. */
    save: async (move: OptOutMoveDocument): Promise<void> => {
      await moves.replaceOne({ _id: move._id }, move, { upsert: true });
    },

    find: (portId: string, numberKey: string) => moves.findOne({ _id: `${portId}/${numberKey}` }),

    /** Index: portId. */
    ofPort: (portId: string) => moves.find({ portId }).sort({ portId: 1, numberKey: 1 }).toArray(),

    change: async (id: string, set: Partial<Omit<OptOutMoveDocument, '_id'>>): Promise<void> => {
      await moves.updateOne({ _id: id }, { $set: set });
    },
  };
}
