import type { Client } from '@temporalio/client';
import type { PlanState } from '../domain/lifecycle/plan.ts';
import { cancelPlanUpdate, type PlanInput, workflowIds, workflowTypes } from '../workflows/contract.ts';
import { startOnce, updateProcess } from './durable-process.ts';

/** Lone ports and texts come before the thousands of tasks of a plan. */
const behindLonePorts = 4;

/** The process of a plan, as the API starts it and people act on it. Every call is safe to repeat. */
export interface PlanProcess {
  /** Starts the process; one that was ever started is left as it is. @throws Problem `engine-unavailable` */
  start(input: PlanInput): Promise<void>;
  /** @throws Problem `order-not-cancellable`, `engine-timeout` */
  cancel(planId: string, reason: string | undefined, updateId: string): Promise<PlanState>;
}

/** The process of a plan behind a Temporal client. */
export function createPlanProcess(client: Client): PlanProcess {
  return {
    start: (input) =>
      startOnce(client, workflowTypes.plan, 'plan', {
        workflowId: workflowIds.plan(input.planId),
        input,
        priorityKey: behindLonePorts,
        summary: `a plan of several orders to ${input.gainingCarrier}`,
        findable: { portId: input.planId, status: 'checking', carrier: input.gainingCarrier },
      }),
    cancel: (planId, reason, updateId) =>
      updateProcess(
        client,
        workflowIds.plan(planId),
        cancelPlanUpdate,
        [reason === undefined ? {} : { reason }],
        updateId,
        'order-not-cancellable',
        'plan',
      ),
  };
}
