import type { Collection } from 'mongodb';
import type { LineRun } from '../domain/batch-line.ts';
import type { BatchState, BatchStatus } from '../domain/lifecycle/message-batch.ts';
import type { MessageKind, MessageStatus } from '../domain/message.ts';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';
import { newestFirst, type PageEnd } from './newest-first.ts';

/** What became of how many texts. */
export interface Tally {
  readonly status: MessageStatus;
  /** Our code of what stood against them, if anything did. */
  readonly code?: string;
  readonly texts: number;
  readonly segments: number;
}

/** How many lines an upload had, and what they were. */
export interface LineCount {
  /** Lines with something in them, the heading left out. */
  readonly lines: number;
  readonly accepted: number;
  readonly refused: number;
  /** Of the accepted ones. */
  readonly segments: number;
  /** The last one's number in the file. */
  readonly lastLine: number;
}

/** A bulk of texts. Its texts are in `messages`, under ids that derive from this one's (domain/batch-line.ts). */
export interface MessageBatchDocument extends LineCount {
  readonly _id: string;
  readonly createdAt: Date;
  readonly status: BatchStatus;
  /** Since when it has this status, RFC 3339 UTC. */
  readonly since: string;
  /** Of the workflow's projections; 0 until the first (invariant 1). */
  readonly counter: number;
  /** When something was last heard of it: of its upload, then of its process. */
  readonly changedAt: Date;
  /** Whoever uploads it now. */
  readonly uploadToken?: string;
  /** Tells the same upload, repeated, from another one; absent until the end of the upload. */
  readonly requestHash?: string;
  /** What became of all of its texts, once they are final. */
  readonly account?: readonly Tally[];
  readonly forgetAt: Date;
}

/** A line that was refused at the upload. Nothing that stands in it is repeated. */
export interface BatchLineProblem {
  readonly line: number;
  readonly code: string;
  readonly errors: readonly { readonly path?: string; readonly message: string }[];
}

interface ProblemDocument extends BatchLineProblem {
  /** `batch/line`. */
  readonly _id: string;
  readonly batchId: string;
  readonly forgetAt: Date;
}

/** Texts of a bulk that are given to one message workflow: of one kind, some hundreds. */
export interface BatchPart {
  /** `batch/n`, counted from 0. */
  readonly _id: string;
  readonly batchId: string;
  readonly n: number;
  readonly kind: MessageKind;
  readonly lines: readonly LineRun[];
  readonly texts: number;
  /** `stored` → `started`, its workflow has been → `through`, none of its texts waits for its first submission → `closed`, all are final. */
  readonly state: 'stored' | 'started' | 'through' | 'closed';
  readonly tally: readonly Tally[];
  readonly forgetAt: Date;
}

/** Records are kept 13 months (issue 6.11), what belongs to the texts as long as these. */
const keepMs = 396 * 24 * 3600_000;
const keepPartsMs = 30 * 24 * 3600_000;
/** An upload of which nothing has been heard for so long was cut off; it may begin anew. */
const abandonedMs = 30_000;
/** More lines that were refused are counted and not told. */
export const mostProblems = 10_000;

export type MessageBatchStore = ReturnType<typeof messageBatchStore>;

