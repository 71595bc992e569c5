import type { Collection } from 'mongodb';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';
import { newestFirst, type PageEnd } from './newest-first.ts';

/**
 * Up to where the events of one subject have gone to one endpoint (invariant 11): what lies above `published` in the subject's chain
 * is still to be sent. It is due while it has a `dueAt`.
 */
export interface WebhookCursorDocument {
  /** `endpoint/subject` */
  readonly _id: string;
  readonly endpoint: string;
  readonly subject: string;
  /** Position of the last event that is done with. */
  readonly published: number;
  /** When the next event is to be sent or looked for. */
  readonly dueAt?: Date;
  /** Counts what was told of this subject: who found nothing left to send rests only if nothing was told meanwhile. */
  readonly news: number;
  /** Of the event after `published`, when it has failed. */
  readonly failed?: { readonly since: Date; readonly attempts: number; readonly retryAt: Date };
}

/** What became of one event at one endpoint. No payload: that is made of the timeline when it is sent. */
export interface WebhookDeliveryDocument {
  readonly _id: string;
  readonly endpoint: string;
  readonly eventId: string;
  readonly type: string;
  readonly subject: string;
  readonly status: 'pending' | 'delivered' | 'undelivered';
  readonly attempts: number;
  readonly firstAttemptAt: Date;
  /** Of the last attempt. */
  readonly at: Date;
  readonly nextTryAt?: Date;
  /** HTTP status of the last answer. */
  readonly answer?: number;
  readonly error?: string;
  readonly forgetAt: Date;
}

export type CursorProgress = Pick<WebhookCursorDocument, 'published' | 'failed'>;

/** Cursors or deliveries in one write. */
const documentsAtATime = 500;

export type WebhookDeliveryStore = ReturnType<typeof webhookDeliveryStore>;

