import type { Collection } from 'mongodb';
import type { CutoverState } from '../domain/lifecycle/cutover.ts';
import type { OrderProblem, OrderStatus } from '../domain/lifecycle/order.ts';
import type { Waiting } from '../domain/lifecycle/waiting.ts';
import { type Database, ensureIndexes } from './database.ts';
import { newestFirst, type PageEnd } from './newest-first.ts';
import { portCutoverStore } from './port-cutovers.ts';
import type { Sealed } from './vault.ts';

export interface RemovedNumber {
  readonly numberKey: string;
  readonly number: Sealed;
  /** Of its texts to the next carrier, where there is one. Kept apart (store/port-cutovers.ts), and there where a removal is read. */
  readonly cutover?: CutoverState;
  /** Nobody carries its texts any more. */
  readonly ended?: true;
}

/** A removal of hosted texts as it is searched and shown. The truth about its process is its workflow (invariant 1). */
export interface TextRemovalDocument {
  readonly _id: string;
  readonly requestHash: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly counter: number;
  readonly status: OrderStatus;
  readonly since: string;
  readonly numbers: readonly RemovedNumber[];
  /** The carrier that hosts the texts, until it stops. */
  readonly carrier: string;
  /** Who carries the texts then; absent: nobody, they are refused. */
  readonly nextCarrier?: string;
  readonly metadata?: Sealed;
  readonly problems: readonly OrderProblem[];
  readonly waiting?: Waiting;
}

export type TextRemovalProjection = Pick<TextRemovalDocument, 'status' | 'since' | 'problems' | 'waiting'>;

export type TextRemovalStore = ReturnType<typeof textRemovalStore>;

export function textRemovalStore(database: Database) {
  const removals: Collection<TextRemovalDocument> = database.collection('textRemovals');
  const cutovers = portCutoverStore(database);

  /** Removals with the cutovers of their numbers. */
  async function whole(found: readonly TextRemovalDocument[]): Promise<TextRemovalDocument[]> {
    const told = await cutovers.ofPorts(found.map(({ _id }) => _id));
    const byNumber = new Map(told.map((each) => [each._id, each.cutover]));
    return found.map((removal) => ({
      ...removal,
      numbers: removal.numbers.map((number) => {
        const cutover = byNumber.get(`${removal._id}/${number.numberKey}`);
        return cutover ? { ...number, cutover } : number;
      }),
    }));
  }

  return {
    ensureIndexes: () =>
      ensureIndexes(removals, [{ key: { createdAt: -1, _id: -1 } }, { key: { status: 1, createdAt: -1 } }]),

    insert: async (removal: TextRemovalDocument): Promise<void> => {
      await removals.insertOne(removal);
    },

    async find(id: string): Promise<TextRemovalDocument | null> {
      const removal = await removals.findOne({ _id: id });
      return removal && ((await whole([removal]))[0] ?? null);
    },

    /** Newest first. Index: createdAt. */
    list: async (before: PageEnd | undefined, limit: number): Promise<TextRemovalDocument[]> =>
      whole(await newestFirst(removals, {}, 'createdAt', before, limit)),

    /** Stored, and their process has said nothing yet. Index: status, createdAt. */
    findUnstarted: (before: Date, limit: number) =>
      removals
        .find({ status: 'checking', createdAt: { $lt: before }, counter: 0 })
        .sort({ createdAt: 1 })
        .limit(limit)
        .toArray(),

    /** Writes what the workflow says, unless a newer saying of it is stored (invariant 1). */
    async project(id: string, counter: number, { waiting, ...said }: TextRemovalProjection): Promise<void> {
      await removals.updateOne(
        { _id: id, counter: { $lt: counter } },
        {
          $set: { ...said, ...(waiting && { waiting }), counter, updatedAt: new Date() },
          ...(!waiting && { $unset: { waiting: '' } }),
        },
      );
    },

    /** Nobody carries the texts of these numbers any more. */
    noteEnded: async (id: string, numberKeys: readonly string[]): Promise<void> => {
      await removals.updateOne(
        { _id: id },
        { $set: { 'numbers.$[number].ended': true } },
        { arrayFilters: [{ 'number.numberKey': { $in: [...numberKeys] } }] },
      );
    },
  };
}
