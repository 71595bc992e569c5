import type { PlanInput } from '../../../workflows/contract.ts';
import { cancelPlanUpdate } from '../../../workflows/contract.ts';
import { until } from '../../simulator/until.ts';
import { PlanInTest } from '../../workflows/plan-in-test.ts';
import type { Story } from './story.ts';

/** How long a story waits for a workflow to get somewhere, in real time; the machine may be busy. */
const patienceMs = 45_000;

/** The story of a plan of so many orders. */
function ofPlan(orders: number, tell: (plan: PlanInTest) => ReturnType<Story>, input: Partial<PlanInput> = {}): Story {
  return (engine) => {
    const plan = new PlanInTest(engine, orders, 3);
    return engine.withActivities(plan.activities(), async () => {
      await plan.start(input);
      return tell(plan);
    });
  };
}

const ended = ofPlan(12, async (plan) => {
  await plan.reaches('in-progress');
  await plan.allAre('submitted');
  await plan.says({ state: 'cancelled', carrierState: 'cancelled' });
  await plan.handle.result();
  return { 'plan-ended': plan.handle };
});

const waiting = ofPlan(7, async (plan) => {
  await plan.reaches('in-progress');
  await until(async () => (await plan.state()).rollUp.orders.byStatus.submitted === 7, patienceMs);
  return { 'plan-waiting': plan.handle };
});

const cancelled = ofPlan(7, async (plan) => {
  await plan.reaches('in-progress');
  await plan.handle.executeUpdate(cancelPlanUpdate, { args: [{ reason: 'other' }] });
  await plan.handle.result();
  return { 'plan-cancelled': plan.handle };
});

const continued = ofPlan(
  25,
  async (plan) => {
    await plan.reaches('in-progress');
    return { 'plan-continued': plan.handle };
  },
  { eventsPerRun: 80 },
);

export const planStories: readonly Story[] = [ended, waiting, cancelled, continued];
