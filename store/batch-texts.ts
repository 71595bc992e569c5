import type { Collection } from 'mongodb';
import { idsOfRuns, type LineRun } from '../domain/batch-line.ts';
import type { MessageStatus } from '../domain/message.ts';
import type { Database } from './database.ts';
import type { BatchPart, MessageBatchStore, Tally } from './message-batches.ts';
import { asUpdate, type MessageChange, type MessageDocument, stoppable } from './messages.ts';

/** Not submitted for the first time yet: a part that has such texts is not through. */
export const waiting: readonly MessageStatus[] = ['accepted', 'queued'];
export type BatchTextStore = ReturnType<typeof batchTextStore>;

/** The texts of a bulk, in `messages`. Their ids are computed (domain/batch-line.ts), so that `_id` serves every query below. */
export function batchTextStore(database: Database, messageBatches: Pick<MessageBatchStore, 'parts' | 'clear'>) {
  const messages: Collection<MessageDocument> = database.collection('messages');

  return {
    /** In the order of the lines. */
    async list(batchId: string, lines: LineRun): Promise<MessageDocument[]> {
      const found = await messages.find({ _id: { $in: idsOfRuns(batchId, [lines]) } }).toArray();
      return found.sort((a, b) => (a._id < b._id ? -1 : 1));
    },

    /**
     * Whether texts of a part are known to wait for their first submission, without a look at all of them: its last one, and those of its workflow (index:
     * workflowId, status, acceptedAt). When not, its tally tells.
     * @param workflowId that of the message workflow which the part is given to
     */
    async someWait({ batchId, lines }: Pick<BatchPart, 'batchId' | 'lines'>, workflowId: string): Promise<boolean> {
      const [last = ''] = idsOfRuns(batchId, lines).slice(-1);
      const status = { $in: [...waiting] };
      const first = { projection: { _id: 1 } } as const;
      return Boolean(
        (await messages.findOne({ _id: last, status }, first)) ??
          (await messages.findOne({ workflowId, status }, first)),
      );
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
