import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Binary, type Collection } from 'mongodb';
import { type Database, ensureIndexes } from './database.ts';
import type { Vault } from './vault.ts';

/** What is known of a closed run of a workflow, without its history. */
export interface ClosedRun {
  readonly workflowId: string;
  readonly runId: string;
  /** Name of the workflow function. */
  readonly type: string;
  /** The port that it belongs to, else the workflow's own id. */
  readonly subject: string;
  /** Temporal's name of how it ended, e.g. `COMPLETED`, `CONTINUED_AS_NEW`. */
  readonly status: string;
  readonly startedAt: Date;
  readonly closedAt: Date;
}

/** A run whose history is kept after the engine has forgotten it (invariant 2). Histories hold ids and states only (invariant 9). */
export interface ArchivedRunDocument extends ClosedRun {
  /** The run's id. */
  readonly _id: string;
  readonly events: number;
  /** In how many documents the compressed history stands. */
  readonly parts: number;
  /** Of the compressed history. */
  readonly bytes: number;
  /** Of the history, uncompressed; hex. */
  readonly sha256: string;
  /** HMAC of run, subject and hash: who changes a history needs the secret, too. */
  readonly mac: string;
  readonly archivedAt: Date;
}

interface ArchivedPartDocument {
  /** `run/0`, `run/1`, … */
  readonly _id: string;
  readonly data: Binary;
}

interface PassDocument {
  readonly _id: string;
  readonly closedUntil: Date;
}

/** A document takes 16 MB; a history can be larger. */
const partBytes = 15 * 1024 * 1024;

export type ArchivedRunStore = ReturnType<typeof archivedRunStore>;

/** @param mostBytes of a part; less in tests */
export function archivedRunStore(database: Database, vault: Vault, mostBytes = partBytes) {
  const runs: Collection<ArchivedRunDocument> = database.collection('archivedRuns');
  const parts: Collection<ArchivedPartDocument> = database.collection('archivedRunParts');
  const passes: Collection<PassDocument> = database.collection('archivePasses');
  const macOf = ({ runId, subject }: ClosedRun, sha256: string) =>
    vault.fingerprint('archived-run', runId, subject, sha256);

  return {
    ensureIndexes: () => ensureIndexes(runs, [{ key: { subject: 1, startedAt: 1 } }]),

    /** Until when closed runs have been looked for. */
    closedUntil: async (): Promise<Date | undefined> => (await passes.findOne({ _id: 'closed-runs' }))?.closedUntil,

    savePass: async (closedUntil: Date): Promise<void> => {
      await passes.updateOne({ _id: 'closed-runs' }, { $max: { closedUntil } }, { upsert: true });
    },

    /** Which of these runs are archived. */
    async known(runIds: readonly string[]): Promise<Set<string>> {
      const found = await runs
        .find({ _id: { $in: [...runIds] } })
        .project<{ _id: string }>({ _id: 1 })
        .toArray();
      return new Set(found.map(({ _id }) => _id));
    },

    /**
     * Keeps a run: its history first, then what says that it is there. Doing it again changes nothing.
     * @param history as protobuf (temporal.api.history.v1.History)
     */
    async save(run: ClosedRun, history: Uint8Array, events: number): Promise<void> {
      const sha256 = createHash('sha256').update(history).digest('hex');
      const packed = gzipSync(history);
      const count = Math.max(1, Math.ceil(packed.length / mostBytes));
      for (let index = 0; index < count; index++) {
        const data = new Binary(packed.subarray(index * mostBytes, (index + 1) * mostBytes));
        await parts.replaceOne({ _id: `${run.runId}/${index}` }, { data }, { upsert: true });
      }
      const kept = {
        events,
        parts: count,
        bytes: packed.length,
        sha256,
        mac: macOf(run, sha256),
        archivedAt: new Date(),
      };
      await runs.updateOne({ _id: run.runId }, { $setOnInsert: { ...run, ...kept } }, { upsert: true });
    },

    find: (runId: string) => runs.findOne({ _id: runId }),

    /** All runs of a port, in the order in which they began. Index: subject, startedAt. */
    ofSubject: (subject: string) => runs.find({ subject }).sort({ startedAt: 1 }).toArray(),

    /**
     * The history of an archived run, as it was kept.
     * @throws Error when something is missing or was changed
     */
    async history(run: ArchivedRunDocument): Promise<Buffer> {
      const pieces: Uint8Array[] = [];
      for (let index = 0; index < run.parts; index++) {
        const part = await parts.findOne({ _id: `${run._id}/${index}` });
        if (!part) throw new Error(`Part ${index + 1} of ${run.parts} of the history of run ${run._id} is missing.`);
        pieces.push(part.data.value() as Uint8Array);
      }
      const history = unpacked(Buffer.concat(pieces));
      const sha256 = history && createHash('sha256').update(history).digest('hex');
      if (!history || sha256 !== run.sha256 || macOf(run, sha256) !== run.mac) {
        throw new Error(`The history of run ${run._id} is not the one that was archived: take it from a backup.`);
      }
      return history;
    },
  };
}

function unpacked(packed: Buffer): Buffer | undefined {
  try {
    return gunzipSync(packed);
  } catch {
    return undefined;
  }
}
