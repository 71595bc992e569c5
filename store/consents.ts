import { setTimeout as sleep } from 'node:timers/promises';
import { Binary, type Collection } from 'mongodb';
import { type ChainHead, type ChainLink, genesis, linked } from '../domain/hash-chain.ts';
import { standing, type Weighed } from '../domain/ledger-standing.ts';
import type { MessageKind } from '../domain/message.ts';
import { ledgerCheck, type ProvenChain, type SubjectFault } from './consent-verification.ts';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';
import { gather } from './gathering.ts';
import { grouped } from './grouped.ts';
import type { Sealed, Vault } from './vault.ts';

/** What an event of the ledger says. */
export type ConsentEventType =
  /** The person agreed. */
  | 'granted'
  /** The person said no, or took a consent back. */
  | 'revoked'
  /** Agreed by somebody; permits nothing until the person has confirmed it (double opt-in): then `granted` follows, which names it. */
  | 'requested'
  /** A consent that was given for a time has run out; the rules go by its date, this is the note of it. */
  | 'expired'
  /** What was claimed before a revocation has been written: from here on it holds. */
  | 'honoured'
  /** Words that may mean an opt-out: no marketing until a person has read them. */
  | 'paused'
  /** A person has read them: they meant none. */
  | 'resumed'
  /** Somebody has looked up whether the number still is the person's. */
  | 'checked';

export type ConsentBasis = 'express-written' | 'express' | 'soft-opt-in' | 'implied' | 'porting' | 'opt-in' | 'opt-out';

/**
 * Who told us: the API, the person's own text, a carrier's code, a carrier's list of opt-outs, a person who read a text, the clock, an
 * erasure. `tampered` is never stored: it marks what stands for a ledger that is not whole.
 */
export type ConsentSource =
  | 'api'
  | 'inbound'
  | 'carrier-code'
  | 'carrier-list'
  | 'review'
  | 'clock'
  | 'erasure'
  | 'tampered';

/** One event of the consent ledger, as it is appended. Append-only: a revocation is a new event. */
export interface ConsentEntry {
  readonly _id: string;
  readonly type: ConsentEventType;
  /** numberKey of the person whose permission it is. */
  readonly subjectKey: string;
  /** numberKey of the one sender that it is about; absent: all of them. */
  readonly senderKey?: string;
  /** The kinds of texts that it is about; absent: all of them. */
  readonly kinds?: readonly MessageKind[];
  readonly basis: ConsentBasis;
  /** GDPR Art. 6, where it applies. */
  readonly lawfulBasis?: 'consent' | 'legitimate-interest' | 'contract' | 'legal-obligation';
  readonly source: ConsentSource;
  readonly at: Date;
  readonly expiresAt?: Date;
  /** Of a `requested` one, whose own `expiresAt` is when the answer has to be there: when the consent ends. */
  readonly grantsUntil?: Date;
  /** Why it ends then: a rule of domain/facts/implied-consent.json, or `told`. */
  readonly expiresBecause?: string;
  /** The event that a revocation through the API takes back. */
  readonly revokes?: string;
  /** The event that this one is about: the request that is confirmed, the revocation that is honoured, the pause that ends. */
  readonly about?: string;
  /** By when a revocation must be honoured by law. */
  readonly honourBy?: Date;
  /** Where the person was thought to be, e.g. `US`. */
  readonly jurisdiction?: string;
  readonly portId?: string;
  /** Of a `checked` one: what the look-up said. No data gives no safe harbour (47 CFR 64.1200(m)). */
  readonly reassigned?: 'yes' | 'no' | 'no-data';
  /** It came in a file, as another ledger has it: that one says who told and when. */
  readonly imported?: true;
  /** Disclosure, act, source URL, number, name …, as JSON. */
  readonly evidence: Sealed;
}

/** An event as it stands in the chain of its subject (invariant 10). Its key is its id. */
export interface ConsentRecord extends ConsentEntry, ChainLink {
  /** When it was appended: never before the record before it. */
  readonly storedAt: Date;
}

/** Where a subject's chain ends; written with each append, and signed, so that who shortens or recomputes a chain needs the secret, too. */
export interface ConsentHead extends ChainHead {
  /** The chain: the subject's numberKey. */
  readonly _id: string;
  /** The same: ranges of ids are looked for in all of them by some servers. */
  readonly chain: string;
  readonly mac: string;
  /** `storedAt` of the last record. */
  readonly changedAt: Date;
}

/** What the rules are given. */
export type ConsentDocument = Weighed<ConsentEntry>;

/** A ledger that is not as it was written: nothing is decided by it. */
export class LedgerTampered extends Error {
  override readonly name = 'LedgerTampered';
  readonly faults: readonly SubjectFault[];

  constructor(faults: readonly SubjectFault[]) {
    const which = faults.map(({ subjectKey, detail }) => `that of ${subjectKey} is not whole: ${detail}`).join(' ');
    super(`The consent ledger was tampered with, ${which} Run \`portsms consents verify\`, and compare with a backup.`);
    this.faults = faults;
  }
}

