import type { Collection } from 'mongodb';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';
import type { Sealed } from './vault.ts';

/** Something a carrier told us, stored before it is acknowledged (invariant 3), unique by carrier and event id. */
export interface CarrierEventDocument {
  /** `carrier/eventId`. */
  readonly _id: string;
  readonly carrier: string;
  readonly type: 'receipt' | 'inbound' | 'order';
  readonly receivedAt: Date;
  /** `new`: not worked on yet; `unmatched`: a receipt whose text is not known (yet); `done`. */
  readonly state: 'new' | 'unmatched' | 'done';
  /** `carrier/carrierMessageId` of a receipt. */
  readonly carrierRef?: string;
  /** The event (carriers/carrier.ts, `CarrierEvent`) as JSON. */
  readonly event: Sealed;
  /** When it is forgotten (TTL). */
  readonly forgetAt: Date;
}

export type CarrierEventStore = ReturnType<typeof carrierEventStore>;

export function carrierEventStore(database: Database) {
  const events: Collection<CarrierEventDocument> = database.collection('carrierEvents');
  return {
    ensureIndexes: () =>
      ensureIndexes(events, [
        { key: { state: 1, receivedAt: 1 } },
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

    /** What has been in this state since `before`, oldest first. Index: state, receivedAt. */
    findOpen: (state: 'new' | 'unmatched', after: Date, before: Date, limit: number) =>
      events
        .find({ state, receivedAt: { $gte: after, $lt: before } })
        .sort({ receivedAt: 1 })
        .limit(limit)
        .toArray(),

    mark: async (ids: readonly string[], state: 'unmatched' | 'done'): Promise<void> => {
      if (ids.length > 0)
        await events.updateMany({ _id: { $in: [...ids] }, state: { $ne: 'done' } }, { $set: { state } });
    },
  };
}
