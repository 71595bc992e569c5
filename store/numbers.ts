import type { Collection, Filter, UpdateFilter } from 'mongodb';
import type { RegistrationState } from '../domain/consent-decision.ts';
import type { RegistrationScheme } from '../domain/jurisdictions/row.ts';
import type { PlannedMove } from '../domain/routing.ts';
import type { DriftKind } from '../domain/routing-drift.ts';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';
import { newestFirst, type PageEnd } from './newest-first.ts';
import type { RegisteredAccount } from './port-out-credentials.ts';
import type { Sealed } from './vault.ts';

/**
 * Who routes a number's texts. The truth about it (invariant 1): changed only conditionally, each change counts the version.
 * A cutover takes it from `settled` at the losing carrier through `uncertain` to `settled` at the gaining one, or back.
 */
export type NumberRouting =
  /** Without a carrier: it is at one that is none of ours, or its texts have been removed and nobody carries them. */
  | { readonly state: 'settled'; readonly carrier?: string; readonly textsRemoved?: true }
  | {
      readonly state: 'uncertain';
      readonly portId: string;
      /** Our id of the losing carrier, when it is one of ours. */
      readonly losing?: string;
      /** Absent while its texts are being removed and nobody is to carry them then. */
      readonly gaining?: string;
      readonly since: Date;
      /** Voice has moved: from now on the losing carrier's acceptance is no evidence. */
      readonly activated: boolean;
    }
  /** Ported out: no text of ours goes over it any more. */
  | { readonly state: 'gone' };

/** The last probe of one direction in a number's move. */
export interface SentProbe {
  readonly messageId: string;
  readonly at: Date;
  /** How many have been sent, this one included. */
  readonly count: number;
}

/** What has been learnt about a number during its move; written by whoever sees it, read by the cutover. */
export interface RoutingProof {
  readonly portId: string;
  readonly outboundAt?: Date;
  readonly inboundAt?: Date;
  /** When the first text came in from each network. */
  readonly inboundByNetwork?: Readonly<Record<string, Date>>;
  readonly canaryId?: string;
  readonly probeOut?: SentProbe;
  readonly probeIn?: SentProbe;
}

/** The world is not as a number's record has it. */
export interface Drift {
  readonly kind: DriftKind;
  readonly seenAt: Date;
  /** Codes that show it, e.g. `spid 1234`; no personal data. */
  readonly detail: readonly string[];
}

/** What the portability database said last. */
export interface LookUp {
  readonly ported: boolean;
  readonly lrn?: string;
  readonly spid?: string;
  readonly carrierName?: string;
  /** Mobile country and network code, 5 or 6 digits. */
  readonly mccMnc?: string;
  readonly type?: 'mobile' | 'fixed' | 'toll-free' | 'voip';
  /** When it was last ported, where the database says so. */
  readonly portedAt?: Date;
  readonly source: string;
  readonly at: Date;
  /** When it was first seen to name another provider than before. */
  readonly changedAt?: Date;
}

export interface SenderRegistration {
  readonly scheme: RegistrationScheme;
  readonly state: RegistrationState;
  /** The campaign's, header's or entity's id. */
  readonly reference?: string;
}

/** What is kept of one question to the portability database. */
export type NumberAnswer = Pick<NumberDocument, 'lookUp' | 'askedAt' | 'suspectedAt'>;

export interface NumberDocument {
  /** numberKey. */
  readonly _id: string;
  readonly number: Sealed;
  readonly own: boolean;
  readonly country?: string;
  readonly type?: string;
  readonly routing: NumberRouting;
  /** The move that its open port has agreed on a date for. */
  readonly move?: PlannedMove;
  /** Counts changes of `routing`, of `move` and of the standby sender. */
  readonly version: number;
  /** numberKey of the sender that carries urgent texts while this number's routing is uncertain. */
  readonly standbyKey?: string;
  readonly lookUp?: LookUp;
  /** When the database was last asked about it for a text, also where it knew nothing. */
  readonly askedAt?: Date;
  /** When a carrier's answer to a text to it last pointed at a move. */
  readonly suspectedAt?: Date;
  readonly proof?: RoutingProof;
  /** Which of our carriers has its calls, where that is not the one of its texts; `elsewhere`: none of ours. */
  readonly voiceAt?: string;
  /** When its record was last compared with the database and the carrier, and when that is due again. */
  readonly checkedAt?: Date;
  readonly checkDueAt?: Date;
  readonly drift?: Drift;
  /** There is drift; what the list of such numbers is found by. */
  readonly drifting?: true;
  readonly history: readonly {
    readonly portId: string;
    readonly at: Date;
    readonly from?: string;
    /** Absent where its texts were removed and nobody carries them. */
    readonly to?: string;
  }[];
  readonly registeredAt: Date;
  /** The owner refuses every request to take it away. */
  readonly portOutLock?: boolean;
  /** By what a request to take it away proves itself. */
  readonly portOutAccount?: RegisteredAccount;
  /** Its opt-outs are not known to have moved with it: its marketing waits. */
  readonly marketingHeld?: { readonly code: string; readonly portId: string; readonly since: Date };
  /** When its SIM was changed last, as far as the owner says. */
  readonly simChangedAt?: Date;
  /** The name by which its recipients know who sends: texts name it where the law wants that. */
  readonly brand?: Sealed;
  /** Where its recipients get help: the answer to HELP names it. */
  readonly contact?: Sealed;
  /** Where it is registered as a sender, as far as the owner says. */
  readonly registrations?: readonly SenderRegistration[];
}

