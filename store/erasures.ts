import type { Collection } from 'mongodb';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';

/** What was there of a person when their key was destroyed. */
export interface ErasedData {
  readonly texts: number;
  readonly inboundTexts: number;
  readonly consentEvents: number;
  /** Texts that were still on the way and were refused. */
  readonly textsStopped: number;
  /** The record of what the portability database said of the number. */
  readonly lookUp: boolean;
}

/** The erasure of a person (GDPR Art. 17); itself without personal data, so it outlives what it is about. */
export interface ErasureDocument {
  /** Derived from the person and the generation of the key: asked for again, it is the same one. */
  readonly _id: string;
  /** numberKey of the person. */
  readonly subjectKey: string;
  readonly requestedAt: Date;
  /** Id of the API key that asked for it. */
  readonly requestedBy: string;
  /** Of the key that was destroyed; 0 when there was none. */
  readonly generation: number;
  /** Event of the consent ledger by which no marketing goes to the number. */
  readonly tombstoneId: string;
  readonly keyDestroyedAt?: Date;
  readonly completedAt?: Date;
  readonly erased?: ErasedData;
}

export type ErasureStore = ReturnType<typeof erasureStore>;

export function erasureStore(database: Database) {
  const erasures: Collection<ErasureDocument> = database.collection('erasures');
  return {
    ensureIndexes: () => ensureIndexes(erasures, [{ key: { subjectKey: 1, requestedAt: 1 } }]),

    /** @returns as it was begun first */
    async begin(erasure: ErasureDocument): Promise<ErasureDocument> {
      try {
        await erasures.insertOne(erasure);
        return erasure;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      return (await erasures.findOne({ _id: erasure._id })) ?? erasure;
    },

    /** Notes how far it is. @returns as it is then */
    async advance(
      id: string,
      progress: Pick<ErasureDocument, 'keyDestroyedAt'> | Pick<ErasureDocument, 'completedAt' | 'erased'>,
    ): Promise<ErasureDocument> {
      const after = await erasures.findOneAndUpdate({ _id: id }, { $set: progress }, { returnDocument: 'after' });
      if (!after) throw new Error(`Erasure ${id} is not in the store: ask for it again.`);
      return after;
    },

    find: (id: string) => erasures.findOne({ _id: id }),

    /** All of a person's, oldest first. Index: subjectKey, requestedAt. */
    ofSubject: (subjectKey: string) => erasures.find({ subjectKey }).sort({ requestedAt: 1 }).toArray(),
  };
}