export function webhookDeliveryStore(database: Database) {
  const cursors: Collection<WebhookCursorDocument> = database.collection('webhookCursors');
  const deliveries: Collection<WebhookDeliveryDocument> = database.collection('webhookDeliveries');
  const idOf = (endpoint: string, subject: string) => `${endpoint}/${subject}`;

  /** One by one, as in `tell`: a `deleteMany` would hold the collection against `record`. */
  async function forgetOf(name: 'webhookCursors' | 'webhookDeliveries', endpoint: string): Promise<void> {
    const collection = database.collection<{ _id: string; endpoint: string }>(name);
    for (;;) {
      const ids = await collection
        .find({ endpoint })
        .limit(documentsAtATime)
        .project<{ _id: string }>({ _id: 1 })
        .toArray();
      if (ids.length === 0) return;
      await collection.bulkWrite(
        ids.map(({ _id }) => ({ deleteOne: { filter: { _id } } })),
        { ordered: false },
      );
    }
  }

  return {
    ensureIndexes: async () => {
      await ensureIndexes(cursors, [{ key: { endpoint: 1, dueAt: 1 } }]);
      await ensureIndexes(deliveries, [
        { key: { endpoint: 1, at: -1, _id: -1 } },
        { key: { endpoint: 1, status: 1, at: -1, _id: -1 } },
        { key: { forgetAt: 1 }, expireAfterSeconds: 0 },
      ]);
    },

    /** Which of these subjects have a cursor at the endpoint. */
    async known(endpoint: string, subjects: readonly string[]): Promise<Set<string>> {
      const ids = subjects.map((subject) => idOf(endpoint, subject));
      const found = await cursors
        .find({ _id: { $in: ids } })
        .project<{ subject: string }>({ subject: 1 })
        .toArray();
      return new Set(found.map(({ subject }) => subject));
    },

    /** Makes cursors; one that is there stays as it is. */
    async begin(endpoint: string, positions: ReadonlyMap<string, number>): Promise<void> {
      if (positions.size === 0) return;
      try {
        await cursors.insertMany(
          [...positions].map(([subject, published]) => ({
            _id: idOf(endpoint, subject),
            endpoint,
            subject,
            published,
            news: 0,
          })),
          { ordered: false },
        );
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },

    /** Something was appended to these subjects. */
    async tell(endpoint: string, subjects: readonly string[], now: Date): Promise<void> {
      if (subjects.length === 0) return;
      // Not one `updateMany`: SecantusDB holds the collection while that waits for a document of an open transaction (`record`), and
      // then neither ends. Not in a transaction: it would begin anew whenever one of many cursors is being moved.
      await cursors.bulkWrite(
        subjects.map((subject) => ({
          updateOne: {
            filter: { _id: idOf(endpoint, subject) },
            update: { $inc: { news: 1 }, $min: { dueAt: now } },
          },
        })),
        { ordered: false },
      );
    },

    /** What has failed is tried now instead of when it would be next. Index: endpoint, dueAt. */
    async retryNow(endpoint: string, now: Date): Promise<void> {
      const due = { endpoint, dueAt: { $gt: new Date(0) }, 'failed.retryAt': { $gt: now } };
      const change = { $set: { dueAt: now, 'failed.retryAt': now } };
      await database.transaction((session) => cursors.updateMany(due, change, { session }));
    },

    /** Sends again what lies above these positions; a subject that is not as far goes on where it is. */
    async rewind(endpoint: string, positions: ReadonlyMap<string, number>, now: Date): Promise<void> {
      const all = [...positions].sort(([a], [b]) => (a < b ? -1 : 1));
      for (let from = 0; from < all.length; from += documentsAtATime) {
        const operations = all.slice(from, from + documentsAtATime).map(([subject, position]) => ({
          updateOne: {
            filter: { _id: idOf(endpoint, subject) },
            update: {
              $min: { published: position, dueAt: now },
              $inc: { news: 1 },
              $unset: { failed: '' as const },
              $setOnInsert: { endpoint, subject },
            },
            upsert: true,
          },
        }));
        await database.transaction((session) => cursors.bulkWrite(operations, { session }));
      }
    },

    /** What is to be sent now, the longest due first. Index: endpoint, dueAt. */
    findDue: (endpoint: string, now: Date, limit: number) =>
      cursors
        .find({ endpoint, dueAt: { $lte: now } })
        .sort({ dueAt: 1 })
        .limit(limit)
        .toArray(),

    find: (endpoint: string, subject: string) => cursors.findOne({ _id: idOf(endpoint, subject) }),

    /**
     * Writes what became of an event, and how far its subject now is, in one transaction.
     * @param dueAt when its next event is due
     * @returns false when somebody has moved the cursor meanwhile (a replay): read it again
     */
    async record(
      cursor: Pick<WebhookCursorDocument, '_id' | 'published'>,
      progress: CursorProgress,
      dueAt: Date,
      delivery: WebhookDeliveryDocument,
    ): Promise<boolean> {
      return database.transaction(async (session) => {
        const moved = await cursors.updateOne(
          { _id: cursor._id, published: cursor.published },
          {
            $set: { published: progress.published, dueAt, ...(progress.failed && { failed: progress.failed }) },
            ...(!progress.failed && { $unset: { failed: '' } }),
          },
          { session },
        );
        if (moved.matchedCount === 0) return false;
        await deliveries.replaceOne({ _id: delivery._id }, delivery, { upsert: true, session });
        return true;
      });
    },

    /** Nothing is to be sent before then. */
    async postpone(cursor: WebhookCursorDocument, dueAt: Date): Promise<void> {
      await cursors.updateOne({ _id: cursor._id, published: cursor.published }, { $set: { dueAt } });
    },

    /** Everything is sent up to `published`. @returns false when something was told or moved meanwhile: look again */
    async rest(cursor: WebhookCursorDocument, published: number): Promise<boolean> {
      const result = await cursors.updateOne(
        { _id: cursor._id, published: cursor.published, news: cursor.news },
        { $set: { published }, $unset: { dueAt: '', failed: '' } },
      );
      return result.matchedCount === 1;
    },

    /** Newest first, by the last attempt. Index: endpoint (, status), at, _id. */
    list: (
      endpoint: string,
      { status, before }: { status?: WebhookDeliveryDocument['status']; before?: PageEnd },
      limit: number,
    ): Promise<WebhookDeliveryDocument[]> =>
      newestFirst(deliveries, { endpoint, ...(status && { status }) }, 'at', before, limit),

    /** Forgets all about an endpoint. Index: endpoint. */
    async forget(endpoint: string): Promise<void> {
      await forgetOf('webhookCursors', endpoint);
      await forgetOf('webhookDeliveries', endpoint);
    },
  };
}
