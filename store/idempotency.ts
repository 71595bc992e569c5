import type { Collection } from 'mongodb';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';
import type { Sealed } from './vault.ts';

/** The first answer to a request with an Idempotency-Key, for all calls but POST /v1/messages, where the text is its own record. */
interface IdempotencyDocument {
  readonly _id: string;
  readonly requestHash: string;
  readonly startedAt: Date;
  readonly answer?: { readonly status: number; readonly body: Sealed };
  readonly forgetAt: Date;
}

/** An Idempotency-Key is remembered this long. */
const rememberMs = 7 * 24 * 3600_000;
/** A request that has not answered after this time was cut off; its effects are derived from its key, so it may run again. */
const abandonedMs = 60_000;

export type IdempotencyStore = ReturnType<typeof idempotencyStore>;

export function idempotencyStore(database: Database) {
  const records: Collection<IdempotencyDocument> = database.collection('idempotency');
  return {
    ensureIndexes: () => ensureIndexes(records, [{ key: { forgetAt: 1 }, expireAfterSeconds: 0 }]),

    /**
     * Begins a request.
     * @returns `run` when it is ours to do, the first answer when it was done, `different` when the key was used for another body,
     * `running` when the first one has not answered yet.
     */
    async begin(
      id: string,
      requestHash: string,
    ): Promise<'run' | 'different' | 'running' | { status: number; body: Sealed }> {
      const now = new Date();
      const record = { _id: id, requestHash, startedAt: now, forgetAt: new Date(now.getTime() + rememberMs) };
      try {
        await records.insertOne(record);
        return 'run';
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      const first = await records.findOne({ _id: id });
      if (!first) return 'running';
      if (first.requestHash !== requestHash) return 'different';
      if (first.answer) return first.answer;
      const takenOver = await records.updateOne(
        { _id: id, startedAt: { $eq: first.startedAt, $lt: new Date(now.getTime() - abandonedMs) } },
        { $set: { startedAt: now } },
      );
      return takenOver.matchedCount === 1 ? 'run' : 'running';
    },

    /** Keeps the answer. */
    finish: async (id: string, answer: { status: number; body: Sealed }): Promise<void> => {
      await records.updateOne({ _id: id }, { $set: { answer } });
    },

    /** Forgets a request that was turned down without effect, so that the key can be used for the corrected one. */
    abandon: async (id: string): Promise<void> => {
      await records.deleteOne({ _id: id, answer: { $exists: false } });
    },
  };
}
