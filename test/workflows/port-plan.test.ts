import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPlanProcess } from '../../api/plan-process.ts';
import type { OrderClocks } from '../../domain/lifecycle/order-clocks.ts';
import { cancelPlanUpdate } from '../../workflows/contract.ts';
import { until } from '../simulator/until.ts';
import { PlanInTest } from './plan-in-test.ts';
import { startInRealTime, startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

const patienceMs = 45_000;

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

describe('the plan workflow', () => {
  it('begins every order once, five at a time, and ends when the last one has', async () => {
    const plan = new PlanInTest(engine, 12, 3);
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
      await plan.allAre('submitted');
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
    const plan = new PlanInTest(engine, 6);
    await engine.withActivities(plan.activities(), async () => {
      await plan.start();
      await plan.reaches('in-progress');
      await until(async () => plan.rolledUp.at(-1)?.orders.byStatus.submitted === 6, patienceMs);
      const looks = await countEvents(plan, 'rollUpPlan');
      await plan.says({ state: 'exception', carrierState: 'exception' });
      await until(async () => plan.rolledUp.at(-1)?.orders.byStatus.exception === 6, patienceMs);
      expect((await plan.state()).rollUp.orders).toMatchObject({ open: 6, byStatus: { exception: 6 } });
      expect((await countEvents(plan, 'rollUpPlan')) - looks).toBeLessThanOrEqual(2);
    });
  });

  it('cancels its orders by name, begins no more, and ends with what became of them', async () => {
    const plan = new PlanInTest(engine, 9);
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

  /** Two orders with a date that is near, and a cancellation of all. */
  async function cancelledLate(
    plan: PlanInTest,
    clocks: OrderClocks,
    { before, after = async () => {} }: { before?: () => void; after?: () => Promise<void> },
  ): Promise<void> {
    await engine.withActivities(plan.activities(), async () => {
      const handle = await plan.start();
      await plan.reaches('in-progress');
      const focAt = new Date((await engine.env.currentTimeMs()) + 5000).toISOString();
      plan.clocks = clocks;
      plan.refusesCancellation = true;
      await plan.says({ state: 'foc-confirmed', carrierState: 'foc-date-confirmed', focAt });
      await plan.allAre('foc-confirmed');
      before?.();
      await handle.executeUpdate(cancelPlanUpdate, { args: [{}] });
      await after();
      await handle.result();
      expect(plan.projected.at(-1)).toMatchObject({ status: 'completed', notCancelled: 2 });
      const told = ['plan.cancel-requested', 'plan.cancel-pending', 'plan.cancel-too-late', 'plan.completed'];
      expect(plan.steps.filter((type) => told.includes(type))).toEqual(told);
    });
  }

  it('says at once for how many orders its cancellation comes too late', async () => {
    const plan = new PlanInTest(engine, 2);
    const after = async () => {
      await until(async () => plan.steps.includes('plan.cancel-too-late'), patienceMs);
      expect(plan.projected.at(-1)).toMatchObject({ status: 'cancel-pending', notCancelled: 2 });
      expect(plan.details.find((detail) => detail.includes('too late'))).toContain('2 of 2 orders');
      await plan.says({ state: 'ported', carrierState: 'ported' });
    };
    await cancelledLate(plan, { cancelUntil: '2020-01-01T00:00:00.000Z' }, { after });
  });

  it('says in the end for how many the carrier has refused it: the numbers have moved', async () => {
    const plan = new PlanInTest(engine, 2);
    const before = () => {
      plan.reading = { ...plan.reading, state: 'ported', carrierState: 'ported' };
    };
    await cancelledLate(plan, {}, { before });
  });

  it('stops looking numbers up when it is cancelled meanwhile', async () => {
    const plan = new PlanInTest(engine, 9);
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
    const plan = new PlanInTest(engine, 0, 7);
    await engine.withActivities(plan.activities(), async () => {
      await (await plan.start()).result();
      expect(plan.projected.at(-1)).toMatchObject({ status: 'failed', problems: 7, orders: 0 });
    });
  });

  it('continues as new before its history grows; nothing begins twice, no report is lost', async () => {
    const plan = new PlanInTest(engine, 25);
    await engine.withActivities(plan.activities(), async () => {
      const handle = await plan.start({ eventsPerRun: 80 });
      const { runId } = await handle.describe();
      await plan.reaches('in-progress');
      await plan.allAre('submitted');
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
    const plan = new PlanInTest(engine, 2);
    await engine.withActivities(plan.activities(), async () => {
      await plan.start();
      await plan.reaches('in-progress');
      const history = JSON.stringify(await decoded(plan));
      expect(history).toContain(plan.orderId(1));
      expect(history).not.toContain('num_a');
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

it('comes after lone ports, as do its orders: a plan of thousands delays nobody', async () => {
  const realTime = await startInRealTime();
  try {
    const plan = new PlanInTest(realTime, 1);
    const { planId } = plan;
    await realTime.withActivities(plan.activities(), async () => {
      const { client } = realTime.env;
      await createPlanProcess(client).start({ planId, gainingCarrier: 'beta', marginMs: 1000, proofDeadlineMs: 1000 });
      await plan.reaches('in-progress');
      const order = client.workflow.getHandle(plan.orderId(0));
      expect((await plan.handle.describe()).priority?.priorityKey).toBe(4);
      expect((await order.describe()).priority?.priorityKey).toBe(4);
      await plan.handle.terminate();
      await order.terminate();
    });
  } finally {
    await realTime.close();
  }
});
