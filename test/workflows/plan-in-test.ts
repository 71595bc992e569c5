import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { CutoverActivities, OrderReading, PlanActivities, PortActivities } from '../../activities/interfaces.ts';
import { isFinalOrder, type OrderStatus } from '../../domain/lifecycle/order.ts';
import type { OrderClocks } from '../../domain/lifecycle/order-clocks.ts';
import type { PlanState } from '../../domain/lifecycle/plan.ts';
import { createCancelPort } from '../../intake/port-cancellation.ts';
import {
  carrierNewsSignal,
  mainTaskQueue,
  type PlanInput,
  type PortInput,
  planStateQuery,
  workflowIds,
  workflowTypes,
} from '../../workflows/contract.ts';
import { until } from '../simulator/until.ts';
import type { EngineInTest } from './engine-in-test.ts';

/** How long a test waits for a workflow to get somewhere, in real time. */
const patienceMs = 45_000;

/** A plan with everything around it that is not the workflows: its orders in the store, the gaining carrier. */
export class PlanInTest {
  readonly planId = `plan_${randomUUID()}`;
  /** What the store says of each order that has begun. */
  readonly statuses = new Map<string, OrderStatus>();
  readonly projected: PlanState[] = [];
  /** What was answered to each look at all orders. */
  readonly rolledUp: PlanState['rollUp'][] = [];
  readonly steps: string[] = [];
  readonly details: string[] = [];
  readonly cancelled: string[] = [];
  /** What the carrier says of every order that is read. */
  reading: Omit<OrderReading, 'carrierOrderId'> = {
    state: 'submitted',
    carrierState: 'submitted',
    rejections: [],
    numbers: [],
  };
  /** Orders that are being submitted now, and the most that ever were. */
  submitting = 0;
  mostSubmitting = 0;
  /** The carrier cancels no order any more. */
  refusesCancellation = false;
  /** By when what should have happened to an order. */
  clocks: OrderClocks = {};
  /** Submitting waits for this. */
  gate: Promise<void> = Promise.resolve();
  /** Checking the numbers waits for this. */
  checked: Promise<void> = Promise.resolve();
  readonly orders: number;
  readonly problems: number;
  readonly #engine: EngineInTest;

  constructor(engine: EngineInTest, orders: number, problems = 0) {
    this.#engine = engine;
    this.orders = orders;
    this.problems = problems;
  }

  get handle(): WorkflowHandle {
    return this.#engine.env.client.workflow.getHandle(workflowIds.plan(this.planId));
  }

  orderId = (order: number) => `port_${this.planId}_${order}`;

  start(rest: Partial<PlanInput> = {}): Promise<WorkflowHandle> {
    return this.#engine.env.client.workflow.start(workflowTypes.plan, {
      workflowId: workflowIds.plan(this.planId),
      taskQueue: mainTaskQueue,
      args: [{ planId: this.planId, gainingCarrier: 'beta', marginMs: 1000, proofDeadlineMs: 1000, ...rest }],
    });
  }

  state = (): Promise<PlanState> => this.handle.query(planStateQuery);
  /** By what it has projected: a query that meets a signal makes the server that skips time lose the task. */
  reaches = (status: PlanState['status']): Promise<unknown> =>
    until(async () => this.projected.at(-1)?.status === status, patienceMs);

  /** Every order has this status in the store. */
  allAre = (status: OrderStatus): Promise<unknown> =>
    until(async () => [...this.statuses.values()].every((each) => each === status), patienceMs);

  /** The carrier says this of every order from now on. */
  async says(reading: Partial<OrderReading>): Promise<void> {
    this.reading = { ...this.reading, ...reading };
    for (const portId of this.statuses.keys()) {
      await this.#engine.env.client.workflow.getHandle(portId).signal(carrierNewsSignal, {});
    }
  }

  activities(): PlanActivities & PortActivities & Omit<CutoverActivities, 'beginUncertainty'> {
    const read = async (portId: string) => ({ carrierOrderId: `order of ${portId}`, ...this.reading });
    return {
      checkPlan: async () => this.checked,
      splitPlan: async () => ({ orders: this.orders, problems: this.problems }),
      recordPlanOrder: async ({ planId, order, marginMs, proofDeadlineMs }): Promise<PortInput> => {
        const portId = this.orderId(order);
        this.statuses.set(portId, 'checking');
        return {
          portId,
          planId,
          gainingCarrier: 'beta',
          messagingPlan: 'stay',
          activation: 'automatic',
          numberKeys: [],
          marginMs,
          proofDeadlineMs,
        };
      },
      numberKeysOf: async () => ['num_a', 'num_b'],
      rollUpPlan: async () => {
        const all = [...this.statuses.values()];
        const byStatus: Partial<Record<OrderStatus, number>> = {};
        for (const status of all) byStatus[status] = (byStatus[status] ?? 0) + 1;
        const rollUp = {
          orders: { begun: all.length, open: all.filter((status) => !isFinalOrder(status)).length, byStatus },
          numbers: { ordered: 2 * all.length, uncertain: 0, ported: 0, returned: 0 },
        };
        this.rolledUp.push(rollUp);
        return rollUp;
      },
      // By name, as the product does it.
      cancelPlanOrders: async () => {
        let tooLate = 0;
        for (const [portId, status] of this.statuses) {
          if (isFinalOrder(status)) continue;
          this.cancelled.push(portId);
          if (await createCancelPort(this.#engine.env.client)(portId, undefined, 'cancel')) tooLate += 1;
        }
        return { tooLate };
      },
      projectPlan: async ({ state, steps }) => {
        this.projected.push(state);
        this.steps.push(...steps.map(({ type }) => type));
        this.details.push(...steps.map(({ detail }) => detail));
      },
      checkPort: async () => ({ problems: [] }),
      readClocks: async () => this.clocks,
      holdNumbers: async () => undefined,
      rescheduleOrder: async ({ portId }) => read(portId),
      submitOrder: async ({ portId }) => {
        this.submitting += 1;
        this.mostSubmitting = Math.max(this.mostSubmitting, this.submitting);
        await this.gate;
        this.submitting -= 1;
        return read(portId);
      },
      readOrder: ({ portId }) => read(portId),
      supplementOrder: ({ portId }) => read(portId),
      cancelOrder: async ({ portId }) => {
        if (this.refusesCancellation) throw ApplicationFailure.nonRetryable('Too late.', 'carrier-refused', 'http-422');
        return { ...(await read(portId)), state: 'cancelled', carrierState: 'cancelled' };
      },
      activateOrder: ({ portId }) => read(portId),
      projectPort: async ({ portId, order }) => {
        this.statuses.set(portId, order.status);
      },
      releaseNumbers: async () => undefined,
      // Texts stay where they are: what the database says is proof.
      tellChecklist: async () => undefined,
      assess: async () => ({ databaseNamesGaining: true, outboundProven: false, inboundProven: false }),
      settleNumber: async () => undefined,
      projectCutover: async () => undefined,
    };
  }
}
