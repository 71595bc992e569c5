import type { Collection } from 'mongodb';
import type { CutoverState, MessagingPlan } from '../domain/lifecycle/cutover.ts';
import type { OrderProblem, OrderStatus } from '../domain/lifecycle/order.ts';
import type { OrderClocks } from '../domain/lifecycle/order-clocks.ts';
import type { SnapBack } from '../domain/lifecycle/snap-back.ts';
import type { Waiting } from '../domain/lifecycle/waiting.ts';
import { type Database, ensureIndexes } from './database.ts';
import { newestFirst, type PageEnd } from './newest-first.ts';
import type { Sealed } from './vault.ts';

export interface PortedNumber {
  readonly numberKey: string;
  readonly number: Sealed;
  readonly cutover?: CutoverState;
  /** The counter of that cutover's workflow, as `counter` is the order's. */
  readonly cutoverCounter?: number;
}

/** A port as it is searched and shown. The truth about its process is its workflow (invariant 1); `counter` is that workflow's. */
export interface PortDocument {
  readonly _id: string;
  readonly requestHash: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly counter: number;
  readonly status: OrderStatus;
  readonly since: string;
  readonly numbers: readonly PortedNumber[];
  readonly country: string;
  readonly losingCarrier?: string;
  readonly gainingCarrier: string;
  readonly messagingPlan: MessagingPlan;
  readonly portType: 'full' | 'partial';
  readonly activation: 'automatic' | 'on-demand';
  readonly requestedFocAt?: string;
  /** A `PortRequest` (domain/port-request.ts) as JSON. */
  readonly request: Sealed;
  /** Counts supplements; the workflow is told the revision, never the data. */
  readonly requestRevision: number;
  readonly metadata?: Sealed;
  readonly carrierOrderId?: string;
  readonly carrierState?: string;
  readonly focAt?: string;
  readonly problems: readonly OrderProblem[];
  readonly waiting?: Waiting;
  /** The carrier says that the numbers have moved. */
  readonly ported?: boolean;
  readonly clocks?: OrderClocks;
  readonly snapBack?: SnapBack;
  /** RFC 3339 UTC; something is late, and a person was told. */
  readonly escalatedAt?: string;
  /** Of a draft: the body of POST /v1/ports as far as it is known, as JSON. */
  readonly draft?: Sealed;
}

/** What the workflow projects; personal data stays as it was stored by the API. */
export type PortProjection = Partial<
  Pick<
    PortDocument,
    | 'status'
    | 'since'
    | 'carrierOrderId'
    | 'carrierState'
    | 'focAt'
    | 'problems'
    | 'waiting'
    | 'ported'
    | 'clocks'
    | 'snapBack'
    | 'escalatedAt'
  >
>;

/** What a draft can still change of what is fixed once it is submitted. */
export type DraftChange = Partial<
  Pick<
    PortDocument,
    | 'numbers'
    | 'country'
    | 'losingCarrier'
    | 'gainingCarrier'
    | 'messagingPlan'
    | 'portType'
    | 'activation'
    | 'requestedFocAt'
    | 'request'
    | 'metadata'
    | 'draft'
  >
>;

export type PortStore = ReturnType<typeof portStore>;

export function portStore(database: Database) {
  const ports: Collection<PortDocument> = database.collection('ports');
  return {
    ensureIndexes: () =>
      ensureIndexes(ports, [
        { key: { createdAt: -1, _id: -1 } },
        { key: { status: 1, createdAt: -1, _id: -1 } },
        { key: { carrierOrderId: 1 } },
      ]),

    insert: async (port: PortDocument): Promise<void> => {
      await ports.insertOne(port);
    },

    find: (id: string) => ports.findOne({ _id: id }),

    /** Newest first. Index: createdAt, or status with createdAt. */
    list: ({ status, before }: { status?: OrderStatus; before?: PageEnd }, limit: number): Promise<PortDocument[]> =>
      newestFirst(ports, status ? { status } : {}, 'createdAt', before, limit),

    /** Stored, and their process has said nothing yet. Index: status, createdAt. */
    findUnstarted: (before: Date, limit: number) =>
      ports
        .find({ status: { $in: ['checking', 'draft'] }, createdAt: { $lt: before }, counter: 0 })
        .sort({ createdAt: 1 })
        .limit(limit)
        .toArray(),

    /** Index: carrierOrderId. */
    findByCarrierOrders: (carrier: string, carrierOrderIds: readonly string[]) =>
      ports.find({ carrierOrderId: { $in: [...carrierOrderIds] }, gainingCarrier: carrier }).toArray(),

    /** Writes what the workflow says, unless a newer saying of it is stored (invariant 1). */
    async project(id: string, counter: number, projection: PortProjection): Promise<void> {
      const set = Object.entries(projection).filter(([, value]) => value !== undefined);
      const unset = Object.entries(projection).filter(([, value]) => value === undefined);
      await ports.updateOne(
        { _id: id, counter: { $lt: counter } },
        {
          $set: { ...Object.fromEntries(set), counter, updatedAt: new Date() },
          ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map(([name]) => [name, ''])) }),
        },
      );
    },

    /** Writes where one number's cutover stands, unless a newer saying of it is stored (invariant 1). */
    async projectCutover(id: string, numberKey: string, counter: number, cutover: CutoverState): Promise<void> {
      await ports.updateOne(
        { _id: id, numbers: { $elemMatch: { numberKey, cutoverCounter: { $not: { $gte: counter } } } } },
        {
          $set: {
            'numbers.$[number].cutover': cutover,
            'numbers.$[number].cutoverCounter': counter,
            updatedAt: new Date(),
          },
        },
        { arrayFilters: [{ 'number.numberKey': numberKey }] },
      );
    },

    /** The date that is asked for now. @param requestedFocAt RFC 3339 UTC */
    async requestDate(id: string, requestedFocAt: string): Promise<void> {
      await ports.updateOne({ _id: id }, { $set: { requestedFocAt, updatedAt: new Date() } });
    },

    /** Changes a draft, if nobody else has since `revision`. */
    async changeDraft(id: string, revision: number, change: DraftChange): Promise<boolean> {
      const result = await ports.updateOne(
        { _id: id, requestRevision: revision, draft: { $exists: true } },
        { $set: { ...change, updatedAt: new Date() }, $inc: { requestRevision: 1 } },
      );
      return result.matchedCount === 1;
    },

    /** Replaces the request by a corrected one, if nobody else has since `revision`. */
    async supplement(id: string, revision: number, request: Sealed): Promise<boolean> {
      const result = await ports.updateOne(
        { _id: id, requestRevision: revision },
        { $set: { request, updatedAt: new Date() }, $inc: { requestRevision: 1 } },
      );
      return result.matchedCount === 1;
    },
  };
}
