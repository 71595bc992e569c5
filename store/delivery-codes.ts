import type { Collection } from 'mongodb';
import type { Vocabulary } from '../domain/delivery-codes.ts';
import { type Ruling, type Rulings, rulingId } from '../domain/delivery-rulings.ts';
import { type Database, ensureIndexes } from './database.ts';

/** A code that no table has, as a carrier gave it. How often is not counted here but derived (store/delivery-metrics.ts). */
export interface UnknownCodeDocument {
  /** As `rulingId`: carrier, vocabulary, code. */
  readonly _id: string;
  readonly vocabulary: Vocabulary;
  readonly code: string;
  readonly carrier: string;
  readonly firstSeenAt: Date;
  /** To the minute or so. */
  readonly lastSeenAt: Date;
}

/** What an operator has said of a code, and when. */
export interface RulingDocument extends Ruling {
  readonly _id: string;
  readonly at: Date;
}

export type SeenCode = Pick<UnknownCodeDocument, 'vocabulary' | 'code' | 'carrier'>;

export type DeliveryCodeStore = ReturnType<typeof deliveryCodeStore>;

/** What every process knows of the operator's words may be so old; a new one is obeyed by then. */
const rulingsServeMs = 5_000;
/** A code that is seen all the time is noted as often as this. */
const noteEveryMs = 60_000;
/** Codes of one process that are remembered as noted; carriers have some hundreds. */
const mostRemembered = 10_000;

/** Delivery codes beyond the tables: the unknown ones that carriers gave, and what operators have said of codes. */
export function deliveryCodeStore(database: Database) {
  const unknown: Collection<UnknownCodeDocument> = database.collection('unknownCodes');
  const rulings: Collection<RulingDocument> = database.collection('codeRulings');
  const notedAt = new Map<string, number>();
  let known: { readonly at: number; readonly rulings: Promise<Rulings> } | undefined;

  async function load(): Promise<Rulings> {
    const found = await rulings.find().toArray();
    return new Map(found.map(({ _id, ...ruling }) => [_id, ruling]));
  }

  return {
    ensureIndexes: () => ensureIndexes(unknown, [{ key: { lastSeenAt: -1, _id: -1 } }]),

    /** What operators have said of codes; read again after some seconds. There are few: all are read. */
    rulings(): Promise<Rulings> {
      const now = performance.now();
      if (known && now - known.at < rulingsServeMs) return known.rulings;
      const loading = load();
      known = { at: now, rulings: loading };
      // A failure is told to who asked, and the next one asks anew.
      loading.catch(() => {
        if (known?.rulings === loading) known = undefined;
      });
      return loading;
    },

    async saveRuling(ruling: Ruling, at: Date): Promise<RulingDocument> {
      const document = { _id: rulingId(ruling), ...ruling, at };
      await rulings.replaceOne({ _id: document._id }, document, { upsert: true });
      known = undefined;
      return document;
    },

    /** @returns false when there was none */
    async removeRuling(id: string): Promise<boolean> {
      const { deletedCount } = await rulings.deleteOne({ _id: id });
      known = undefined;
      return deletedCount === 1;
    },

    /** Notes codes that no table has, in one write; none when they were noted a moment ago. */
    async noteUnknown(codes: readonly SeenCode[], now: Date): Promise<void> {
      const fresh = new Map(codes.map((seen) => [rulingId(seen), seen]));
      for (const id of fresh.keys()) {
        if (now.getTime() - (notedAt.get(id) ?? Number.NEGATIVE_INFINITY) < noteEveryMs) fresh.delete(id);
      }
      if (fresh.size === 0) return;
      const sorted = [...fresh].sort(([a], [b]) => (a < b ? -1 : 1));
      await unknown.bulkWrite(
        sorted.map(([id, seen]) => ({
          updateOne: {
            filter: { _id: id },
            update: { $setOnInsert: { ...seen, firstSeenAt: now }, $max: { lastSeenAt: now } },
            upsert: true,
          },
        })),
        { ordered: false },
      );
      if (notedAt.size > mostRemembered) notedAt.clear();
      for (const id of fresh.keys()) notedAt.set(id, now.getTime());
    },

    /** Unknown codes, the latest first. Index: lastSeenAt. */
    listUnknown: (limit: number): Promise<UnknownCodeDocument[]> =>
      unknown.find().sort({ lastSeenAt: -1, _id: -1 }).limit(limit).toArray(),
  };
}
