import type { Collection, UpdateFilter } from 'mongodb';
import type { DocumentKind, DocumentState } from '../domain/document-rules.ts';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';
import type { Sealed } from './vault.ts';

/** A document of a port without what stands in it. */
export interface DocumentMetadata {
  /** Derived from port, kind and content: the same document sent again is the same document. */
  readonly _id: string;
  readonly portId: string;
  readonly kind: DocumentKind;
  /** As found in the content, e.g. `application/pdf`. */
  readonly contentType: string;
  readonly bytes: number;
  /** SHA-256 of the content, hex. */
  readonly sha256: string;
  readonly storedAt: Date;
  /** It deletes itself then (TTL). */
  readonly deleteAt: Date;
  readonly state: DocumentState;
  readonly stateSince: Date;
  /** The carrier that has it, and its id there. */
  readonly carrier?: string;
  readonly carrierDocumentId?: string;
  /** When the carrier is asked next what it thinks of it; absent when there is nothing to ask. */
  readonly reviewAt?: Date;
  /** Of a letter that was made here. */
  readonly made?: {
    /** The revision of the port's request that it repeats. */
    readonly requestRevision: number;
    /** SHA-256 of the text that was signed, hex; it stands in the letter, too. */
    readonly signedTextSha256: string;
    readonly signedAt: Date;
  };
}

interface DocumentDocument extends DocumentMetadata {
  /** Under 4 MB sealed, where a document of the database holds 16. */
  readonly content: Sealed;
}

export type DocumentStore = ReturnType<typeof documentStore>;

const withoutContent = { content: 0 } as const;

export function documentStore(database: Database) {
  const documents: Collection<DocumentDocument> = database.collection('documents');
  return {
    ensureIndexes: () =>
      ensureIndexes(documents, [
        { key: { portId: 1, storedAt: 1 } },
        { key: { carrier: 1, reviewAt: 1 } },
        { key: { deleteAt: 1 }, expireAfterSeconds: 0 },
      ]),

    /** @returns false when it was there already; then nothing is changed. */
    async insert(metadata: DocumentMetadata, content: Sealed): Promise<boolean> {
      try {
        await documents.insertOne({ ...metadata, content });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    /** The documents of a port, oldest first. Index: portId, storedAt. */
    ofPort: (portId: string): Promise<DocumentMetadata[]> =>
      documents.find({ portId }, { projection: withoutContent }).sort({ storedAt: 1 }).toArray(),

    find: (id: string): Promise<DocumentMetadata | null> =>
      documents.findOne({ _id: id }, { projection: withoutContent }),

    content: async (id: string): Promise<Sealed | undefined> =>
      (await documents.findOne({ _id: id }, { projection: { content: 1 } }))?.content,

    /** What a carrier has, and has not said its word about; the longest due first. Index: carrier, reviewAt. */
    toReview: (carrier: string, now: Date, limit: number): Promise<DocumentMetadata[]> =>
      documents
        .find({ carrier, reviewAt: { $lte: now } }, { projection: withoutContent })
        .sort({ reviewAt: 1 })
        .limit(limit)
        .toArray(),

    /**
     * A document has moved on.
     * @param from only from this state: who comes second changes nothing
     * @param reviewAt when the carrier is asked next; undefined: not any more
     */
    async move(
      id: string,
      from: DocumentState,
      to: { state: DocumentState; carrier: string; carrierDocumentId: string; reviewAt: Date | undefined },
    ): Promise<boolean> {
      const { reviewAt, ...rest } = to;
      const update: UpdateFilter<DocumentDocument> = {
        $set: { ...rest, stateSince: new Date(), ...(reviewAt && { reviewAt }) },
        ...(!reviewAt && { $unset: { reviewAt: '' } }),
      };
      return (await documents.updateOne({ _id: id, state: from }, update)).matchedCount === 1;
    },

    /** The carrier has not said its word; it is asked again then. @param reviewAt undefined: not any more */
    reviewAgain: async (id: string, reviewAt: Date | undefined): Promise<void> => {
      await documents.updateOne(
        { _id: id, state: 'handed-over' },
        reviewAt ? { $set: { reviewAt } } : { $unset: { reviewAt: '' } },
      );
    },
  };
}
