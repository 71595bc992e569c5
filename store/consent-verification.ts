import type { Collection } from 'mongodb';
import { ChainCheck, type ChainFault, type ChainHead } from '../domain/hash-chain.ts';
import type { ConsentHead, ConsentRecord } from './consents.ts';

/** What is wrong with the chain of one person. */
export interface SubjectFault extends ChainFault {
  readonly subjectKey: string;
}

/** Records read at a time: memory stays flat, and a portion is a second's work at most. */
const pageSize = 5000;

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

  /** All records in the order of the chains. Index: chain, seq; by position, so that no cursor stays open for long. */
  async function* pages(): AsyncIterable<ConsentRecord[]> {
    let chain = '';
    for (;;) {
      // Whole chains: what is left of the last one comes by itself.
      const page = await records
        .find({ chain: { $gt: chain } })
        .sort({ chain: 1, seq: 1 })
        .limit(pageSize)
        .toArray();
      const last = page.at(-1);
      if (!last) return;
      yield page;
      chain = last.chain;
      if (page.length < pageSize) return;
      for (let { seq } = last; ; ) {
        const rest = await records
          .find({ chain, seq: { $gt: seq } })
          .sort({ seq: 1 })
          .limit(pageSize)
          .toArray();
        if (rest.length > 0) yield rest;
        if (rest.length < pageSize) break;
        seq = rest.at(-1)?.seq ?? seq;
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