export type NumberStore = ReturnType<typeof numberStore>;

/** Phone numbers, own and foreign. Every query is by `_id` (numberKey) or by the listing index. */
export function numberStore(database: Database) {
  const numbers: Collection<NumberDocument> = database.collection('numbers');

  /**
   * Updates many in one transaction: one sync for hundreds. Outside of one, SecantusDB holds the collection while it waits for a number
   * of another transaction, which may itself wait for the collection.
   */
  const updateAll = (filter: Filter<NumberDocument>, update: UpdateFilter<NumberDocument>) =>
    database.transaction((session) => numbers.updateMany(filter, update, { session }));

  return {
    ensureIndexes: () =>
      ensureIndexes(numbers, [
        { key: { own: 1, registeredAt: -1, _id: -1 } },
        { key: { own: 1, checkDueAt: 1 } },
        { key: { own: 1, 'lookUp.at': 1 } },
        { key: { drifting: 1, registeredAt: -1, _id: -1 } },
        { key: { 'move.portId': 1 }, sparse: true },
      ]),

    find: (key: string) => numbers.findOne({ _id: key }),

    async findMany(keys: readonly string[]): Promise<Map<string, NumberDocument>> {
      if (keys.length === 0) return new Map();
      const found = await numbers.find({ _id: { $in: [...new Set(keys)] } }).toArray();
      return new Map(found.map((number) => [number._id, number]));
    },

    /** The current versions of these numbers' routing; a number without a record has version 0. */
    async versions(keys: readonly string[]): Promise<Map<string, number>> {
      if (keys.length === 0) return new Map();
      const found = await numbers
        .find({ _id: { $in: [...new Set(keys)] } })
        .project<{ _id: string; version: number }>({ version: 1 })
        .toArray();
      return new Map(found.map((number) => [number._id, number.version]));
    },

    /** Own numbers, newest first. */
    listOwn: (limit: number, before?: PageEnd): Promise<NumberDocument[]> =>
      newestFirst(numbers, { own: true }, 'registeredAt', before, limit),

    /** Numbers whose record is not as the world has it, newest first. Index: drifting, registeredAt. */
    listDrifting: (limit: number, before?: PageEnd): Promise<NumberDocument[]> =>
      newestFirst(numbers, { drifting: true }, 'registeredAt', before, limit),

    /** Own numbers that are to be compared with the world now: those that never were, then the longest due. Index: own, checkDueAt. */
    async findDueForCheck(now: Date, limit: number): Promise<NumberDocument[]> {
      // Null finds what is not there, and by the index, as `$exists` does not on every server.
      const never = { own: true, checkDueAt: null as unknown as Date };
      const unchecked = await numbers.find(never).limit(limit).toArray();
      if (unchecked.length === limit) return unchecked;
      const due = await numbers
        .find({ own: true, checkDueAt: { $lte: now } })
        .sort({ own: 1, checkDueAt: 1 })
        .limit(limit - unchecked.length)
        .toArray();
      return [...unchecked, ...due];
    },

    /** Foreign numbers whose look-up is older, the oldest first. Index: own, lookUp.at. */
    findStaleLookUps: (before: Date, limit: number) =>
      numbers
        .find({ own: false, 'lookUp.at': { $lt: before } })
        .sort({ own: 1, 'lookUp.at': 1 })
        .limit(limit)
        .toArray(),

    /** Notes how a number compared with the world. @param drift undefined when all is as it should be */
    saveCheck: (key: string, check: { at: Date; dueAt: Date; drift: Drift | undefined }) =>
      numbers.updateOne(
        { _id: key },
        {
          $set: {
            checkedAt: check.at,
            checkDueAt: check.dueAt,
            ...(check.drift && { drift: check.drift, drifting: true as const }),
          },
          ...(!check.drift && { $unset: { drift: '', drifting: '' } }),
        },
      ),

    /** Has a number compared with the world not later than then: it has just moved. */
    checkBy: (key: string, dueAt: Date) => numbers.updateOne({ _id: key }, { $set: { checkDueAt: dueAt } }),

    /** Stores a number that is not known yet. @returns false when it is known. */
    async insert(number: NumberDocument): Promise<boolean> {
      try {
        await numbers.insertOne(number);
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    /** Stores numbers in one write. @returns false when some were known already; those stay as they are. */
    async insertAll(all: readonly NumberDocument[]): Promise<boolean> {
      if (all.length === 0) return true;
      try {
        await numbers.insertMany(all, { ordered: false });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    /** Forgets what was learnt about a number that is none of ours. In a transaction, as everything that meets one. @returns whether it was known */
    forgetForeign: async (key: string): Promise<boolean> => {
      const deleted = await database.transaction((session) => numbers.deleteOne({ _id: key, own: false }, { session }));
      return deleted.deletedCount === 1;
    },

    /** Makes foreign numbers ours, all with this routing; what is ours stays as it is. */
    adopt: (keys: readonly string[], routing: NumberRouting) =>
      updateAll({ _id: { $in: [...keys] }, own: false }, { $set: { own: true, routing }, $inc: { version: 1 } }),

    /**
     * Changes routing, standby or ownership if nobody else has since `version`; what is given as undefined is removed.
     * @returns false when somebody has: read again and decide anew.
     */
    async change(
      key: string,
      version: number,
      set: Partial<
        Pick<
          NumberDocument,
          | 'routing'
          | 'move'
          | 'drift'
          | 'drifting'
          | 'proof'
          | 'standbyKey'
          | 'voiceAt'
          | 'own'
          | 'country'
          | 'type'
          | 'portOutLock'
          | 'portOutAccount'
          | 'simChangedAt'
          | 'brand'
          | 'contact'
          | 'registrations'
          | 'marketingHeld'
        >
      >,
      ended?: NumberDocument['history'][number],
    ): Promise<boolean> {
      const kept = Object.entries(set).filter(([, value]) => value !== undefined);
      const removed = Object.entries(set).filter(([, value]) => value === undefined);
      const result = await numbers.updateOne(
        { _id: key, version },
        {
          ...(kept.length > 0 && { $set: Object.fromEntries(kept) }),
          ...(removed.length > 0 && { $unset: Object.fromEntries(removed.map(([name]) => [name, ''])) }),
          $inc: { version: 1 },
          ...(ended && { $push: { history: ended } }),
        },
      );
      return result.matchedCount === 1;
    },

    /** Notes the date of a move for numbers that are not with its gaining carrier yet. */
    planMove: (keys: readonly string[], move: PlannedMove) =>
      updateAll(
        { _id: { $in: [...keys] }, 'routing.carrier': { $ne: move.gaining }, 'move.focAt': { $ne: move.focAt } },
        { $set: { move }, $inc: { version: 1 } },
      ),

    /** The port has no date, or none any more. Index: move.portId, so that it costs nothing where nothing was planned. */
    forgetMove: (portId: string) =>
      updateAll({ 'move.portId': portId }, { $unset: { move: '' }, $inc: { version: 1 } }),

    /** Notes that a text came in from a network, for the move that is under way; the first one of each counts. */
    async saveInboundProof(key: string, portId: string, network: string, at: Date): Promise<boolean> {
      const result = await numbers.updateOne(
        { _id: key, 'routing.portId': portId },
        {
          $min: { 'proof.inboundAt': at, [`proof.inboundByNetwork.${network}`]: at },
          $set: { 'proof.portId': portId },
        },
      );
      return result.matchedCount === 1;
    },

    /**
     * Keeps what the portability database said of many numbers, in one transaction: one sync. An older answer never overwrites a newer,
     * and that it knew nothing overwrites no answer.
     */
    async saveAnswers(answers: ReadonlyMap<string, NumberAnswer>): Promise<void> {
      const operations = [...answers]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, { lookUp, ...moments }]) => ({
          updateOne: {
            // True of what is older and of what is not there.
            filter: lookUp ? { _id: key, 'lookUp.at': { $not: { $gte: lookUp.at } } } : { _id: key },
            update: {
              ...(lookUp && { $set: { lookUp } }),
              ...(Object.keys(moments).length > 0 && { $max: moments }),
            },
          },
        }))
        .filter(({ updateOne }) => Object.keys(updateOne.update).length > 0);
      if (operations.length === 0) return;
      if (operations.length === 1) await numbers.bulkWrite(operations);
      else await database.transaction((session) => numbers.bulkWrite(operations, { session }));
    },

    /** Notes proof for the move that is under way. @returns false when no such move is. */
    async saveProof(key: string, portId: string, proof: Omit<RoutingProof, 'portId'>): Promise<boolean> {
      const set = Object.fromEntries(Object.entries(proof).map(([name, value]) => [`proof.${name}`, value]));
      const result = await numbers.updateOne(
        { _id: key, 'routing.portId': portId },
        { $set: { ...set, 'proof.portId': portId } },
      );
      return result.matchedCount === 1;
    },
  };
}
