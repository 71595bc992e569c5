import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import type { PlanState } from '../domain/lifecycle/plan.ts';
import {
  cancelPlanUpdate,
  mainTaskQueue,
  type PlanInput,
  searchAttributeNames,
  workflowIds,
  workflowTypes,
} from '../workflows/contract.ts';
import { asUpdateProblem, startDeadlineMs, updateDeadlineMs } from './port-process.ts';
import { Problem } from './problem.ts';

const attribute = {
  portId: defineSearchAttributeKey(searchAttributeNames.portId, 'KEYWORD'),
  status: defineSearchAttributeKey(searchAttributeNames.status, 'KEYWORD'),
  carrier: defineSearchAttributeKey(searchAttributeNames.carrier, 'KEYWORD'),
};

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
    async start(input) {
      try {
        await client.withDeadline(Date.now() + startDeadlineMs, () =>
          client.workflow.start(workflowTypes.plan, {
            workflowId: workflowIds.plan(input.planId),
            taskQueue: mainTaskQueue,
            args: [input],
            workflowIdConflictPolicy: 'USE_EXISTING',
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
            typedSearchAttributes: new TypedSearchAttributes([
              { key: attribute.portId, value: input.planId },
              { key: attribute.status, value: 'checking' },
              { key: attribute.carrier, value: input.gainingCarrier },
            ]),
            staticSummary: `a plan of several orders to ${input.gainingCarrier}`,
          }),
        );
      } catch (error) {
        // It was started before and has ended since: what was asked for has been done.
        if (error instanceof WorkflowExecutionAlreadyStartedError) return;
        throw new Problem(
          'engine-unavailable',
          'The plan is on record and begins when the engine is back; repeat it with the same Idempotency-Key to be sure.',
          { cause: error },
        );
      }
    },

    async cancel(planId, reason, updateId) {
      try {
        return await client.withDeadline(Date.now() + updateDeadlineMs, () =>
          client.workflow.getHandle(workflowIds.plan(planId)).executeUpdate(cancelPlanUpdate, {
            args: [reason === undefined ? {} : { reason }],
            updateId,
          }),
        );
      } catch (error) {
        throw asUpdateProblem(error, 'order-not-cancellable');
      }
    },
  };
}
