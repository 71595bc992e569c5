import type { Collection } from 'mongodb';
import { idsOfRuns, type LineRun } from '../domain/batch-line.ts';
import type { MessageStatus } from '../domain/message.ts';
import type { Database } from './database.ts';
import type { BatchPart, MessageBatchStore, Tally } from './message-batches.ts';
import { asUpdate, type MessageChange, type MessageDocument, stoppable } from './messages.ts';

/** Not submitted for the first time yet: a part that has such texts is not through. */
const waiting: readonly MessageStatus[] = ['accepted', 'queued'];
export type BatchTextStore = ReturnType<typeof batchTextStore>;

/** The texts of a bulk, in `messages`. Their ids are computed (domain/batch-line.ts), so that `_id` serves every query below. */
export function batchTextStore(database: Database, messageBatches: Pick<MessageBatchStore, 'parts' | 'clear'>) {
  const messages: Collection<MessageDocument> = database.collection('messages');

  async function someWait(ids: readonly string[]): Promise<boolean> {
    const found = await messages
      .find({ _id: { $in: [...ids] }, status: { $in: [...waiting] } })
      .limit(1)
      .project({ _id: 1 })
      .toArray();
    return found.length > 0;
  }

  return {
    /** In the order of the lines. */
    async list(batchId: string, lines: LineRun): Promise<MessageDocument[]> {
      const found = await messages.find({ _id: { $in: idsOfRuns(batchId, [lines]) } }).toArray();
      return found.sort((a, b) => (a._id < b._id ? -1 : 1));
    },

    /**
     * Whether a part has texts that nobody has submitted yet. All of them are looked at only when nothing else says so: whether its last one has
     * been taken, and whether its workflow has one that waits (index: workflowId, status, acceptedAt).
     * @param workflowId that of the message workflow which the part is given to
     */
    async hasWaiting({ batchId, lines }: Pick<BatchPart, 'batchId' | 'lines'>, workflowId: string): Promise<boolean> {
      const ids = idsOfRuns(batchId, lines);
      if (await someWait(ids.slice(-1))) return true;
      const status = { $in: [...waiting] };
      if (await messages.findOne({ workflowId, status }, { projection: { _id: 1 } })) return true;
      return someWait(ids);
    },

    /** What has become of the texts of a part. */
    async tally({ batchId, lines }: Pick<BatchPart, 'batchId' | 'lines'>): Promise<Tally[]> {
      const rows = await messages
        .aggregate<{ _id: { status: MessageStatus; code?: string | null }; texts: number; segments: number }>([
          { $match: { _id: { $in: idsOfRuns(batchId, lines) } } },
          {
            $group: {
              _id: { status: '$status', code: '$failure.code' },
              texts: { $sum: 1 },
              segments: { $sum: '$segments' },
            },
          },
        ])
        .toArray();
      return rows.map(({ _id: { status, code }, texts, segments }) => ({
        status,
        ...(typeof code === 'string' && { code }),
        texts,
        segments,
      }));
    },

    /** Texts of a part that can still be stopped. */
    stoppable: ({ batchId, lines }: Pick<BatchPart, 'batchId' | 'lines'>): Promise<MessageDocument[]> =>
      messages.find({ _id: { $in: idsOfRuns(batchId, lines) }, status: { $in: [...stoppable] } }).toArray(),

    /**
     * Changes texts one by one, each under the revision that was seen; one that somebody else has changed meanwhile stays. Not in a
     * transaction, because it may meet a claim (invariant 5), which is none.
     */
    async changeEach(documents: readonly MessageDocument[], decide: (message: MessageDocument) => MessageChange) {
      if (documents.length === 0) return;
      await messages.bulkWrite(
        documents.map((message) => ({
          updateOne: {
            filter: { _id: message._id, rev: message.rev },
            update: asUpdate(decide(message)),
          },
        })),
        { ordered: false },
      );
    },

    /** Removes everything of an upload that does not count: nobody was given any of it. */
    async remove(batchId: string): Promise<void> {
      for await (const { lines } of messageBatches.parts(batchId)) {
        await messages.deleteMany({ _id: { $in: idsOfRuns(batchId, lines) }, status: 'accepted', workflowId: batchId });
      }
      await messageBatches.clear(batchId);
    },
  };
}