export function messageBatchStore(database: Database) {
  const batches: Collection<MessageBatchDocument> = database.collection('messageBatches');
  const parts: Collection<BatchPart> = database.collection('messageBatchParts');
  const problems: Collection<ProblemDocument> = database.collection('messageBatchProblems');
  const forget = { key: { forgetAt: 1 }, expireAfterSeconds: 0 } as const;
  const none: LineCount = { lines: 0, accepted: 0, refused: 0, segments: 0, lastLine: 0 };

  return {
    ensureIndexes: async () => {
      await ensureIndexes(batches, [{ key: { createdAt: -1, _id: -1 } }, { key: { status: 1, changedAt: 1 } }, forget]);
      await ensureIndexes(parts, [{ key: { batchId: 1, n: 1 } }, { key: { batchId: 1, state: 1, n: 1 } }, forget]);
      await ensureIndexes(problems, [{ key: { batchId: 1, line: 1 } }, forget]);
    },

    /**
     * Begins an upload.
     * @returns `begun` when it is ours, `again` when there may be lines of an earlier one that was cut off, `running` when another one is
     * under way, else the bulk, whose upload has come to its end
     */
    async begin(id: string, token: string, now: Date): Promise<'begun' | 'again' | 'running' | MessageBatchDocument> {
      const fresh = { status: 'uploading', changedAt: now, uploadToken: token } as const;
      const forgetAt = new Date(now.getTime() + keepMs);
      try {
        const since = now.toISOString();
        await batches.insertOne({ _id: id, createdAt: now, since, counter: 0, ...none, ...fresh, forgetAt });
        return 'begun';
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      const known = await batches.findOne({ _id: id });
      if (!known) return 'running';
      if (known.status !== 'uploading' && known.status !== 'expired') return known;
      if (known.status === 'uploading' && known.changedAt.getTime() > now.getTime() - abandonedMs) return 'running';
      const { status, changedAt } = known;
      const taken = await batches.updateOne(
        { _id: id, status, changedAt },
        { $set: { ...fresh, since: now.toISOString() } },
      );
      return taken.matchedCount === 1 ? 'again' : 'running';
    },

    /** The upload goes on. @returns false when somebody else has taken it over. */
    async touch(id: string, token: string, now: Date): Promise<boolean> {
      const touched = await batches.updateOne({ _id: id, uploadToken: token }, { $set: { changedAt: now } });
      return touched.matchedCount === 1;
    },

    /** The upload has come to its end: from now on the texts are sent. @returns false when somebody else has taken it over. */
    async finishUpload(id: string, token: string, requestHash: string, count: LineCount, now: Date): Promise<boolean> {
      const { matchedCount } = await batches.updateOne(
        { _id: id, uploadToken: token, status: 'uploading' },
        {
          $set: { ...count, requestHash, status: 'sending', since: now.toISOString(), changedAt: now },
          $unset: { uploadToken: '' },
        },
      );
      return matchedCount === 1;
    },

    /** The upload broke off: whoever repeats it needs not wait. */
    leaveUpload: async (id: string, token: string): Promise<void> => {
      await batches.updateOne({ _id: id, uploadToken: token }, { $set: { changedAt: new Date(0) } });
    },

    /** The upload was turned down: as if it had never begun. What belongs to it is removed before. */
    dropUpload: async (id: string, token: string): Promise<void> => {
      await batches.deleteOne({ _id: id, uploadToken: token });
    },

    /** Removes parts and problems of an upload that does not count. Its texts are removed before. */
    async clear(id: string): Promise<void> {
      await problems.deleteMany({ batchId: id });
      await parts.deleteMany({ batchId: id });
    },

    /** An upload that never came to its end is given up. What belongs to it is removed afterwards. @returns false when it goes on after all. */
    async expireUpload(id: string, changedAt: Date, now: Date): Promise<boolean> {
      const { matchedCount } = await batches.updateOne(
        { _id: id, status: 'uploading', changedAt },
        { $set: { status: 'expired', since: now.toISOString() }, $unset: { uploadToken: '' } },
      );
      return matchedCount === 1;
    },

    find: (id: string) => batches.findOne({ _id: id }),

    /** Index: createdAt. */
    list: (limit: number, before: PageEnd | undefined): Promise<MessageBatchDocument[]> =>
      newestFirst(batches, {}, 'createdAt', before, limit),

    /** In this status, without a process, and nothing heard of it since. Index: status, changedAt. */
    quietSince: (status: BatchStatus, before: Date, limit: number): Promise<MessageBatchDocument[]> =>
      batches
        .find({ status, changedAt: { $lt: before }, counter: 0 })
        .sort({ changedAt: 1 })
        .limit(limit)
        .toArray(),

    /** Writes where it stands; an older projection never overwrites a newer one (invariant 1). */
    project: async (id: string, counter: number, state: BatchState, account?: readonly Tally[]): Promise<void> => {
      await batches.updateOne(
        { _id: id, counter: { $lt: counter } },
        { $set: { ...state, counter, changedAt: new Date(), ...(account && { account }) } },
      );
    },

    /** Keeps what is wrong with lines; those that were kept before stay. */
    async keepProblems(batchId: string, found: readonly BatchLineProblem[], now: Date): Promise<void> {
      if (found.length === 0) return;
      const forgetAt = new Date(now.getTime() + keepPartsMs);
      try {
        const documents = found.map((each) => ({ _id: `${batchId}/${each.line}`, batchId, ...each, forgetAt }));
        await problems.insertMany(documents, { ordered: false });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },

    /** In the order of the lines. Index: batchId, line. */
    problemsOf: (batchId: string, fromLine: number, limit: number): Promise<BatchLineProblem[]> =>
      problems
        .find({ batchId, line: { $gte: fromLine } })
        .sort({ line: 1 })
        .limit(limit)
        .toArray(),

    /** Stores a part, before its texts. @returns false when there is one of that number */
    async addPart(part: Pick<BatchPart, 'batchId' | 'n' | 'kind' | 'lines' | 'texts'>, now: Date): Promise<boolean> {
      const forgetAt = new Date(now.getTime() + keepPartsMs);
      try {
        await parts.insertOne({ _id: `${part.batchId}/${part.n}`, ...part, state: 'stored', tally: [], forgetAt });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    /** A part has moved on, and its texts were counted. */
    movePart: async (id: string, state: BatchPart['state'], tally?: readonly Tally[]): Promise<void> => {
      await parts.updateOne({ _id: id, state: { $ne: 'closed' } }, { $set: { state, ...(tally && { tally }) } });
    },

    /** Parts in a state, in their order. Index: batchId, state, n. */
    partsIn: (batchId: string, state: BatchPart['state'], limit: number): Promise<BatchPart[]> =>
      parts.find({ batchId, state }).sort({ n: 1 }).limit(limit).toArray(),

    /** All parts, in their order. Index: batchId, n. */
    parts: (batchId: string): AsyncIterable<BatchPart> => parts.find({ batchId }).sort({ n: 1 }),

    /** How many texts were given to workflows, and what became of them when they were last counted. Index: batchId, n. */
    async progress(batchId: string): Promise<{ started: number; tally: Tally[] }> {
      let started = 0;
      const sums = new Map<string, Tally>();
      for await (const { texts, state, tally } of parts.find({ batchId })) {
        if (state !== 'stored') started += texts;
        for (const each of tally) addTo(sums, each);
      }
      return { started, tally: [...sums.values()] };
    },
  };
}

function addTo(sums: Map<string, Tally>, tally: Tally): void {
  const key = `${tally.status}/${tally.code ?? ''}`;
  const sum = sums.get(key);
  sums.set(key, sum ? { ...sum, texts: sum.texts + tally.texts, segments: sum.segments + tally.segments } : tally);
}
