import type { Collection } from 'mongodb';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';
import type { Sealed } from './vault.ts';

/** Something a carrier told us, stored before it is acknowledged (invariant 3), unique by carrier and event id. */
export interface CarrierEventDocument {
  /** `carrier/eventId`. */
  readonly _id: string;
  readonly carrier: string;
  readonly type: 'receipt' | 'inbound' | 'order' | 'port-out';
  readonly receivedAt: Date;
  /** `new`: not worked on yet; `unmatched`: its text or order is not known (yet), or work on it failed; `done`. */
  readonly state: 'new' | 'unmatched' | 'done';
  /** When the sweep takes it up, if nobody has finished with it by then; absent when there is nothing left to hope for. */
  readonly dueAt?: Date;
  /** `carrier/carrierMessageId` of a receipt. */
  readonly carrierRef?: string;
  /** The event (carriers/carrier.ts, `CarrierEvent`) as JSON. */
  readonly event: Sealed;
  /** When it is forgotten (TTL); never, what timelines refer to. */
  readonly forgetAt?: Date;
}

export type CarrierEventStore = ReturnType<typeof carrierEventStore>;

export function carrierEventStore(database: Database) {
  const events: Collection<CarrierEventDocument> = database.collection('carrierEvents');
  return {
    ensureIndexes: () =>
      ensureIndexes(events, [
        { key: { dueAt: 1 } },
        { key: { carrierRef: 1 } },
        { key: { forgetAt: 1 }, expireAfterSeconds: 0 },
      ]),

    /** Stores what arrived, in one insert; what is stored already is left as it is. */
    async store(documents: readonly CarrierEventDocument[]): Promise<void> {
      try {
        await events.insertMany([...documents], { ordered: false });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },

    findMany: (ids: readonly string[]) => events.find({ _id: { $in: [...ids] } }).toArray(),

    /** Receipts of these texts that nobody has applied. Index: carrierRef. */
    findOpenByRefs: (refs: readonly string[]) =>
      events.find({ carrierRef: { $in: [...refs] }, state: { $in: ['new', 'unmatched'] } }).toArray(),

    /** What the sweep has to take up now, the longest due first. Index: dueAt. */
    findDue: (now: Date, limit: number) =>
      events
        .find({ dueAt: { $lte: now } })
        .sort({ dueAt: 1 })
        .limit(limit)
        .toArray(),

    /** These have been worked on. */
    async finish(ids: readonly string[]): Promise<void> {
      if (ids.length === 0) return;
      await events.updateMany({ _id: { $in: [...ids] } }, { $set: { state: 'done' }, $unset: { dueAt: '' } });
    },

    /**
     * These belong to nothing that is known (yet). Each is due again when it is twice as old as it is now, so that many that nobody will
     * ever know cost little; when that is over, it stays for people to look at.
     * @param hope how long something is waited for, `patience` how long at least between two looks, in milliseconds
     */
    async postpone(
      unmatched: readonly Pick<CarrierEventDocument, '_id' | 'receivedAt'>[],
      now: Date,
      patience: number,
      hope: number,
    ): Promise<void> {
      if (unmatched.length === 0) return;
      // Not as one pipeline update: not every server that speaks MongoDB's protocol reckons with dates.
      await events.bulkWrite(
        unmatched.map(({ _id, receivedAt }) => {
          const age = now.getTime() - receivedAt.getTime();
          const dueAt = new Date(now.getTime() + Math.max(patience, age));
          const update =
            age < hope
              ? { $set: { state: 'unmatched', dueAt } as const }
              : { $set: { state: 'unmatched' } as const, $unset: { dueAt: '' } as const };
          return { updateOne: { filter: { _id, state: { $ne: 'done' } }, update } };
        }),
        { ordered: false },
      );
    },
  };
}
