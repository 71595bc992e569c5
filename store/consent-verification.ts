import type { Collection, Filter } from 'mongodb';
import { ChainCheck, type ChainFault, type ChainHead } from '../domain/hash-chain.ts';
import type { ConsentHead, ConsentRecord } from './consents.ts';

/** What is wrong with the chain of one person. */
export interface SubjectFault extends ChainFault {
  readonly subjectKey: string;
}

/** Records read at a time: memory stays flat, and a portion is a second's work at most. */
const pageSize = 2500;

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

  /** All records in the order of the chains, a portion ahead: the database looks for the next one while this one is worked on. */
  const pages = () => readAhead(portions());

  /** Index: chain, seq; by position, so that no cursor stays open for long. */
  async function* portions(): AsyncGenerator<ConsentRecord[]> {
    const read = (filter: Filter<ConsentRecord>) =>
      records.find(filter).sort({ chain: 1, seq: 1 }).limit(pageSize).batchSize(pageSize).toArray();
    for (let chain = ''; ; ) {
      const page = await read({ chain: { $gt: chain } });
      let last = page.at(-1);
      if (!last) return;
      yield page;
      if (page.length < pageSize) return;
      chain = last.chain;
      // Whole chains: what is left of the last one comes by itself.
      for (let rest = page; last && rest.length === pageSize; last = rest.at(-1)) {
        rest = await read({ chain, seq: { $gt: last.seq } });
        if (rest.length > 0) yield rest;
      }
    }
  }

  return {
    one,
    pages,

    /** Whose chains, as they were read, do not fit their ends. Reads nothing. */
    loaded(bySubject: ReadonlyMap<string, readonly ConsentRecord[]>, ends: readonly ConsentHead[]): string[] {
      const endOf = new Map(ends.map((head) => [head._id, head]));
      const suspected: string[] = [];
      for (const subjectKey of new Set([...bySubject.keys(), ...endOf.keys()])) {
        const check = new ChainCheck(subjectKey);
        for (const record of bySubject.get(subjectKey) ?? []) check.add(record);
        if (faultsOf(check, subjectKey, endOf.get(subjectKey)).length > 0) suspected.push(subjectKey);
      }
      return suspected;
    },

    /** Every chain that has a record or an end. */
    async all(heard?: (proven: { subjects: number; events: number }) => void) {
      let subjects = 0;
      let events = 0;
      const faults: SubjectFault[] = [];
      let check: ChainCheck | undefined;
      let open = '';
      let endsRead: ConsentHead[] = [];
      const ends = heads.find().sort({ _id: 1 }).batchSize(pageSize)[Symbol.asyncIterator]();
      let next = await ends.next();
      /** Ends come in the same order as the chains: one that is passed over has lost all of its records. */
      const endOf = async (subjectKey: string): Promise<ConsentHead | undefined> => {
        while (!next.done && next.value._id < subjectKey) {
          endsRead.push(next.value);
          next = await ends.next();
        }
        if (next.done || next.value._id !== subjectKey) return undefined;
        const head = next.value;
        next = await ends.next();
        return head;
      };
      const close = async () => {
        if (!check) return;
        const found = faultsOf(check, open, await endOf(open));
        // What was appended between the two readings looks like a fault, too.
        if (found.length > 0) faults.push(...(await one(open)));
        for (const lost of endsRead) faults.push(...(await one(lost._id)));
        endsRead = [];
        subjects++;
        check = undefined;
      };
      for await (const page of pages()) {
        for (const record of page) {
          if (record.chain !== open) {
            await close();
            open = record.chain;
            check = new ChainCheck(open);
          }
          check?.add(record);
          events++;
        }
        heard?.({ subjects, events });
      }
      await close();
      for (; !next.done; next = await ends.next()) faults.push(...(await one(next.value._id)));
      return { subjects, events, faults };
    },
  };
}

/** Asks for the next item before the one that has come is worked on. */
async function* readAhead<Item>(source: AsyncGenerator<Item>): AsyncGenerator<Item> {
  let coming = source.next();
  try {
    for (;;) {
      const { value, done } = await coming;
      if (done) return;
      coming = source.next();
      // Awaited in the next turn: until then a failure must not count as unhandled.
      coming.catch(() => undefined);
      yield value;
    }
  } finally {
    await source.return(undefined);
  }
}
