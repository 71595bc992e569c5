import type { Collection } from 'mongodb';
import { type SenderKind, type Suppression, suppressedForMs } from '../domain/suppression.ts';
import { type Database, ensureIndexes } from './database.ts';

/** A recipient whom a kind of sender can't reach: a text to it failed for good. */
export interface SuppressionDocument extends Suppression {
  /** `subjectKey/senderKind`: the newest failure counts. */
  readonly _id: string;
  /** numberKey of the recipient. */
  readonly subjectKey: string;
  /** The text that failed, our code and the carrier's own. */
  readonly messageId: string;
  readonly code: string;
  readonly carrierCode?: string;
}

/** A failure that suppresses. */
export type Unreachable = Omit<SuppressionDocument, '_id' | 'until'>;

export type SuppressionStore = ReturnType<typeof suppressionStore>;

/** Recipients who can't be reached. What clears one is looked up where it is stored (domain/suppression.ts), so nothing has to be deleted. */
export function suppressionStore(database: Database) {
  const suppressions: Collection<SuppressionDocument> = database.collection('suppressions');
  return {
    ensureIndexes: () =>
      ensureIndexes(suppressions, [{ key: { subjectKey: 1 } }, { key: { until: 1 }, expireAfterSeconds: 0 }]),

    /** In one write; a repetition changes nothing. */
    async save(failures: readonly Unreachable[]): Promise<void> {
      if (failures.length === 0) return;
      const byId = new Map(failures.map((failure) => [suppressionId(failure.subjectKey, failure.senderKind), failure]));
      await suppressions.bulkWrite(
        [...byId]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([_id, failure]) => ({
            replaceOne: {
              filter: { _id },
              replacement: { ...failure, until: new Date(failure.since.getTime() + suppressedForMs) },
              upsert: true,
            },
          })),
        { ordered: false },
      );
    },

    /** Index: subjectKey. */
    ofSubjects: (subjectKeys: readonly string[]): Promise<SuppressionDocument[]> =>
      suppressions.find({ subjectKey: { $in: [...new Set(subjectKeys)] } }).toArray(),

    /** Takes one back, or all of a recipient's. Index: `_id` or subjectKey. @returns how many there were */
    async remove(subjectKey: string, senderKind?: SenderKind): Promise<number> {
      const filter = senderKind ? { _id: suppressionId(subjectKey, senderKind) } : { subjectKey };
      return (await suppressions.deleteMany(filter)).deletedCount;
    },
  };
}

function suppressionId(subjectKey: string, senderKind: SenderKind): string {
  return `${subjectKey}/${senderKind}`;
}
