import type { Collection } from 'mongodb';
import type { Database } from './database.ts';

interface CarrierSyncDocument {
  readonly _id: string;
  readonly listedUntil: Date;
}

export type CarrierSyncStore = ReturnType<typeof carrierSyncStore>;

/** Until when a carrier's orders have been listed, so that the next pass asks for what changed since. */
export function carrierSyncStore(database: Database) {
  const syncs: Collection<CarrierSyncDocument> = database.collection('carrierSyncs');
  return {
    listedUntil: async (carrier: string): Promise<Date | undefined> =>
      (await syncs.findOne({ _id: carrier }))?.listedUntil,
    save: async (carrier: string, listedUntil: Date): Promise<void> => {
      await syncs.updateOne({ _id: carrier }, { $max: { listedUntil } }, { upsert: true });
    },
  };
}
