import type { Collection } from 'mongodb';
import type { ChecklistMark } from '../domain/cutover-checklist.ts';
import type { CutoverState } from '../domain/lifecycle/cutover.ts';
import type { Concurrence, OrderProblem, OrderStatus } from '../domain/lifecycle/order.ts';
import type { OrderClocks } from '../domain/lifecycle/order-clocks.ts';
import type { SnapBack } from '../domain/lifecycle/snap-back.ts';
import type { Waiting } from '../domain/lifecycle/waiting.ts';
import { type Database, ensureIndexes } from './database.ts';
import { newestFirst, type PageEnd } from './newest-first.ts';
import { type CutoverCounts, portCutoverStore } from './port-cutovers.ts';
import type { RequestTerms } from './request-terms.ts';
import type { Sealed } from './vault.ts';

export interface PortedNumber {
  readonly numberKey: string;
  readonly number: Sealed;
  /** Kept apart (store/port-cutovers.ts), and there where a port is read to be shown. */
  readonly cutover?: CutoverState;
}

/** A port as it is searched and shown. The truth about its process is its workflow (invariant 1); `counter` is that workflow's. */
export interface PortDocument extends RequestTerms {
  readonly _id: string;
  readonly requestHash: string;
  /** `Caller.keyId` of the API key that it was requested with. */
  readonly requestedBy?: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly counter: number;
  readonly status: OrderStatus;
  readonly since: string;
  readonly numbers: readonly PortedNumber[];
  readonly country: string;
  /** Counts supplements; the workflow is told the revision, never the data. */
  readonly requestRevision: number;
  readonly carrierOrderId?: string;
  readonly carrierState?: string;
  readonly focAt?: string;
  readonly problems: readonly OrderProblem[];
  readonly waiting?: Waiting;
  /** The carrier says that the numbers have moved. */
  readonly ported?: boolean;
  readonly concurrence?: Concurrence;
  /** Whether the carrier activates it on demand; absent where it says nothing of it. */
  readonly onDemand?: boolean;
  readonly clocks?: OrderClocks;
  readonly snapBack?: SnapBack;
  /** RFC 3339 UTC; something is late, and a person was told. */
  readonly escalatedAt?: string;
  /** Of a draft: the body of POST /v1/ports as far as it is known, as JSON. */
  readonly draft?: Sealed;
  /** What people have said of the items of its checklist. */
  readonly checklist?: Readonly<Record<string, ChecklistMark>>;
  /** The date for which it was told what is still open of it. */
  readonly checklistToldFor?: string;
  /** The agreed date that its numbers' records know of. */
  readonly movePlannedFor?: string;
  /** The plan that it is an order of (store/port-plans.ts). */
  readonly planId?: string;
}

