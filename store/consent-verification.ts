import type { Collection } from 'mongodb';
import { ChainCheck, type ChainFault, type ChainHead } from '../domain/hash-chain.ts';
import type { ConsentHead, ConsentRecord } from './consents.ts';
import { grouped } from './grouped.ts';
import { numberKeyPrefix } from './vault.ts';

/** What is wrong with the chain of one person. */
export interface SubjectFault extends ChainFault {
  readonly subjectKey: string;
}

/** All events about one person, in their order, and what is wrong with the chain: then there may be none left. */
export interface ProvenChain {
  readonly subjectKey: string;
  readonly events: readonly ConsentRecord[];
  readonly faults: readonly SubjectFault[];
}

/** Records read at a time, about: memory stays flat, and a portion is a second's work at most. */
const portion = 2500;

/** Proves chains of the consent ledger: each record follows from the one before, and the last is the signed end (invariant 10). */
export function ledgerCheck({
  records,
  heads,
  mac,
}: {
  readonly records: Collection<ConsentRecord>;
  readonly heads: Collection<ConsentHead>;
  readonly mac: (chain: string, head: ChainHead) => string;
}) {
  function faultsOf(check: ChainCheck, subjectKey: string, head: ConsentHead | undefined): SubjectFault[] {
    const faults = check.end(head).map((fault) => ({ ...fault, subjectKey }));
    if (head && head.mac !== mac(subjectKey, head)) {
      const detail = `Where the chain ends (record ${head.seq}) was noted by somebody without the secret.`;
      faults.push({ kind: 'head-wrong', seq: head.seq, detail, subjectKey });
    }
    return faults;
  }

  /** May run while others append: the end is read after the records, and is written together with them. */
  async function one(subjectKey: string): Promise<readonly SubjectFault[]> {
    const check = new ChainCheck(subjectKey);
    for (;;) {
      const known = check.lastSeq;
      const more = records.find({ chain: subjectKey, seq: { $gt: known } }).sort({ seq: 1 });
      for await (const record of more) check.add(record);
      const head = await heads.findOne({ _id: subjectKey });
      if (!head || head.seq <= check.lastSeq || check.lastSeq === known)
        return faultsOf(check, subjectKey, head ?? undefined);
    }
  }

  /**
   * Ranges of chains with about a portion of records in each: keys of persons are spread evenly. Not pages of so many records, because some
   * servers read all that is left for each page.
   */
  async function ranges(): Promise<Range[]> {
    const count = Math.ceil((await records.estimatedDocumentCount()) / portion) || 1;
    const borders = Array.from({ length: count - 1 }, (_, index) => keyAt((index + 1) / count));
    return ['', ...borders].map(($gte, index) => ({ $gte, ...(index < borders.length && { $lt: borders[index] }) }));
  }

  const recordsIn = (chain: Range) => records.find({ chain }).sort({ chain: 1, seq: 1 }).batchSize(portion).toArray();
  /** Index: chain. */
  const endsIn = (chain: Range) => heads.find({ chain }).batchSize(portion).toArray();

  /** What `read` gives for each range, one after the other, a range ahead: the database reads the next one while this one is worked on. */
  async function* read<Found>(from: (range: Range) => Promise<Found>): AsyncGenerator<Found> {
    const all = await ranges();
    let coming: Promise<Found> | undefined;
    for (const [index, range] of all.entries()) {
      const found = await (coming ?? from(range));
      const next = all[index + 1];
      coming = next && from(next);
      // Awaited in the next turn: until then a failure must not count as unhandled.
      coming?.catch(() => undefined);
      yield found;
    }
  }

  /** Whose chains, as they were read, do not fit their ends. Reads nothing. */
  function suspected(bySubject: ReadonlyMap<string, readonly ConsentRecord[]>, ends: readonly ConsentHead[]): string[] {
    const endOf = new Map(ends.map((head) => [head._id, head]));
    return [...new Set([...bySubject.keys(), ...endOf.keys()])].filter((subjectKey) => {
      const check = new ChainCheck(subjectKey);
      for (const record of bySubject.get(subjectKey) ?? []) check.add(record);
      return faultsOf(check, subjectKey, endOf.get(subjectKey)).length > 0;
    });
  }

  /** Every chain that has a record or an end, with what is wrong with it, portion by portion. Index: chain. */
  async function* chains(): AsyncGenerator<ProvenChain[]> {
    // The ends are read after the records, as in `one`.
    const chainsIn = async (range: Range) => ({ records: await recordsIn(range), ends: await endsIn(range) });
    for await (const { records: found, ends } of read(chainsIn)) {
      const bySubject = grouped(found, ({ chain }) => chain);
      const faults = new Map<string, readonly SubjectFault[]>();
      // What was appended between the two readings looks like a fault, too.
      for (const subjectKey of suspected(bySubject, ends)) faults.set(subjectKey, await one(subjectKey));
      yield [...new Set([...bySubject.keys(), ...faults.keys()])].map((subjectKey) => ({
        subjectKey,
        events: bySubject.get(subjectKey) ?? [],
        faults: faults.get(subjectKey) ?? [],
      }));
    }
  }

  return {
    one,
    suspected,
    chains,

    async all(heard?: (proven: { subjects: number; events: number }) => void) {
      let subjects = 0;
      let events = 0;
      const faults: SubjectFault[] = [];
      for await (const portionOfThem of chains()) {
        for (const chain of portionOfThem) {
          if (chain.events.length > 0) subjects += 1;
          events += chain.events.length;
          faults.push(...chain.faults);
        }
        heard?.({ subjects, events });
      }
      return { subjects, events, faults };
    },
  };
}

/** Of chains, from a key on and before another one. */
interface Range {
  readonly $gte: string;
  readonly $lt?: string;
}

/** The key before which this share of all keys of persons lies. */
function keyAt(share: number): string {
  return `${numberKeyPrefix}${Math.floor(share * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}`;
}
