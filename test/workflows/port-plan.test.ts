import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrderReading, PlanActivities, PortActivities } from '../../activities/interfaces.ts';
import { isFinalOrder, type OrderStatus } from '../../domain/lifecycle/order.ts';
import type { PlanState } from '../../domain/lifecycle/plan.ts';
import {
  cancelPlanUpdate,
  cancelUpdate,
  carrierNewsSignal,
  mainTaskQueue,
  type PlanInput,
  type PortInput,
  planStateQuery,
  workflowIds,
  workflowTypes,
} from '../../workflows/contract.ts';
import { until } from '../simulator/until.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

const patienceMs = 20_000;

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

/** A plan with everything around it that is not the workflows: its orders in the store, the gaining carrier. */
class PlanInTest {
  readonly planId = `plan_${randomUUID()}`;
  /** What the store says of each order that has begun. */
  readonly statuses = new Map<string, OrderStatus>();
  readonly projected: PlanState[] = [];
  readonly steps: string[] = [];
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
  /** Submitting waits for this. */
  gate: Promise<void> = Promise.resolve();
  /** Checking the numbers waits for this. */
  checked: Promise<void> = Promise.resolve();
  readonly orders: number;
  readonly problems: number;

  constructor(orders: number, problems = 0) {
    this.orders = orders;
    this.problems = problems;
  }

  get handle() {
    return engine.env.client.workflow.getHandle(workflowIds.plan(this.planId));
  }

  orderId = (order: number) => `port_${this.planId}_${order}`;

  start(rest: Partial<PlanInput> = {}) {
    return engine.env.client.workflow.start(workflowTypes.plan, {
      workflowId: workflowIds.plan(this.planId),
      taskQueue: mainTaskQueue,
      args: [{ planId: this.planId, gainingCarrier: 'beta', marginMs: 1000, proofDeadlineMs: 1000, ...rest }],
    });
  }

  state = () => this.handle.query(planStateQuery);
  reaches = (status: PlanState['status']) => until(async () => (await this.state()).status === status, patienceMs);

  /** The carrier says this of every order from now on. */
  async says(reading: Partial<OrderReading>): Promise<void> {
    this.reading = { ...this.reading, ...reading };
    for (const portId of this.statuses.keys()) {
      await engine.env.client.workflow.getHandle(portId).signal(carrierNewsSignal, {});
    }
  }

  activities(): PlanActivities & PortActivities {
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
        return {
          orders: { begun: all.length, open: all.filter((status) => !isFinalOrder(status)).length, byStatus },
          numbers: { ordered: 2 * all.length, uncertain: 0, ported: 0, returned: 0 },
        };
      },
      // By name, as the product does it.
      cancelPlanOrders: async () => {
        for (const [portId, status] of this.statuses) {
          if (isFinalOrder(status)) continue;
          this.cancelled.push(portId);
          const args: [{ reason?: string }] = [{}];
          await engine.env.client.workflow.getHandle(portId).executeUpdate(cancelUpdate, { args, updateId: 'cancel' });
        }
      },
      projectPlan: async ({ state, steps }) => {
        this.projected.push(state);
        this.steps.push(...steps.map(({ type }) => type));
      },
      checkPort: async () => ({ problems: [] }),
      submitOrder: async ({ portId }) => {
        this.submitting += 1;
        this.mostSubmitting = Math.max(this.mostSubmitting, this.submitting);
        await this.gate;
        this.submitting -= 1;
        return read(portId);
      },
      readOrder: ({ portId }) => read(portId),
      supplementOrder: ({ portId }) => read(portId),
      cancelOrder: async ({ portId }) => ({ ...(await read(portId)), state: 'cancelled', carrierState: 'cancelled' }),
      activateOrder: ({ portId }) => read(portId),
      projectPort: async ({ portId, order }) => {
        this.statuses.set(portId, order.status);
      },
      releaseNumbers: async () => undefined,
    };
  }
}

