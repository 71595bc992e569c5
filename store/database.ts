import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ClientSession,
  type Collection,
  type Document,
  type Filter,
  type IndexDescription,
  MongoClient,
  MongoServerError,
  type UpdateFilter,
} from 'mongodb';
import { type TransactionSessions, transactionSessions } from './transaction-sessions.ts';

/** An open connection to MongoDB, with the guarantees that the product needs on every write. */
export interface Database {
  collection<T extends Document>(name: string): Collection<T>;
  /**
   * Runs `work` in one transaction: one sync for many updates. It may run more than once, so nothing but the store may change in it.
   */
  transaction<T>(work: (session: ClientSession) => Promise<T>): Promise<T>;
  /** Runs a command as it is, within a transaction. @returns its reply */
  command(command: Document, session: ClientSession): Promise<Document>;
  /** Writes something tiny, to the disk: a server that still answers may write no more. One write serves all that ask within 2 s. */
  ping(): Promise<void>;
  readonly sessions: TransactionSessions;
  close(): Promise<void>;
}

/** Whoever asks often whether the database writes gets the same answer for so long. */
const pingServesMs = 2000;
/** One that hangs so long was perhaps lost without a word: another is begun. Not sooner, since each takes a connection. */
const pingGivenUpMs = 60_000;
/** A process ends also where the database does not answer. */
const forgetWithinMs = 1000;

/**
 * Connects to MongoDB.
 * @param uri a replica set (transactions need one); of one member is enough.
 * @param owner names this process, where others may find out that it has died: what it has open in transactions is then given up at once
 * @throws MongoServerSelectionError when nothing answers within 10 s.
 */
export async function openDatabase(uri: string, name: string, owner?: string): Promise<Database> {
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
  const sessions = transactionSessions(client, db, owner);
  if (owner !== undefined) await sessions.giveUpEnded();

  const pings = db.collection<{ _id: string; at: Date }>('pings');
  let begunAt = 0;
  let last: Promise<void> = Promise.resolve();
  let writing = false;
  function ping(): Promise<void> {
    if (Date.now() - begunAt < (writing ? pingGivenUpMs : pingServesMs)) return last;
    begunAt = Date.now();
    writing = true;
    last = pings
      .updateOne({ _id: 'ping' }, { $set: { at: new Date() } }, { upsert: true })
      .then(() => undefined)
      .finally(() => {
        writing = false;
      });
    return last;
  }

  return {
    collection: (collection) => db.collection(collection),
    transaction: (work) =>
      client.withSession(async (session) => {
        await sessions.note(session);
        return session.withTransaction(() => work(session));
      }),
    command: (command, session) => db.command(command, { session }),
    ping,
    sessions,
    async close() {
      // What is not forgotten here is given up once more by those who find this process gone.
      const forgotten = sessions.forget().catch(() => undefined);
      await Promise.race([forgotten, sleep(forgetWithinMs, undefined, { ref: false })]);
      await client.close();
    },
  };
}

/** Creates the indexes of one collection; harmless when they exist. */
export async function ensureIndexes<T extends Document>(
  collection: Collection<T>,
  indexes: readonly IndexDescription[],
): Promise<void> {
  if (indexes.length > 0) await collection.createIndexes([...indexes]);
}

/**
 * Updates single documents within a transaction, all in one command. The driver's bulk writes reckon up the size of every operation before they
 * serialise it, which costs more than all else that the driver does about it.
 * @param updates of any number that fits into 48 MB
 * @throws MongoServerError of the first that can't be made
 */
export async function updateEach<T extends Document>(
  database: Pick<Database, 'command'>,
  { collectionName }: Collection<T>,
  updates: readonly { readonly filter: Filter<T>; readonly update: UpdateFilter<T> }[],
  session: ClientSession,
): Promise<void> {
  const statements = updates.map(({ filter, update }) => ({ q: filter, u: update }));
  const { writeErrors } = await database.command({ update: collectionName, updates: statements }, session);
  if (writeErrors?.length > 0) throw new MongoServerError(writeErrors[0]);
}

/** True for a unique-index violation. Its message holds the value: never log it. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 11000;
}
