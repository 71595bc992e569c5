import { type Collection, type Document, type IndexDescription, MongoClient } from 'mongodb';

/** An open connection to MongoDB, with the guarantees that the product needs on every write. */
export interface Database {
  collection<T extends Document>(name: string): Collection<T>;
  /**
   * Runs `work` in one transaction: one sync for many updates. It may run more than once, so nothing but the store may change in it.
   */
  transaction<T>(work: (session: import('mongodb').ClientSession) => Promise<T>): Promise<T>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects to MongoDB.
 * @param uri a replica set (transactions need one); of one member is enough.
 * @throws MongoServerSelectionError when nothing answers within 10 s.
 */
export async function openDatabase(uri: string, name: string): Promise<Database> {
  const client = new MongoClient(uri, {
    // Acknowledged means: on disk at the majority (invariant 3).
    writeConcern: { w: 'majority', journal: true },
    retryWrites: true,
    serverSelectionTimeoutMS: 10_000,
    waitQueueTimeoutMS: 20_000,
    maxPoolSize: 40,
  });
  await client.connect();
  const db = client.db(name);
  return {
    collection: (collection) => db.collection(collection),
    transaction: (work) => client.withSession((session) => session.withTransaction(() => work(session))),
    ping: async () => {
      await db.command({ ping: 1, maxTimeMS: 2000 });
    },
    close: () => client.close(),
  };
}

/** Creates the indexes of one collection; harmless when they exist. */
export async function ensureIndexes<T extends Document>(
  collection: Collection<T>,
  indexes: readonly IndexDescription[],
): Promise<void> {
  if (indexes.length > 0) await collection.createIndexes([...indexes]);
}

/** True for a unique-index violation. Its message holds the value: never log it. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 11000;
}
