import { ApplicationFailure, defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  setHandler,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { PlanActivities } from '../activities/interfaces.ts';
import { canCancelPlan, isFinalPlan } from '../domain/lifecycle/plan.ts';
import {
  cancelPlanUpdate,
  type PlanInput,
  planNewsSignal,
  planStateQuery,
  searchAttributeNames,
  workflowIds,
} from './contract.ts';
import { heartbeatTimeout } from './heartbeat.ts';
import { portWorkflow } from './port.ts';
import { PlanRecord } from './port-plan-record.ts';

const retry = { initialInterval: '1 second', maximumInterval: '1 minute' } as const;
const { recordPlanOrder, rollUpPlan } = proxyActivities<PlanActivities>({
  startToCloseTimeout: '60 seconds',
  heartbeatTimeout,
  retry,
});
/** These go through all numbers or orders, in portions; a worker that died is noticed by its missing beat. */
const { checkPlan, splitPlan, cancelPlanOrders } = proxyActivities<PlanActivities>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout,
  retry,
});

/** Orders that are being checked and submitted at the same time: a carrier takes a few large orders at once. */
const atATime = 5;
/** Orders change in swarms: the whole is looked at this long after the first of them. */
const gatherMs = 5000;
/** A report that got lost would else be waited for for ever; looking costs little. */
const longestLookMs = 24 * 3600_000;
const defaultEventsPerRun = 2000;

const attribute = {
  portId: defineSearchAttributeKey(searchAttributeNames.portId, SearchAttributeType.KEYWORD),
  status: defineSearchAttributeKey(searchAttributeNames.status, SearchAttributeType.KEYWORD),
  carrier: defineSearchAttributeKey(searchAttributeNames.carrier, SearchAttributeType.KEYWORD),
};

/**
 * Many numbers that were asked for at once: each is looked up, they are split into orders, the orders are begun a few at a time and
 * followed until the last has ended. Each order is a port of its own that outlives this workflow's runs and reports to its id.
 */
export async function planWorkflow(input: PlanInput): Promise<void> {
  const { planId, marginMs, proofDeadlineMs } = input;
  const plan = new PlanRecord(input);
  // After continue-as-new something may have been reported to the run before: look at once.
  let news = input.carried !== undefined;
  let cancel: { readonly reason?: string } | undefined;
  /** Orders of this run that are still being checked and submitted. */
  const inPreparation = new Set<string>();
  const preparing = new CancellationScope();

  // ------------------------------------------------------------------------------------------------ what orders and people say
  setHandler(planStateQuery, () => plan.state);
  setHandler(planNewsSignal, ({ portId, status }) => {
    if (status !== 'checking') inPreparation.delete(portId);
    news = true;
  });
  setHandler(
    cancelPlanUpdate,
    (why) => {
      plan.step('caller', 'plan.cancel-requested', 'A cancellation of all orders was requested.');
      cancel = why;
      preparing.cancel();
      return plan.apply({ type: 'cancel-requested' });
    },
    {
      validator: (_why: { readonly reason?: string }) => {
        if (canCancelPlan(plan.state)) return;
        throw ApplicationFailure.nonRetryable(`This plan is ${plan.state.status}.`, 'order-not-cancellable');
      },
    },
  );

  // ------------------------------------------------------------------------------------------------ the numbers, then the orders
  if (input.carried === undefined) {
    plan.step('caller', 'plan.requested', 'A port of many numbers was requested.');
    await plan.project();
  }
  if (plan.state.status === 'checking') await prepare();
  if (plan.state.status === 'ordering') await beginOrders();
  await plan.project();

  while (!isFinalPlan(plan.state.status)) {
    if (cancel !== undefined) {
      const why = cancel;
      cancel = undefined;
      const asked = await cancelPlanOrders({ planId, ...why });
      // An earlier version did not say.
      plan.apply({ type: 'cancelled-too-late', orders: asked?.tooLate ?? 0 });
      news = true;
    }
    if (!news) await condition(() => news || cancel !== undefined, longestLookMs, { summary: 'a change of an order' });
    if (cancel !== undefined) continue;
    await sleep(gatherMs, { summary: 'more changes of orders' });
    news = false;
    plan.apply({ type: 'rolled-up', rollUp: await rollUpPlan({ planId }) });
    await plan.project();
    if (isLong() && !isFinalPlan(plan.state.status) && cancel === undefined) await goOnAnew();
  }

  async function prepare(): Promise<void> {
    try {
      await preparing.run(async () => {
        await checkPlan({ planId });
        const { orders, problems } = await splitPlan({ planId });
        plan.step('portsms', 'plan.split', `Orders: ${orders}; numbers that can't be ported: ${problems}.`);
        plan.apply({ type: 'split', orders, problems });
      });
    } catch (error) {
      if (!isCancellation(error)) throw error;
    }
    await plan.project();
  }

  /** Begins the orders that have not begun, a few at a time, until all have, or the plan is cancelled. */
  async function beginOrders(): Promise<void> {
    const { orders = 0 } = plan.state;
    const goesOn = () => plan.state.status === 'ordering' && plan.begun < orders && !isLong();
    const lane = async () => {
      while (goesOn()) {
        const order = plan.begun++;
        const { portId } = await begin(order);
        await condition(() => !inPreparation.has(portId) || plan.state.status !== 'ordering');
      }
    };
    await Promise.all(Array.from({ length: atATime }, lane));
    if (plan.begun === orders) plan.apply({ type: 'all-begun' });
    await plan.project();
    if (plan.state.status === 'ordering') await goOnAnew();
  }

  async function begin(order: number): Promise<{ portId: string }> {
    const port = await recordPlanOrder({ planId, order, marginMs, proofDeadlineMs });
    const { portId } = port;
    inPreparation.add(portId);
    await startChild(portWorkflow, {
      workflowId: workflowIds.port(portId),
      args: [port],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `order ${order + 1} of a plan`,
      typedSearchAttributes: [
        { key: attribute.portId, value: portId },
        { key: attribute.status, value: 'checking' },
        { key: attribute.carrier, value: port.gainingCarrier },
      ],
    });
    plan.step('portsms', 'plan.order-begun', `Order ${order + 1} of ${plan.state.orders ?? 0} began: ${portId}.`);
    await plan.project();
    return { portId };
  }

  function isLong(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return continueAsNewSuggested || historyLength >= (input.eventsPerRun ?? defaultEventsPerRun);
  }

  async function goOnAnew(): Promise<never> {
    return continueAsNew<typeof planWorkflow>({ ...input, carried: plan.position });
  }
}
