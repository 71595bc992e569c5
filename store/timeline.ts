import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection } from 'mongodb';
import { ChainCheck, type ChainFault, type ChainHead, type ChainLink, genesis, linked } from '../domain/hash-chain.ts';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';
import { gather } from './gathering.ts';
import type { Vault } from './vault.ts';

/** One step of a port (or of whatever has a timeline), for the audit: who, what, when, from which carrier event. No personal data. */
export interface TimelineEntry {
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly actor: 'portsms' | 'carrier' | 'caller';
  /** Who it was, by ids. */
  readonly by?: {
    /** `Caller.keyId` of an API key: says which one, not what it is. */
    readonly apiKeyId?: string;
    readonly carrier?: string;
    readonly workflowId?: string;
    readonly runId?: string;
  };
  /** E.g. `order.submitted`, `number.uncertain` (domain/event-types.ts). */
  readonly type: string;
  readonly detail: string;
  readonly numberKey?: string;
  /** The event (store/carrier-events.ts) that told us. */
  readonly carrierEventId?: string;
}

/** A step as it stands in the chain of its subject (invariant 10). */
export interface TimelineRecord extends TimelineEntry, ChainLink {
  readonly _id: string;
  /** When it was appended: never before the record before it. */
  readonly storedAt: Date;
}

/** Where a chain ends; written with each append, and signed, so that who shortens or recomputes a chain needs the secret, too. */
interface HeadDocument extends ChainHead {
  /** The chain: the subject's id. */
  readonly _id: string;
  readonly mac: string;
  /** `storedAt` of the last record. */
  readonly changedAt: Date;
}

/** An append that nobody has looked at for publication yet. */
export interface TimelineNews {
  readonly _id: string;
  readonly chain: string;
  readonly at: Date;
}

type Content = TimelineEntry & { readonly key: string; readonly storedAt: Date };

/** Appends that wait for the same chain share an insert, up to so many. */
const appendsAtATime = 200;
/** How often somebody else may be first; far more than there are writers to one chain. */
const tries = 200;

export type TimelineStore = ReturnType<typeof timelineStore>;

/**
 * The timelines: one chain of hashes for each subject. Every append is one transaction of its records, the new head and a note for
 * the publisher; the head is written conditionally and (chain, seq) is unique, so that of two who append at once one begins again
 * (invariant 10). Within a process appends to one chain wait for each other and go together, so the cutovers of 500 numbers cost a few
 * transactions; between processes they try again after a short random pause.
 */
