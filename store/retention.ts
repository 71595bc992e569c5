import type { Collection, Document, Filter } from 'mongodb';
import type { ConsentRecord } from './consents.ts';
import { type Database, ensureIndexes } from './database.ts';
import type { InboundTextDocument } from './inbound-texts.ts';
import type { MessageDocument } from './messages.ts';
import type { NumberDocument } from './numbers.ts';
import { forgottenValue } from './vault.ts';

/** Called after each portion: shows that the pass is alive. */
type Beat = () => void;

/** Up to when the words of a kind of texts have been forgotten. */
interface WordsPass {
  readonly _id: 'messages' | 'inboundTexts';
  readonly until: Date;
}

/** One transaction, one sync. */
const portion = 500;
const hourMs = 3600_000;
/** A first pass begins so long before: what is older is forgotten as a whole record. */
const firstPassMs = 400 * 24 * hourMs;

export type RetentionStore = ReturnType<typeof retentionStore>;

/**
 * What forgets by schedule: where a field is to go and the record stays, or where a TTL index would cost each insert another index.
 * Each query is a range of an index that is there anyway; what is changed is named by ids, in transactions, as by everybody else.
 * Cut off anywhere, the next pass goes on.
 */
export function retentionStore(database: Database) {
  const messages: Collection<MessageDocument> = database.collection('messages');
  const inboundTexts: Collection<InboundTextDocument> = database.collection('inboundTexts');
  const numbers: Collection<NumberDocument> = database.collection('numbers');
  const consents: Collection<ConsentRecord> = database.collection('consents');
  const consentHeads = database.collection<{ _id: string; changedAt: Date }>('consentHeads');
  const passes: Collection<WordsPass> = database.collection('retentionPasses');

  const texts = {
    messages: { collection: messages as unknown as Collection<Document & { _id: string }>, time: 'acceptedAt' },
    inboundTexts: { collection: inboundTexts as unknown as Collection<Document & { _id: string }>, time: 'receivedAt' },
  };
  type Texts = keyof typeof texts;

  /** The ids of what fits, as they are found. */
  async function* idsOf<T extends { _id: string }>(
    collection: Collection<T>,
    filter: Filter<T>,
  ): AsyncIterable<string[]> {
    let ids: string[] = [];
    for await (const { _id } of collection.find(filter).project<{ _id: string }>({ _id: 1 }).batchSize(portion)) {
      ids.push(_id);
      if (ids.length < portion) continue;
      yield ids;
      ids = [];
    }
    if (ids.length > 0) yield ids;
  }

  return {
    ensureIndexes: () => ensureIndexes(consentHeads, [{ key: { changedAt: 1 } }]),

    /** Takes words and metadata out of texts of before; the record stays. Index: the time. @returns of how many */
    async forgetWords(of: Texts, before: Date, beat: Beat): Promise<number> {
      const { collection, time } = texts[of];
      const set = { $set: { text: forgottenValue }, $unset: { metadata: '' as const } };
      let from = (await passes.findOne({ _id: of }))?.until ?? new Date(before.getTime() - firstPassMs);
      let count = 0;
      // In slices of time, so that one that was cut off is all that is done again; empty ones grow.
      for (let step = hourMs; from < before; ) {
        const end = new Date(Math.min(from.getTime() + step, before.getTime()));
        const counted = count;
        for await (const ids of idsOf(collection, { [time]: { $gte: from, $lt: end } })) {
          await database.transaction((session) => collection.updateMany({ _id: { $in: ids } }, set, { session }));
          count += ids.length;
          beat();
        }
        await passes.updateOne({ _id: of }, { $set: { until: end } }, { upsert: true });
        step = count === counted ? step * 2 : hourMs;
        from = end;
      }
      return count;
    },

    /** Deletes records of texts of before. Index: the time. @returns how many */
    async forgetRecords(of: Texts, before: Date, beat: Beat): Promise<number> {
      const { collection, time } = texts[of];
      let count = 0;
      for await (const ids of idsOf(collection, { [time]: { $lt: before } })) {
        await database.transaction((session) => collection.deleteMany({ _id: { $in: ids } }, { session }));
        count += ids.length;
        beat();
      }
      return count;
    },

    /** Deletes what was learnt of numbers that are none of ours and were not looked up since. Index: own, lookUp.at. @returns how many */
    async forgetLookUps(before: Date, beat: Beat): Promise<number> {
      const filters: Filter<NumberDocument>[] = [
        { own: false, 'lookUp.at': { $lt: before } },
        // Numbers that the database did not know when it was asked; null finds what is not there, and by the index.
        { own: false, 'lookUp.at': null as unknown as Date, askedAt: { $lt: before } },
      ];
      let count = 0;
      for (const old of filters) {
        for await (const ids of idsOf(numbers, old)) {
          const result = await database.transaction((session) =>
            numbers.deleteMany({ _id: { $in: ids }, ...old }, { session }),
          );
          count += result.deletedCount;
          beat();
        }
      }
      return count;
    },

    /**
     * Deletes ledgers of people, each as a whole: part of a chain proves nothing.
     * @param before only those that nothing was added to since; index: changedAt
     * @param isOver whether all of a ledger's events may be forgotten
     * @returns how many ledgers
     */
    async forgetLedgers(
      before: Date,
      isOver: (events: readonly ConsentRecord[]) => boolean,
      beat: Beat,
    ): Promise<number> {
      let count = 0;
      const old = { changedAt: { $lt: before } };
      for await (const subjectKeys of idsOf(consentHeads, old)) {
        for (const subjectKey of subjectKeys) {
          if (!isOver(await consents.find({ chain: subjectKey }).toArray())) continue;
          count += await database.transaction(async (session) => {
            // What was added to meanwhile stays: its head has changed.
            const { deletedCount } = await consentHeads.deleteOne({ _id: subjectKey, ...old }, { session });
            if (deletedCount === 1) await consents.deleteMany({ chain: subjectKey }, { session });
            return deletedCount;
          });
        }
        beat();
      }
      return count;
    },
  };
}
