import type { Collection } from 'mongodb';
import type { PriceList, PriceRow } from '../domain/route-choice/price-book.ts';
import { type Database, ensureIndexes } from './database.ts';

/** A price list as it was imported, without its rows: never changed, but for when it ends, and never removed. */
export interface PriceListDocument extends Omit<PriceList, 'rows'> {
  readonly _id: string;
  readonly rowCount: number;
  /** Of the file. */
  readonly sha256: string;
  /** From then on it has taken the place of the carrier's earlier lists; absent: it amends them. */
  readonly replacesFrom?: Date;
  /** Somebody has taken it back: from then on it holds nowhere and binds nothing. */
  readonly withdrawnAt?: Date;
}

/** 100,000 rows are some 8 MB; a document has room for 16. */
interface PriceRowsDocument {
  /** Of the list. */
  readonly _id: string;
  readonly rows: readonly PriceRow[];
}

/** What carriers charge. The rows are apart: whoever looks whether anything has changed reads none. */
export function priceListStore(database: Database) {
  const lists: Collection<PriceListDocument> = database.collection('priceLists');
  const rows: Collection<PriceRowsDocument> = database.collection('priceRows');

  return {
    ensureIndexes: () => ensureIndexes(lists, [{ key: { carrier: 1, importedAt: -1 } }, { key: { importedAt: 1 } }]),

    /** Keeps a list, and ends those whose place it takes. */
    async add(list: PriceListDocument, ofList: readonly PriceRow[]): Promise<void> {
      const { replacesFrom } = list;
      await database.transaction(async (session) => {
        if (replacesFrom) {
          const { carrier, importedAt } = list;
          const earlier = { carrier, importedAt: { $lt: importedAt }, withdrawnAt: { $exists: false } };
          await lists.updateMany(earlier, { $min: { until: replacesFrom } }, { session });
        }
        await rows.insertOne({ _id: list._id, rows: ofList }, { session });
        await lists.insertOne(list, { session });
      });
    },

    /**
     * Takes a list back: what it had ended holds again, as far as no other list has taken its place.
     * @returns the list as it then is, with the moment at which it was first taken back; undefined when there is none
     */
    async withdraw(id: string, at: Date): Promise<PriceListDocument | undefined> {
      let withdrawn: PriceListDocument | undefined;
      await database.transaction(async (session) => {
        withdrawn = undefined;
        const list = await lists.findOne({ _id: id }, { session });
        if (!list) return;
        withdrawn = { ...list, withdrawnAt: list.withdrawnAt ?? at };
        if (list.withdrawnAt) return;
        await lists.updateOne({ _id: id }, { $set: { withdrawnAt: at } }, { session });
        const { carrier, replacesFrom } = list;
        if (!replacesFrom) return;
        const others = (await lists.find({ carrier }, { session }).toArray()).filter((each) => each._id !== id);
        for (const ended of others.filter((each) => each.until?.getTime() === replacesFrom.getTime())) {
          const ends = others.flatMap((each) =>
            each.replacesFrom && !each.withdrawnAt && each.importedAt > ended.importedAt
              ? each.replacesFrom.getTime()
              : [],
          );
          const change =
            ends.length > 0 ? { $set: { until: new Date(Math.min(...ends)) } } : { $unset: { until: '' as const } };
          await lists.updateOne({ _id: ended._id }, change, { session });
        }
      });
      return withdrawn;
    },

    /** Lists of a carrier, those that were taken back among them, the newest first. Index: carrier, importedAt. */
    ofCarrier: (carrier: string) => lists.find({ carrier }).sort({ importedAt: -1 }).toArray(),

    /** All lists that were imported by then and not taken back: a few. Index: importedAt. */
    importedBy: (moment: Date) =>
      lists.find({ importedAt: { $lte: moment }, withdrawnAt: { $exists: false } }).toArray(),

    async rowsOf(listIds: readonly string[]): Promise<Map<string, readonly PriceRow[]>> {
      const found = await rows.find({ _id: { $in: [...listIds] } }).toArray();
      return new Map(found.map((each) => [each._id, each.rows]));
    },
  };
}
