import type { Collection } from 'mongodb';
import type { PlanState, PlanStatus } from '../domain/lifecycle/plan.ts';
import type { NumberProblem, OrderKind } from '../domain/port-plan.ts';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';
import { newestFirst, type PageEnd } from './newest-first.ts';
import type { RequestTerms } from './request-terms.ts';
import type { Sealed } from './vault.ts';

/**
 * Many numbers that were asked for at once: what they have in common. The truth about its process is its workflow (invariant 1);
 * `counter` is that workflow's. Its numbers stand in parts, its orders are ports with this plan's id.
 */
export interface PortPlanDocument extends RequestTerms {
  readonly _id: string;
  readonly requestHash: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly counter: number;
  readonly status: PlanStatus;
  readonly since: string;
  /** How many numbers were asked for. */
  readonly numbers: number;
  /** The evidence of the subscriber's agreement, as JSON, and when it was given. */
  readonly consent: Sealed;
  readonly consentedAt: Date;
  /** Numbers that go into no order, and how many orders the others make; once that is known. */
  readonly problems?: number;
  readonly orders?: number;
  /** Orders that went on although all were to be cancelled. */
  readonly notCancelled?: number;
}

/** One number of a plan: at first only itself, then what kind of order it belongs to or why to none, then which order it is in. */
export interface PlanNumber {
  readonly numberKey: string;
  readonly number: Sealed;
  readonly kind?: OrderKind;
  readonly problem?: NumberProblem;
  /** Counts from 0. */
  readonly order?: number;
}

/** Some hundred numbers of a plan: what is learnt about them is written in one update. */
export interface PlanPart {
  /** The plan's id and the part's position, which counts from 0. */
  readonly _id: string;
  readonly planId: string;
  readonly part: number;
  readonly checked: boolean;
  readonly numbers: readonly PlanNumber[];
}

/** A number of a plan that goes into no order, with its position in the request. */
export interface RefusedNumber {
  readonly position: number;
  readonly number: Sealed;
  readonly problem: NumberProblem;
}

/** Numbers in one part. */
export const numbersPerPart = 500;

export type PortPlanStore = ReturnType<typeof portPlanStore>;

export function portPlanStore(database: Database) {
  const plans: Collection<PortPlanDocument> = database.collection('portPlans');
  const parts: Collection<PlanPart> = database.collection('portPlanParts');

  return {
    ensureIndexes: async () => {
      await ensureIndexes(plans, [{ key: { createdAt: -1, _id: -1 } }, { key: { status: 1, createdAt: 1 } }]);
      await ensureIndexes(parts, [
        { key: { planId: 1, part: 1 } },
        { key: { planId: 1, checked: 1, part: 1 } },
        { key: { planId: 1, 'numbers.order': 1 } },
      ]);
    },

    /** Stores a plan with its numbers, the numbers first: a plan that is there is whole. Safe to repeat. */
    async insert(plan: PortPlanDocument, numbers: readonly PlanNumber[]): Promise<void> {
      const all: PlanPart[] = [];
      for (let from = 0; from < numbers.length; from += numbersPerPart) {
        const part = all.length;
        all.push({
          _id: `${plan._id}/${part}`,
          planId: plan._id,
          part,
          checked: false,
          numbers: numbers.slice(from, from + numbersPerPart),
        });
      }
      try {
        if (all.length > 0) await parts.insertMany(all, { ordered: false });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      try {
        await plans.insertOne(plan);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },

    find: (id: string) => plans.findOne({ _id: id }),

    /** Newest first. Index: createdAt. */
    list: (limit: number, before?: PageEnd): Promise<PortPlanDocument[]> =>
      newestFirst(plans, {}, 'createdAt', before, limit),

    /** Stored, and their process has said nothing yet. Index: status, createdAt. */
    findUnstarted: (before: Date, limit: number) =>
      plans
        .find({ status: 'checking', createdAt: { $lt: before }, counter: 0 })
        .sort({ createdAt: 1 })
        .limit(limit)
        .toArray(),

    /** Writes what the workflow says, unless a newer saying of it is stored (invariant 1). */
    async project(id: string, counter: number, state: PlanState): Promise<void> {
      const { status, since, problems, orders, notCancelled } = state;
      await plans.updateOne(
        { _id: id, counter: { $lt: counter } },
        {
          $set: {
            status,
            since,
            counter,
            updatedAt: new Date(),
            ...(problems !== undefined && { problems }),
            ...(orders !== undefined && { orders }),
            ...(notCancelled !== undefined && { notCancelled }),
          },
        },
      );
    },

    /** The first part about which nothing is known yet. Index: planId, checked, part. */
    findUnchecked: (planId: string) => parts.find({ planId, checked: false }).sort({ part: 1 }).limit(1).next(),

    /** Part by part, in the order of the request. Index: planId, part. */
    parts: (planId: string) => parts.find({ planId }).sort({ part: 1 }),

    /** Keeps what was learnt about the numbers of a part. */
    async saveChecked(id: string, numbers: readonly PlanNumber[]): Promise<void> {
      await parts.updateOne({ _id: id, checked: false }, { $set: { numbers, checked: true } });
    },

    /** Keeps which order each number of a part is in. */
    async saveOrders(id: string, numbers: readonly PlanNumber[]): Promise<void> {
      await parts.updateOne({ _id: id }, { $set: { numbers } });
    },

    /** The numbers of one order. Index: planId, numbers.order. */
    async numbersOf(planId: string, order: number): Promise<PlanNumber[]> {
      const found = await parts.find({ planId, 'numbers.order': order }).toArray();
      return found
        .toSorted((a, b) => a.part - b.part)
        .flatMap(({ numbers }) => numbers.filter((each) => each.order === order));
    },

    /** Numbers that go into no order, from this position on. Index: planId, part. */
    async refused(planId: string, from: number, limit: number): Promise<RefusedNumber[]> {
      const found: RefusedNumber[] = [];
      const rest = parts.find({ planId, part: { $gte: Math.floor(from / numbersPerPart) } }).sort({ part: 1 });
      for await (const { part, numbers } of rest) {
        for (const [index, { number, problem }] of numbers.entries()) {
          const position = part * numbersPerPart + index;
          if (problem && position >= from) found.push({ position, number, problem });
          if (found.length >= limit) return found;
        }
      }
      return found;
    },
  };
}