/** An order of a plan, in short. */
export interface PlanOrder extends Pick<PortDocument, '_id' | 'status' | 'since' | 'losingCarrier' | 'country'> {
  readonly counts: CutoverCounts & { readonly numbers: number };
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
    | 'concurrence'
    | 'onDemand'
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

export type PortPlan = Pick<
  PortDocument,
  '_id' | 'messagingPlan' | 'gainingCarrier' | 'checklist' | 'checklistToldFor'
>;

export type PortStore = ReturnType<typeof portStore>;

export function portStore(database: Database) {
  const ports: Collection<PortDocument> = database.collection('ports');
  const cutovers = portCutoverStore(database);

  /** Ports with the cutovers of their numbers. */
  async function whole(found: readonly PortDocument[]): Promise<PortDocument[]> {
    const told = await cutovers.ofPorts(found.map(({ _id }) => _id));
    const byNumber = new Map(told.map((each) => [each._id, each]));
    return found.map((port) => {
      let { updatedAt } = port;
      const numbers = port.numbers.map((number) => {
        const said = byNumber.get(`${port._id}/${number.numberKey}`);
        if (said && said.updatedAt > updatedAt) updatedAt = said.updatedAt;
        return said ? { ...number, cutover: said.cutover } : number;
      });
      return { ...port, numbers, updatedAt };
    });
  }

  return {
    ensureIndexes: async () => {
      await cutovers.ensureIndexes();
      await ensureIndexes(ports, [
        { key: { createdAt: -1, _id: -1 } },
        { key: { status: 1, createdAt: -1, _id: -1 } },
        { key: { carrierOrderId: 1 } },
        { key: { planId: 1, createdAt: -1, _id: -1 } },
        { key: { messagingPlan: 1, createdAt: -1, _id: -1 } },
      ]);
    },

    insert: async (port: PortDocument): Promise<void> => {
      await ports.insertOne(port);
    },

    /** A port with the cutovers of its numbers. */
    async find(id: string): Promise<PortDocument | null> {
      const port = await ports.findOne({ _id: id });
      return port && ((await whole([port]))[0] ?? null);
    },

    /** A port without its cutovers: for what an order is about, at each of its steps. */
    findOrder: (id: string): Promise<PortDocument | null> => ports.findOne({ _id: id }),

    /** Newest first. Index: createdAt, or status or planId with createdAt. */
    list: async (
      { status, planId, before }: { status?: OrderStatus; planId?: string; before?: PageEnd },
      limit: number,
    ): Promise<PortDocument[]> =>
      whole(
        await newestFirst(
          ports,
          { ...(planId !== undefined && { planId }), ...(status && { status }) },
          'createdAt',
          before,
          limit,
        ),
      ),

    /** Orders for texts alone, newest first. Index: messagingPlan, createdAt. */
    listTextsAlone: async (before: PageEnd | undefined, limit: number): Promise<PortDocument[]> =>
      whole(await newestFirst(ports, { messagingPlan: 'messaging-only' }, 'createdAt', before, limit)),

    /** The orders of a plan that have begun, oldest first, each with how its numbers stand. Index: planId, createdAt. */
    async ofPlan(planId: string): Promise<PlanOrder[]> {
      const orders = await ports
        .aggregate<Omit<PlanOrder, 'counts'> & { numbers: number; createdAt: Date }>([
          { $match: { planId } },
          {
            $project: {
              status: 1,
              since: 1,
              losingCarrier: 1,
              country: 1,
              createdAt: 1,
              numbers: { $size: '$numbers' },
            },
          },
        ])
        .toArray();
      const counts = await cutovers.count(orders.map(({ _id }) => _id));
      return orders
        .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a._id < b._id ? -1 : 1))
        .map(({ numbers, createdAt: _begun, ...order }) => ({
          ...order,
          counts: { uncertain: 0, ported: 0, returned: 0, ...counts.get(order._id), numbers },
        }));
    },

    /** Stored, and their process has said nothing yet; the orders of a plan are begun by it. Index: status, createdAt. */
    findUnstarted: (before: Date, limit: number) =>
      ports
        .find({
          status: { $in: ['checking', 'draft'] },
          createdAt: { $lt: before },
          counter: 0,
          planId: { $exists: false },
        })
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
    projectCutover: (id: string, numberKey: string, counter: number, cutover: CutoverState): Promise<void> =>
      cutovers.project(id, numberKey, counter, cutover),

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

    /** Notes for which date the move of its numbers is planned; undefined: for none. */
    noteMovePlanned: (id: string, focAt: string | undefined) =>
      ports.updateOne(
        { _id: id },
        focAt === undefined ? { $unset: { movePlannedFor: '' } } : { $set: { movePlannedFor: focAt } },
      ),

    /** Replaces the request by a corrected one, if nobody else has since `revision`. */
    async supplement(id: string, revision: number, request: Sealed): Promise<boolean> {
      const result = await ports.updateOne(
        { _id: id, requestRevision: revision },
        { $set: { request, updatedAt: new Date() }, $inc: { requestRevision: 1 } },
      );
      return result.matchedCount === 1;
    },

    /** What a cutover of one number reads of its port: without what is personal, and without its other numbers. */
    findPlan: (id: string) =>
      ports.findOne<PortPlan>(
        { _id: id },
        { projection: { messagingPlan: 1, gainingCarrier: 1, checklist: 1, checklistToldFor: 1 } },
      ),

    /** Notes what a person says of an item, if nobody else has said something since `revision`; 0 when nobody ever has. */
    async markChecklist(id: string, item: string, revision: number, mark: ChecklistMark): Promise<boolean> {
      const result = await ports.updateOne(
        // Null finds what is not there.
        { _id: id, [`checklist.${item}.revision`]: revision === 0 ? null : revision },
        { $set: { [`checklist.${item}`]: mark, updatedAt: new Date() } },
      );
      return result.matchedCount === 1;
    },

    /** Notes that it was told what is still open of the checklist. */
    noteChecklistTold: (id: string, focAt: string) =>
      ports.updateOne({ _id: id }, { $set: { checklistToldFor: focAt } }),
  };
}