/** Events that are appended in one transaction. */
const appendsAtATime = 500;
/** How often somebody else may be first. */
const tries = 100;

export type ConsentStore = ReturnType<typeof consentStore>;

/**
 * The consent ledger: one chain of hashes for each person. An append is one transaction of its records and the new ends of their
 * chains; the ends are written conditionally and (chain, seq) is unique, so that of two who append at once one begins again (invariant 10).
 * Within a process appends gather, so that a file of a million costs a few thousand transactions.
 */
export function consentStore(database: Database, vault: Pick<Vault, 'fingerprint'>) {
  const records: Collection<ConsentRecord> = database.collection('consents');
  const heads: Collection<ConsentHead> = database.collection('consentHeads');
  const passes = database.collection<{ _id: string; until: Date }>('consentPasses');

  const mac = (chain: string, { seq, hash }: ChainHead) => vault.fingerprint('consent-head', chain, String(seq), hash);
  const check = ledgerCheck({ records, heads, mac });
  let tell: (error: LedgerTampered) => void = () => undefined;

  /** @returns per event whether it is new */
  async function write(events: readonly ConsentEntry[]): Promise<boolean[]> {
    const unique = [...new Map(events.map((event) => [event._id, event])).values()];
    let missing = unique;
    for (let round = 1; round <= tries; round++) {
      // Usually they are new and nobody else writes: what is there already is asked only after that has turned out wrong.
      if (round > 1) missing = await notStored(missing);
      if (missing.length === 0 || (await commit(missing))) {
        const added = new Set(missing.map(({ _id }) => _id));
        return events.map(({ _id }) => added.delete(_id));
      }
      await sleep(Math.random() * Math.min(5 * round, 100));
    }
    throw new Error(
      'The consent ledger could not be continued, an end of a chain is not where it should be: run `portsms consents verify`.',
    );
  }

  async function notStored(events: readonly ConsentEntry[]): Promise<ConsentEntry[]> {
    const found = await records
      .find({ _id: { $in: events.map(({ _id }) => _id) } })
      .project<{ _id: string }>({ _id: 1 })
      .toArray();
    const stored = new Set(found.map(({ _id }) => _id));
    return events.filter(({ _id }) => !stored.has(_id));
  }

  /** @returns false when a chain has gone on meanwhile, or holds some of these */
  async function commit(events: readonly ConsentEntry[]): Promise<boolean> {
    const bySubject = grouped(events, ({ subjectKey }) => subjectKey);
    const known = new Map(
      (await heads.find({ _id: { $in: [...bySubject.keys()] } }).toArray()).map((head) => [head._id, head]),
    );
    const added: ConsentRecord[] = [];
    const ends: { before: ConsentHead | undefined; after: ConsentHead }[] = [];
    for (const [chain, contents] of bySubject) {
      const before = known.get(chain);
      const storedAt = new Date(Math.max(Date.now(), before?.changedAt.getTime() ?? 0));
      const chained = linked(
        chain,
        before ?? genesis,
        contents.map((event) => ({ ...withoutGaps(event), key: event._id, storedAt })),
      );
      added.push(...chained);
      const last = chained.at(-1) as ConsentRecord;
      const { seq, hash } = last;
      ends.push({ before, after: { _id: chain, chain, seq, hash, mac: mac(chain, last), changedAt: storedAt } });
    }
    const taken = new Error('A chain has gone on.');
    const moved = ends.filter(({ before }) => before !== undefined);
    const fresh = ends.filter(({ before }) => before === undefined).map(({ after }) => after);
    try {
      await database.transaction(async (session) => {
        if (moved.length > 0) {
          const { matchedCount } = await heads.bulkWrite(
            moved.map(({ before, after: { _id, ...next } }) => ({
              updateOne: { filter: { _id, seq: before?.seq ?? 0 }, update: { $set: next } },
            })),
            { session },
          );
          if (matchedCount < moved.length) throw taken;
        }
        if (fresh.length > 0) await heads.insertMany(fresh, { session });
        await records.insertMany(added, { session });
      });
      return true;
    } catch (error) {
      if (error === taken || isDuplicateKey(error)) return false;
      throw error;
    }
  }

  const appendOne = gather(write, appendsAtATime);

  /** All records about these people, in the order of their chains. Index: chain, seq. */
  const chainsOf = (subjectKeys: readonly string[]) =>
    records
      .find({ chain: { $in: [...subjectKeys] } })
      .sort({ chain: 1, seq: 1 })
      .toArray();

  return {
    ensureIndexes: async () => {
      await ensureIndexes(records, [
        { key: { chain: 1, seq: 1 }, unique: true },
        { key: { chain: 1, key: 1 }, unique: true },
        { key: { expiresAt: 1 }, sparse: true },
        { key: { senderKey: 1, type: 1 } },
      ]);
      await ensureIndexes(heads, [{ key: { chain: 1 } }, { key: { changedAt: 1 } }]);
    },

    /** Appends an event; its id is derived from its origin, so a repetition stores nothing twice. @returns false when it was there. */
    append: (event: ConsentEntry): Promise<boolean> => appendOne(event),

    /** Appends many events, in few writes; those that are there stay as they are. @returns per event whether it is new */
    async appendAll(events: readonly ConsentEntry[]): Promise<boolean[]> {
      const appended: boolean[] = [];
      for (let from = 0; from < events.length; from += appendsAtATime) {
        appended.push(...(await write(events.slice(from, from + appendsAtATime))));
      }
      return appended;
    },

    find: (id: string) => records.findOne({ _id: id }),

    /**
     * What counts in the ledger of each of these people, in the order of their chains, which are proven first. Two queries at once, for any
     * number of people. For someone whose chain is not whole stands one revocation of everything (`source: tampered`), and it is told.
     */
    async ofSubjects(subjectKeys: readonly string[]): Promise<Map<string, ConsentDocument[]>> {
      const keys = [...new Set(subjectKeys)];
      const [found, ends] = await Promise.all([chainsOf(keys), heads.find({ _id: { $in: keys } }).toArray()]);
      const bySubject = grouped(found, ({ chain }) => chain);
      const weighed = new Map<string, ConsentDocument[]>();
      for (const subjectKey of check.suspected(bySubject, ends)) {
        // What was appended between the two readings looks like a fault, too.
        const faults = await check.one(subjectKey);
        if (faults.length > 0) {
          tell(new LedgerTampered(faults));
          weighed.set(subjectKey, [closedTo(subjectKey)]);
          bySubject.delete(subjectKey);
        } else bySubject.set(subjectKey, await chainsOf([subjectKey]));
      }
      for (const [subjectKey, all] of bySubject) weighed.set(subjectKey, standing<ConsentEntry>(all));
      return weighed;
    },

    /** Everything about one person, in the order of the chain. @throws LedgerTampered */
    async historyOf(subjectKey: string): Promise<ConsentRecord[]> {
      const [events, head] = await Promise.all([chainsOf([subjectKey]), heads.findOne({ _id: subjectKey })]);
      if (events.length === 0 && !head) return [];
      const faults = await check.one(subjectKey);
      if (faults.length > 0) throw new LedgerTampered(faults);
      return events;
    },

    /** The same without proving it: for an export, and beside what `verify` says. Index: chain, seq. */
    recordsOf: (subjectKey: string) => chainsOf([subjectKey]),

    /** Calls `listener` whenever a chain that is to be decided by is not whole. */
    onTampered(listener: (error: LedgerTampered) => void): void {
      tell = listener;
    },

    /** Who has ever revoked something of one sender. Index: senderKey, type. */
    revocationsOf: (senderKey: string): AsyncIterable<ConsentRecord> => records.find({ senderKey, type: 'revoked' }),

    /** What is wrong with one person's chain; nothing when it is whole. */
    verify: (subjectKey: string) => check.one(subjectKey),

    /** How many events there are about a person. Index: chain, seq. */
    count: (subjectKey: string) => records.countDocuments({ chain: subjectKey }),

    /** Proves the whole ledger, in memory that does not grow with it. @param heard of each portion */
    verifyAll: (heard?: (proven: { subjects: number; events: number }) => void) => check.all(heard),

    /** The whole ledger, some thousand events at a time, each person's in one piece, proven. Index: chain, seq. */
    chains: (): AsyncIterable<readonly ProvenChain[]> => check.chains(),

    /** What has run out between two moments, the earliest first. Index: expiresAt. */
    expiredBetween: (after: Date, until: Date): AsyncIterable<ConsentRecord> =>
      records.find({ expiresAt: { $gt: after, $lte: until } }).sort({ expiresAt: 1 }),

    /** Up to when what has run out has been noted; undefined when that was never done. */
    expiryNotedUntil: async () => (await passes.findOne({ _id: 'expiry' }))?.until,

    saveExpiryPass: async (until: Date): Promise<void> => {
      await passes.updateOne({ _id: 'expiry' }, { $set: { until } }, { upsert: true });
    },
  };
}

/** Stands for a ledger that can't be believed: nothing goes to this person. */
function closedTo(subjectKey: string): ConsentDocument {
  const nothing = new Binary(new Uint8Array());
  return {
    _id: `tampered/${subjectKey}`,
    type: 'revoked',
    subjectKey,
    basis: 'opt-out',
    source: 'tampered',
    at: new Date(0),
    evidence: nothing,
  };
}

/** The database would keep an undefined field as null, and the record would not be what was hashed. */
function withoutGaps(event: ConsentEntry): ConsentEntry {
  return Object.fromEntries(
    Object.entries(event).filter(([, value]) => value !== undefined),
  ) as unknown as ConsentEntry;
}