export function timelineStore(database: Database, vault: Vault) {
  const records: Collection<TimelineRecord> = database.collection('timelines');
  const heads: Collection<HeadDocument> = database.collection('timelineHeads');
  const news: Collection<TimelineNews> = database.collection('timelineNews');
  const writers = new Map<string, { append: (entries: readonly Content[]) => Promise<void>; waiting: number }>();
  let tell: () => void = () => undefined;

  const mac = (chain: string, { seq, hash }: ChainHead) => vault.fingerprint('timeline-head', chain, String(seq), hash);

  async function write(chain: string, contents: readonly Content[]): Promise<void> {
    let missing = [...new Map(contents.map((content) => [content.key, content])).values()];
    for (let round = 1; round <= tries; round++) {
      const head = await heads.findOne({ _id: chain });
      // Usually they are new and nobody else writes: what is there already is asked only after that has turned out wrong.
      if (round > 1) missing = await notStored(chain, missing);
      if (missing.length === 0 || (await commit(chain, head, missing))) return;
      await sleep(Math.random() * Math.min(5 * round, 100));
    }
    throw new Error(
      `The timeline of ${chain} could not be continued, its end is not where it should be: run \`portsms timeline verify ${chain}\`.`,
    );
  }

  /** @returns false when the chain has gone on meanwhile, or holds some of these */
  async function commit(chain: string, head: HeadDocument | null, contents: readonly Content[]): Promise<boolean> {
    const storedAt = new Date(Math.max(Date.now(), head?.changedAt.getTime() ?? 0));
    const added = linked(
      chain,
      head ?? genesis,
      contents.map((content) => ({ ...content, storedAt })),
    );
    const last = added.at(-1) as (typeof added)[number];
    const next = { seq: last.seq, hash: last.hash, mac: mac(chain, last), changedAt: storedAt };
    const taken = new Error('The chain has gone on.');
    try {
      await database.transaction(async (session) => {
        if (head) {
          const moved = await heads.updateOne({ _id: chain, seq: head.seq }, { $set: next }, { session });
          if (moved.matchedCount === 0) throw taken;
        } else {
          await heads.insertOne({ _id: chain, ...next }, { session });
        }
        await records.insertMany(
          added.map((record) => ({ _id: `${chain}/${record.seq}`, ...record })),
          { session },
        );
        await news.insertOne({ _id: `${chain}/${last.seq}`, chain, at: storedAt }, { session });
      });
      return true;
    } catch (error) {
      if (error === taken || isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async function notStored(chain: string, contents: readonly Content[]): Promise<Content[]> {
    const found = await records
      .find({ chain, key: { $in: contents.map(({ key }) => key) } })
      .project<{ key: string }>({ key: 1 })
      .toArray();
    const stored = new Set(found.map(({ key }) => key));
    return contents.filter(({ key }) => !stored.has(key));
  }

  function writerOf(chain: string) {
    const known = writers.get(chain);
    if (known) return known;
    const append = gather<readonly Content[], void>(async (appends) => {
      await write(chain, appends.flat());
      return appends.map(() => undefined);
    }, appendsAtATime);
    const writer = { append, waiting: 0 };
    writers.set(chain, writer);
    return writer;
  }

  /** Its records from behind a position on, in the order of the chain. Index: chain, seq. */
  const after = (chain: string, seq: number) => records.find({ chain, seq: { $gt: seq } }).sort({ seq: 1 });

  return {
    ensureIndexes: async () => {
      await ensureIndexes(records, [
        { key: { chain: 1, seq: 1 }, unique: true },
        { key: { chain: 1, key: 1 }, unique: true },
      ]);
      await ensureIndexes(heads, [{ key: { changedAt: 1 } }]);
      await ensureIndexes(news, [{ key: { at: 1 } }]);
    },

    /**
     * Appends steps to the chain of a subject. Who writes counts its own steps: `series` and position are a record's key, so that
     * a repetition stores nothing twice.
     * @param subjectId of a port, or of whatever has a timeline of its own
     * @param series who counts: `order`, the run of a cutover, `<kind>/<id>`
     * @param position of the first of the steps in the series
     */
    async append(
      subjectId: string,
      series: string,
      position: number,
      entries: readonly TimelineEntry[],
    ): Promise<void> {
      if (entries.length === 0) return;
      const storedAt = new Date();
      const writer = writerOf(subjectId);
      writer.waiting += 1;
      try {
        await writer.append(
          entries.map((entry, index) => ({ ...withoutGaps(entry), key: `${series}/${position + index}`, storedAt })),
        );
      } finally {
        writer.waiting -= 1;
        if (writer.waiting === 0) writers.delete(subjectId);
      }
      tell();
    },

    /** All of it, in the order in which it happened; what one writer says of one moment, as it counts. Index: chain, seq. */
    list: async (subjectId: string): Promise<TimelineRecord[]> => {
      const order = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0);
      return (await after(subjectId, 0).toArray())
        .map((record) => ({ record, ...placeIn(record.key) }))
        .sort((a, b) => order(a.record.at, b.record.at) || order(a.series, b.series) || order(a.position, b.position))
        .map(({ record }) => record);
    },

    /** A page in the order of the chain. Index: chain, seq. */
    page: (subjectId: string, seq: number, limit: number) => after(subjectId, seq).limit(limit).toArray(),

    /** All of it in the order of the chain, for exports. Index: chain, seq. */
    stream: (subjectId: string): AsyncIterable<TimelineRecord> => after(subjectId, 0),

    find: (subjectId: string, seq: number) => records.findOne({ _id: `${subjectId}/${seq}` }),

    /** Position of the last record that was appended before a moment; 0 when there is none. Index: chain, seq. */
    async positionAt(subjectId: string, moment: Date): Promise<number> {
      const [last] = await records
        .find({ chain: subjectId, storedAt: { $lt: moment } })
        .sort({ seq: -1 })
        .limit(1)
        .toArray();
      return last?.seq ?? 0;
    },

    /** Subjects with something new since a moment, the longest unchanged first. Index: changedAt. */
    async *changedSince(moment: Date): AsyncIterable<string> {
      const changed = heads.find({ changedAt: { $gte: moment } }).sort({ changedAt: 1 });
      for await (const { _id } of changed) yield _id;
    },

    /** All that have a timeline, or a note of one. Index: chain, seq; then all notes. */
    async *subjects(): AsyncIterable<string> {
      const seen = new Set<string>();
      for (let last = ''; ; ) {
        const [next] = await records
          .find({ chain: { $gt: last } })
          .sort({ chain: 1, seq: 1 })
          .limit(1)
          .toArray();
        if (!next) break;
        last = next.chain;
        seen.add(last);
        yield last;
      }
      for await (const { _id } of heads.find({ changedAt: { $gt: new Date(0) } })) if (!seen.has(_id)) yield _id;
    },

    /** Calls `listener` after each append of this process. */
    onAppend(listener: () => void): void {
      tell = listener;
    },

    /** Appends that the publisher has not looked at, the oldest first. Index: at. */
    news: (limit: number) =>
      news
        .find({ at: { $gt: new Date(0) } })
        .sort({ at: 1 })
        .limit(limit)
        .toArray(),

    async forgetNews(ids: readonly string[]): Promise<void> {
      await news.deleteMany({ _id: { $in: [...ids] } });
    },

    /**
     * Says what is wrong with a chain; nothing when it is whole. May run while others append: the end is read after the records,
     * and is written together with them. Index: chain, seq.
     */
    async verify(subjectId: string): Promise<readonly ChainFault[]> {
      const check = new ChainCheck(subjectId);
      for await (const record of after(subjectId, 0)) check.add(record);
      for (;;) {
        const head = await heads.findOne({ _id: subjectId });
        const known = check.lastSeq;
        if (head && head.seq > known) for await (const record of after(subjectId, known)) check.add(record);
        if (!head || check.lastSeq === known) {
          const genuine = head && mac(subjectId, head) === head.mac;
          const faults = [...check.end(head ?? undefined)];
          if (head && !genuine) {
            const detail = `Where the chain ends (record ${head.seq}) was noted by somebody without the secret.`;
            faults.push({ kind: 'head-wrong', seq: head.seq, detail });
          }
          return faults;
        }
      }
    },
  };
}

/** The database would keep an undefined field as null, and the record would not be what was hashed. */
function withoutGaps({ by, ...entry }: TimelineEntry): TimelineEntry {
  const given = (fields: object) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { ...(given(entry) as TimelineEntry), ...(by && { by: given(by) }) };
}

/** Whose count a key is of, and where in it. */
function placeIn(key: string): { readonly series: string; readonly position: number } {
  const slash = key.lastIndexOf('/');
  return { series: key.slice(0, slash), position: Number(key.slice(slash + 1)) };
}
