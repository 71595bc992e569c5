import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { type Database, ensureIndexes } from './database.ts';

/** The marketing texts to one person that count against a cap, of all senders together. */
export interface CapDocument {
  /** numberKey of the person. */
  readonly _id: string;
  readonly reserved: readonly { readonly message: string; readonly at: Date }[];
  /** When none of them counts any more. */
  readonly forgetAt: Date;
}

/** A place under a cap that a text asks for. */
export interface CapRequest {
  readonly messageId: string;
  readonly subjectKey: string;
  readonly texts: number;
  readonly hours: number;
}

/** Whether the text has its place, and since when the others count that came before it. */
export interface CapAnswer {
  readonly reserved: boolean;
  readonly others: readonly Date[];
}

const hourMs = 3600_000;
/** No cap looks back further. */
const longestMs = 24 * hourMs;

export type CapStore = ReturnType<typeof capStore>;

/** Who was written to how often within a day. Every query is by `_id`. */
export function capStore(database: Database) {
  const caps: Collection<CapDocument> = database.collection('caps');

  return {
    ensureIndexes: () => ensureIndexes(caps, [{ key: { forgetAt: 1 }, expireAfterSeconds: 0 }]),

    /**
     * Takes a place for each text, or takes its own anew from now on: one conditional update each, keyed by the message, so that a text
     * counts once however often it is asked for (invariant 11). All in one transaction: one sync, and one find that tells who got one.
     */
    async reserve(requests: readonly CapRequest[], now: Date): Promise<Map<string, CapAnswer>> {
      if (requests.length === 0) return new Map();
      const inOrder = [...requests].sort((a, b) => (a.subjectKey < b.subjectKey ? -1 : 1));
      const operations = inOrder.map((request) => reservation(request, now));
      await database.transaction((session) => caps.bulkWrite(operations, { session }));
      const subjects = [...new Set(requests.map(({ subjectKey }) => subjectKey))];
      const found = await caps.find({ _id: { $in: subjects } }).toArray();
      const bySubject = new Map(found.map(({ _id, reserved }) => [_id, reserved]));
      return new Map(
        requests.map(({ messageId, subjectKey }) => {
          const all = bySubject.get(subjectKey) ?? [];
          return [
            messageId,
            {
              reserved: all.some(({ message }) => message === messageId),
              others: all.filter(({ message }) => message !== messageId).map(({ at }) => at),
            },
          ];
        }),
      );
    },

    /** Gives places back: these texts don't leave, at least not now. One that is let go later takes its place anew. */
    async giveBack(places: readonly Pick<CapRequest, 'messageId' | 'subjectKey'>[]): Promise<void> {
      if (places.length === 0) return;
      const operations = [...places]
        .sort((a, b) => (a.subjectKey < b.subjectKey ? -1 : 1))
        .map(({ messageId, subjectKey }) => ({
          updateOne: { filter: { _id: subjectKey }, update: { $pull: { reserved: { message: messageId } } } },
        }));
      await database.transaction((session) => caps.bulkWrite(operations, { session }));
    },
  };
}

function reservation(
  { messageId, subjectKey, texts, hours }: CapRequest,
  now: Date,
): AnyBulkWriteOperation<CapDocument> {
  const mine = { message: { $literal: messageId }, at: now };
  const counting = { $gt: ['$$each.at', new Date(now.getTime() - hours * hourMs)] };
  const others = {
    $filter: {
      input: { $ifNull: ['$reserved', []] },
      as: 'each',
      cond: { $and: [counting, { $ne: ['$$each.message', { $literal: messageId }] }] },
    },
  };
  const room = { $lt: [{ $size: '$$others' }, texts] };
  return {
    updateOne: {
      filter: { _id: subjectKey },
      update: [
        {
          $set: {
            reserved: {
              $let: {
                vars: { others },
                in: { $cond: [room, { $concatArrays: ['$$others', [mine]] }, '$$others'] },
              },
            },
            forgetAt: new Date(now.getTime() + longestMs),
          },
        },
      ],
      upsert: true,
    },
  };
}
