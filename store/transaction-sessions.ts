import type { Binary, ClientSession, Collection, Db, MongoClient } from 'mongodb';
import { ensureIndexes } from './database.ts';
import { hasEnded, processMark } from './process-mark.ts';

/** A session under which a process makes transactions; no personal data. */
interface TransactionSession {
  readonly _id: Binary;
  readonly owner: string;
  /** By which others on the same machine see that the owner has ended (process-mark.ts). */
  readonly mark?: string;
}

export type TransactionSessions = ReturnType<typeof transactionSessions>;

/**
 * Under which sessions processes make their transactions, so that others can end them when one has died. What a killed process has changed in a
 * transaction that it did not commit can be changed by nobody else until the database gives that up by itself: after 60 s, if not told otherwise
 * (mongod: `transactionLifetimeLimitSeconds`).
 *
 * Sessions are used again and again: after a process's first transactions nothing more is written here.
 * @param owner names this process to others that may find out that it has died; without, its sessions are not noted
 */
export function transactionSessions(client: MongoClient, db: Db, owner?: string) {
  const sessions: Collection<TransactionSession> = db.collection('transactionSessions');
  const noted = new Set<string>();
  const mark = processMark();

  async function kill(left: readonly TransactionSession[]): Promise<void> {
    // An empty list would mean every session of all.
    if (left.length === 0) return;
    const ids = left.map(({ _id }) => _id);
    await client.db('admin').command({ killSessions: ids.map((id) => ({ id })) });
    await sessions.deleteMany({ _id: { $in: ids } });
  }

  return {
    ensureIndexes: () => ensureIndexes(sessions, [{ key: { owner: 1 } }]),

    /** Before a transaction is begun. */
    async note({ id }: Pick<ClientSession, 'id'>): Promise<void> {
      const hex = id?.id.toString('hex');
      if (owner === undefined || !id || !hex || noted.has(hex)) return;
      await sessions.insertOne({ _id: id.id, owner, ...(mark && { mark }) });
      noted.add(hex);
    },

    /** Ends the transactions that dead processes have left open. One that lives after all makes its own once more. Index: owner. */
    async giveUp(owners: readonly string[]): Promise<void> {
      await kill(await sessions.find({ owner: { $in: [...owners] } }).toArray());
    },

    /** The same for whoever was killed on this machine: a process that is started in the place of one asks for it. */
    async giveUpEnded(): Promise<void> {
      const all = await sessions.find().toArray();
      await kill(all.filter((session) => hasEnded(session.mark)));
    },

    /** At the end of this process, which has no transactions then. Index: owner. */
    async forget(): Promise<void> {
      if (noted.size > 0) await sessions.deleteMany({ owner });
    },
  };
}