describe('the plan workflow', () => {
  it('begins every order once, five at a time, and ends when the last one has', async () => {
    const plan = new PlanInTest(12, 3);
    let open = () => {};
    plan.gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    await engine.withActivities(plan.activities(), async () => {
      const handle = await plan.start();
      await until(async () => plan.submitting === 5, patienceMs);
      expect(plan.statuses.size).toBe(5);
      open();
      await plan.reaches('in-progress');
      expect(plan.mostSubmitting).toBe(5);
      expect([...plan.statuses.keys()].toSorted()).toEqual(
        Array.from({ length: 12 }, (_, order) => plan.orderId(order)).toSorted(),
      );
      await until(async () => [...plan.statuses.values()].every((status) => status === 'submitted'), patienceMs);
      await plan.says({ state: 'cancelled', carrierState: 'cancelled' });
      await handle.result();
      expect(plan.projected.at(-1)).toMatchObject({
        status: 'cancelled',
        orders: 12,
        problems: 3,
        rollUp: { orders: { begun: 12, open: 0, byStatus: { cancelled: 12 } }, numbers: { ordered: 24 } },
      });
      expect(plan.steps.filter((type) => type === 'plan.order-begun')).toHaveLength(12);
    });
  });

  it('shows the roll-up when orders change, and gathers changes that come together', async () => {
    const plan = new PlanInTest(6);
    await engine.withActivities(plan.activities(), async () => {
      await plan.start();
      await plan.reaches('in-progress');
      const submitted = async () => (await plan.state()).rollUp.orders.byStatus.submitted === 6;
      await until(submitted, patienceMs);
      const looks = await countEvents(plan, 'rollUpPlan');
      await plan.says({ state: 'exception', carrierState: 'exception' });
      await until(async () => (await plan.state()).rollUp.orders.byStatus.exception === 6, patienceMs);
      expect((await countEvents(plan, 'rollUpPlan')) - looks).toBeLessThanOrEqual(2);
    });
  });

  it('cancels its orders by name, begins no more, and ends with what became of them', async () => {
    const plan = new PlanInTest(9);
    let open = () => {};
    plan.gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    await engine.withActivities(plan.activities(), async () => {
      const handle = await plan.start();
      await until(async () => plan.submitting === 5, patienceMs);
      const state = await handle.executeUpdate(cancelPlanUpdate, { args: [{ reason: 'other' }] });
      expect(state.status).toBe('cancel-pending');
      open();
      await handle.result();
      expect(plan.statuses.size).toBe(5);
      expect(plan.cancelled).toHaveLength(5);
      expect(plan.projected.at(-1)).toMatchObject({ status: 'cancelled', rollUp: { orders: { begun: 5, open: 0 } } });
      await expect(handle.executeUpdate(cancelPlanUpdate, { args: [{}] })).rejects.toThrow();
    });
  });

  it('stops looking numbers up when it is cancelled meanwhile', async () => {
    const plan = new PlanInTest(9);
    let open = () => {};
    plan.checked = new Promise<void>((resolve) => {
      open = resolve;
    });
    await engine.withActivities(plan.activities(), async () => {
      const handle = await plan.start();
      await until(async () => plan.projected.length > 0, patienceMs);
      await handle.executeUpdate(cancelPlanUpdate, { args: [{}] });
      open();
      await handle.result();
      expect(plan.statuses.size).toBe(0);
      expect(plan.projected.at(-1)?.status).toBe('cancelled');
    });
  });

  it('fails when no number can be ported', async () => {
    const plan = new PlanInTest(0, 7);
    await engine.withActivities(plan.activities(), async () => {
      await (await plan.start()).result();
      expect(plan.projected.at(-1)).toMatchObject({ status: 'failed', problems: 7, orders: 0 });
    });
  });

  it('continues as new before its history grows; nothing begins twice, no report is lost', async () => {
    const plan = new PlanInTest(25);
    await engine.withActivities(plan.activities(), async () => {
      const handle = await plan.start({ eventsPerRun: 80 });
      const { runId } = await handle.describe();
      await plan.reaches('in-progress');
      await until(async () => [...plan.statuses.values()].every((status) => status === 'submitted'), patienceMs);
      await plan.says({ state: 'cancelled', carrierState: 'cancelled' });
      await handle.result();
      expect((await plan.handle.describe()).runId).not.toBe(runId);
      expect(plan.statuses.size).toBe(25);
      expect(plan.steps.filter((type) => type === 'plan.order-begun')).toHaveLength(25);
      expect(plan.projected.at(-1)).toMatchObject({ status: 'cancelled', orders: 25 });
      const last = await plan.handle.fetchHistory();
      expect(last.events?.length).toBeLessThan(300);
      const input = JSON.stringify(last.events?.[0]?.workflowExecutionStartedEventAttributes);
      // Twenty-five orders or two: what is carried over is as large.
      expect(input.length).toBeLessThan(3000);
    });
  });

  it('holds nothing of the numbers in its history: an order asks for its own (invariant 9)', async () => {
    const plan = new PlanInTest(2);
    await engine.withActivities(plan.activities(), async () => {
      await plan.start();
      await plan.reaches('in-progress');
      expect(JSON.stringify(await decoded(plan))).not.toContain('num_a');
    });
  });
});

async function countEvents(plan: PlanInTest, activity: string): Promise<number> {
  const { events } = await plan.handle.fetchHistory();
  return (events ?? []).filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity)
    .length;
}

/** A history with its payloads in plain. */
async function decoded(plan: PlanInTest): Promise<unknown> {
  const { events } = await plan.handle.fetchHistory();
  return JSON.parse(
    JSON.stringify(events, (_name, value) =>
      value instanceof Uint8Array || value?.type === 'Buffer' ? Buffer.from(value).toString('utf8') : value,
    ),
  );
}
