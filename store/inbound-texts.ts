import type { Collection } from 'mongodb';
import { type Arrival, copyWindowMs } from '../domain/inbound-copies.ts';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';
import { newestFirst, type PageEnd } from './newest-first.ts';
import type { Sealed } from './vault.ts';

/** A text that came in. Every copy is stored; `copyOf` names the one that was forwarded. */
export interface InboundTextDocument {
  /** Derived from carrier and event id (of its first part). */
  readonly _id: string;
  readonly carrier: string;
  readonly fromKey: string;
  readonly from: Sealed;
  readonly toKey: string;
  readonly to: Sealed;
  readonly text: Sealed;
  readonly receivedAt: Date;
  readonly copyOf?: string;
  /** Some parts had not come after ten minutes: what was there was released. */
  readonly incomplete?: boolean;
  /** What it asks of us (domain/keywords.ts), and in which language, where that is told. */
  readonly keyword?: 'opt-out' | 'opt-in' | 'help' | 'ambiguous';
  readonly keywordLanguage?: string;
  /** It is a probe of ours that has arrived: nobody wrote it, and it is forwarded to nobody. */
  readonly probe?: true;
}

/** One part of a longer text, kept until all have come. */
export interface InboundPartDocument {
  /** `carrier/eventId`. */
  readonly _id: string;
  /** HMAC of (from, to, reference, total): parts are put together across carriers. */
  readonly group: string;
  readonly carrier: string;
  readonly sequence: number;
  readonly total: number;
  readonly fromKey: string;
  readonly from: Sealed;
  readonly toKey: string;
  readonly to: Sealed;
  readonly text: Sealed;
  readonly receivedAt: Date;
  /** The text that it went into, or that it is a copy of a part of. */
  readonly textId?: string;
  readonly forgetAt: Date;
}

/** The right to forward: equal texts (HMAC of from, to, text) that came in lately, in the order in which they were entered. */
export interface ArrivalDocument {
  readonly _id: string;
  readonly arrivals: readonly Arrival[];
  readonly forgetAt: Date;
}

export type InboundTextStore = ReturnType<typeof inboundTextStore>;

export function inboundTextStore(database: Database) {
  const texts: Collection<InboundTextDocument> = database.collection('inboundTexts');
  const parts: Collection<InboundPartDocument> = database.collection('inboundParts');
  const arrivals: Collection<ArrivalDocument> = database.collection('inboundArrivals');
  return {
    ensureIndexes: async () => {
      await ensureIndexes(texts, [
        { key: { receivedAt: -1, _id: -1 } },
        { key: { fromKey: 1, receivedAt: -1 } },
        { key: { toKey: 1, receivedAt: -1 } },
      ]);
      await ensureIndexes(parts, [
        { key: { group: 1 } },
        { key: { fromKey: 1 } },
        { key: { textId: 1, receivedAt: 1 } },
        { key: { forgetAt: 1 }, expireAfterSeconds: 0 },
      ]);
      await ensureIndexes(arrivals, [{ key: { forgetAt: 1 }, expireAfterSeconds: 0 }]);
    },

    /** @returns false when it is stored already. */
    async insert(text: InboundTextDocument): Promise<boolean> {
      try {
        await texts.insertOne(text);
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    find: (id: string) => texts.findOne({ _id: id }),

    /** Without probes, newest first. Index: fromKey or toKey with receivedAt, else receivedAt. */
    list: (
      { fromKey, toKey, before }: { fromKey?: string; toKey?: string; before?: PageEnd },
      limit: number,
    ): Promise<InboundTextDocument[]> =>
      newestFirst(
        texts,
        { ...(fromKey && { fromKey }), ...(toKey && { toKey }) },
        'receivedAt',
        before,
        limit,
        (text) => text.probe === undefined,
      ),

    /** When each of these people wrote last, since a moment; without probes. Index: fromKey, receivedAt. */
    async latestFrom(fromKeys: readonly string[], since: Date): Promise<ReadonlyMap<string, Date>> {
      const rows = await texts
        .aggregate<{ _id: string; at: Date }>([
          { $match: { fromKey: { $in: [...fromKeys] }, receivedAt: { $gt: since }, probe: null } },
          { $group: { _id: '$fromKey', at: { $max: '$receivedAt' } } },
        ])
        .toArray();
      return new Map(rows.map(({ _id, at }) => [_id, at]));
    },

    /** Index: fromKey. */
    countFrom: (fromKey: string) => texts.countDocuments({ fromKey }),

    /** Forgets parts that wait for others. Index: fromKey. */
    forgetParts: async (fromKey: string): Promise<void> => {
      await parts.deleteMany({ fromKey });
    },

    /** What came in for a number in a time, without the texts themselves. Index: toKey, receivedAt. */
    arrivedBetween: (toKey: string, from: Date, until: Date) =>
      texts
        .find({ toKey, receivedAt: { $gte: from, $lte: until } })
        .project<Pick<InboundTextDocument, 'carrier' | 'copyOf' | 'probe'>>({ carrier: 1, copyOf: 1, probe: 1 }),

    /** Keeps a part and returns all of its group. Index: group. */
    async addPart(part: InboundPartDocument): Promise<InboundPartDocument[]> {
      try {
        await parts.insertOne(part);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      return parts.find({ group: part.group }).toArray();
    },

    /** Index: group. */
    partsOf: (group: string) => parts.find({ group }).toArray(),

    /** Parts that went into no text since before then. Index: textId, receivedAt. */
    staleParts: (before: Date, limit: number) =>
      parts
        // Null finds what is not there, and by the index, as `$exists` does not on every server.
        .find({ textId: null as unknown as string, receivedAt: { $lt: before } })
        .sort({ receivedAt: 1 })
        .limit(limit)
        .toArray(),

    /** Notes which text these parts went into. */
    useParts: async (ids: readonly string[], textId: string): Promise<void> => {
      await parts.updateMany({ _id: { $in: [...ids] } }, { $set: { textId } });
    },

    /**
     * Enters a text among the equal ones that arrived lately; the same text enters once, however often this is called.
     * @param key HMAC of from, to and text
     * @returns all arrivals so far, in order.
     */
    async arrive(key: string, text: Pick<Arrival, 'textId' | 'carrier'>): Promise<readonly Arrival[]> {
      const arrival: Arrival = { ...text, at: new Date() };
      const filter = { _id: key, 'arrivals.textId': { $ne: text.textId } };
      // Kept for a whole window after the last one, so that a copy still finds its text.
      const forgetAt = new Date(arrival.at.getTime() + copyWindowMs);
      const change = { $push: { arrivals: arrival }, $max: { forgetAt } };
      try {
        await arrivals.updateOne(filter, change, { upsert: true });
      } catch (error) {
        // Either this text has entered already, or another one's upsert was first: then enter beside it.
        if (!isDuplicateKey(error)) throw error;
        await arrivals.updateOne(filter, change);
      }
      const document = await arrivals.findOne({ _id: key });
      return document?.arrivals ?? [arrival];
    },
  };
}
