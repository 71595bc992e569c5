import type { Collection } from 'mongodb';
import type { PortOutProblem, PortOutState, PortOutStatus } from '../domain/lifecycle/port-out.ts';
import type { Waiting } from '../domain/lifecycle/waiting.ts';
import type { EligibleRejection, FindingCode } from '../domain/port-out-check.ts';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';
import { newestFirst, type PageEnd } from './newest-first.ts';
import type { Sealed } from './vault.ts';

/** A finding about one of the numbers, or about the whole request. */
export interface StoredFinding {
  readonly code: FindingCode;
  readonly numberKey?: string;
}

/** A rejection that the carrier takes, in its own words. */
export interface StoredRejection extends EligibleRejection {
  readonly description: string;
  readonly reasonRequired: boolean;
}

/** A port-out as it is searched and shown. The truth about its process is its workflow (invariant 1); `counter` is that workflow's. */
export interface PortOutDocument {
  readonly _id: string;
  readonly carrier: string;
  readonly carrierPortOutId: string;
  /** When we first saw it. */
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly counter: number;
  readonly numbers: readonly { readonly numberKey: string; readonly number: Sealed }[];
  readonly subscriberName?: Sealed;
  readonly gaining: { readonly name?: string; readonly spid?: string };
  readonly orderNumber?: string;
  readonly supportKey?: string;
  /** RFC 3339 UTC, each. */
  readonly requestedAt: string;
  readonly requestedFocAt?: string;
  /** Only voice leaves. */
  readonly textsStay: boolean;
  /** What the check found, and which rejections the carrier takes. */
  readonly findings: readonly StoredFinding[];
  readonly rejections: readonly StoredRejection[];
  /** Numbers for which it named a wrong account number or PIN. */
  readonly wrongFor: readonly string[];
  /** Why a person rejects it, in words for the carrier. */
  readonly note?: { readonly code: string; readonly words: Sealed };
  readonly status: PortOutStatus;
  readonly since: string;
  readonly answerDueAt: string;
  readonly decideBy: string;
  readonly carrierState: string;
  readonly focAt?: string;
  readonly answer?: PortOutState['answer'];
  readonly fallback?: PortOutState['fallback'];
  readonly approvedWithoutUs: boolean;
  readonly problems: readonly PortOutProblem[];
  readonly waiting?: Waiting;
}

/** What the workflow projects. */
export type PortOutProjection = Pick<
  PortOutDocument,
  | 'status'
  | 'since'
  | 'answerDueAt'
  | 'decideBy'
  | 'carrierState'
  | 'focAt'
  | 'answer'
  | 'fallback'
  | 'approvedWithoutUs'
  | 'problems'
  | 'waiting'
>;

export type PortOutStore = ReturnType<typeof portOutStore>;

export function portOutStore(database: Database) {
  const portOuts: Collection<PortOutDocument> = database.collection('portOuts');
  return {
    ensureIndexes: () =>
      ensureIndexes(portOuts, [
        { key: { createdAt: -1, _id: -1 } },
        { key: { status: 1, createdAt: -1, _id: -1 } },
        { key: { wrongFor: 1, createdAt: -1 } },
      ]),

    /** Stores one that is not known yet; a known one is left as it is. */
    async insert(portOut: PortOutDocument): Promise<void> {
      try {
        await portOuts.insertOne(portOut);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },

    find: (id: string) => portOuts.findOne({ _id: id }),

    findMany: (ids: readonly string[]) => portOuts.find({ _id: { $in: [...ids] } }).toArray(),

    /** Newest first. Index: createdAt, or status with createdAt. */
    list: (
      { status, before }: { status?: PortOutStatus; before?: PageEnd },
      limit: number,
    ): Promise<PortOutDocument[]> => newestFirst(portOuts, status ? { status } : {}, 'createdAt', before, limit),

    /** How many numbers were asked for since then. Index: createdAt. */
    async countNumbersSince(since: Date): Promise<number> {
      const found = await portOuts
        .find({ createdAt: { $gte: since } })
        .project<{ numbers: readonly unknown[] }>({ 'numbers.numberKey': 1 })
        .toArray();
      return found.reduce((sum, { numbers }) => sum + numbers.length, 0);
    },

    /** Numbers for which another request than this one named a wrong account number or PIN since then. Index: wrongFor, createdAt. */
    async wrongSince(numberKeys: readonly string[], since: Date, except: string): Promise<Set<string>> {
      const found = await portOuts
        .find({ wrongFor: { $in: [...numberKeys] }, createdAt: { $gte: since }, _id: { $ne: except } })
        .project<{ wrongFor: readonly string[] }>({ wrongFor: 1 })
        .toArray();
      return new Set(found.flatMap(({ wrongFor }) => wrongFor));
    },

    /** Notes what the check found. */
    saveCheck: async (
      id: string,
      check: Pick<PortOutDocument, 'findings' | 'rejections' | 'wrongFor'>,
    ): Promise<void> => {
      await portOuts.updateOne({ _id: id }, { $set: { ...check, updatedAt: new Date() } });
    },

    /** Notes why a person rejects it, before the process is told; a repetition without words removes them. */
    saveNote: async (id: string, note: PortOutDocument['note'] | undefined): Promise<void> => {
      await portOuts.updateOne({ _id: id }, note ? { $set: { note } } : { $unset: { note: '' } });
    },

    /** Writes what the workflow says, unless a newer saying of it is stored (invariant 1). */
    async project(id: string, counter: number, projection: PortOutProjection): Promise<void> {
      const set = Object.entries(projection).filter(([, value]) => value !== undefined);
      const absent = (['focAt', 'answer', 'fallback', 'waiting'] as const).filter(
        (name) => projection[name] === undefined,
      );
      await portOuts.updateOne(
        { _id: id, counter: { $lt: counter } },
        {
          $set: { ...Object.fromEntries(set), counter, updatedAt: new Date() },
          ...(absent.length > 0 && { $unset: Object.fromEntries(absent.map((name) => [name, ''])) }),
        },
      );
    },
  };
}
