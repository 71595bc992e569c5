import type { Collection } from 'mongodb';
import type { PriceList, PriceRow } from '../domain/route-choice/price-book.ts';
import { type Database, ensureIndexes } from './database.ts';

/** A price list as it was imported, without its rows: never changed, but for when it ends. */
export interface PriceListDocument extends Omit<PriceList, 'rows'> {
  readonly _id: string;
  readonly rowCount: number;
  /** Of the file. */
  readonly sha256: string;
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

    /**
     * Keeps a list.
     * @param replacesFrom from then on earlier lists of the carrier hold no more; undefined: they hold for what this one doesn't name
     */
    async add(list: PriceListDocument, ofList: readonly PriceRow[], replacesFrom: Date | undefined): Promise<void> {
      await database.transaction(async (session) => {
        if (replacesFrom) {
          const earlier = { carrier: list.carrier, importedAt: { $lt: list.importedAt } };
          await lists.updateMany(earlier, { $min: { until: replacesFrom } }, { session });
        }
        await rows.insertOne({ _id: list._id, rows: ofList }, { session });
        await lists.insertOne(list, { session });
      });
    },

    /** Lists of a carrier, the newest first. Index: carrier, importedAt. */
    ofCarrier: (carrier: string) => lists.find({ carrier }).sort({ importedAt: -1 }).toArray(),

    /** All lists that were imported by then: a few, of which none is ever removed. Index: importedAt. */
    importedBy: (moment: Date) => lists.find({ importedAt: { $lte: moment } }).toArray(),

    async rowsOf(listIds: readonly string[]): Promise<Map<string, readonly PriceRow[]>> {
      const found = await rows.find({ _id: { $in: [...listIds] } }).toArray();
      return new Map(found.map((each) => [each._id, each.rows]));
    },
  };
}
