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
  /** `carrier/carrierMessageId` of a receipt that was not applied when it came. */
  readonly carrierRef?: string;
  /** The event (carriers/carrier.ts, `CarrierEvent`) as JSON. */
  readonly event: Sealed;
  /**
   * Of a text without an id of the carrier's, until the carrier knows that we have it: what tells a repetition (intake/redeliveries.ts).
   */
  readonly unsettled?: {
    /** The process that has to answer, and since when. */
    readonly by: string;
    readonly since: Date;
    /** Under which the text came to that process last. */
    readonly eventId: string;
    /** HMAC of all that a repetition has in common with it. */
    readonly content: string;
    /** That process has died: until then an equal text is a repetition. */
    readonly leftUntil?: Date;
  };
  /** When it is forgotten (TTL); never, what timelines refer to. */
  readonly forgetAt?: Date;
}

type Unsettled = NonNullable<CarrierEventDocument['unsettled']>;

/** Few stand there at a time. */
const byUnsettled = { 'unsettled.content': 1 } as const;

export type CarrierEventStore = ReturnType<typeof carrierEventStore>;

export function carrierEventStore(database: Database) {
  const events: Collection<CarrierEventDocument> = database.collection('carrierEvents');
  return {
    ensureIndexes: () =>
      ensureIndexes(events, [
        // Of what is done, neither has an entry.
        { key: { dueAt: 1 }, sparse: true },
        { key: { carrierRef: 1 }, sparse: true },
        { key: byUnsettled, partialFilterExpression: { 'unsettled.content': { $exists: true } } },
        { key: { forgetAt: 1 }, expireAfterSeconds: 0 },
      ]),

    /** Stores what arrived, in one insert; what is stored already is left as it is. */
    async store(documents: readonly CarrierEventDocument[]): Promise<void> {
      if (documents.length === 0) return;
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

    /** What came with these contents and is not settled. Index: unsettled.content. */
    unsettled: (contents: readonly string[]) =>
      events
        .find({ 'unsettled.content': { $in: [...contents] } })
        .hint(byUnsettled)
        .toArray(),

    /** It came again, to another process. @returns false when that was not the first to say so */
    async takeOver(id: string, from: Unsettled, over: Unsettled): Promise<boolean> {
      const { by, eventId } = from;
      const { modifiedCount } = await events.updateOne(
        { _id: id, 'unsettled.by': by, 'unsettled.eventId': eventId },
        { $set: { unsettled: over } },
      );
      return modifiedCount === 1;
    },

    /** The carrier knows that we have these. */
    async settle(ids: readonly string[]): Promise<void> {
      await events.updateMany({ _id: { $in: [...ids] } }, { $unset: { unsettled: '' } });
    },

    /** These processes have died. Index: unsettled.content. */
    async leaveBehind(owners: readonly string[], until: Date): Promise<void> {
      const left = await events
        .find({ 'unsettled.content': { $gt: '' }, 'unsettled.by': { $in: [...owners] } })
        .hint(byUnsettled)
        .project<{ _id: string }>({ _id: 1 })
        .toArray();
      if (left.length === 0) return;
      await events.updateMany(
        { _id: { $in: left.map(({ _id }) => _id) }, 'unsettled.by': { $in: [...owners] } },
        { $set: { 'unsettled.leftUntil': until } },
      );
    },

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
