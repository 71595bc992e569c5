import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { RemovalState } from '../domain/lifecycle/text-removal.ts';
import {
  cancelRemovalUpdate,
  mainTaskQueue,
  type TextRemovalInput,
  workflowIds,
  workflowTypes,
} from '../workflows/contract.ts';
import { asUpdateProblem, startDeadlineMs, updateDeadlineMs } from './port-process.ts';
import { Problem } from './problem.ts';

/** The process of a removal of texts, as the API starts it and people act on it. Every call is safe to repeat. */
export interface TextRemovalProcess {
  /** @throws Problem `engine-unavailable` */
  start(input: TextRemovalInput): Promise<void>;
  /** @throws Problem `order-not-cancellable`, `engine-timeout` */
  cancel(removalId: string, updateId: string): Promise<RemovalState>;
}

export function createTextRemovalProcess(client: Client): TextRemovalProcess {
  return {
    async start(input) {
      try {
        await client.withDeadline(Date.now() + startDeadlineMs, () =>
          client.workflow.start(workflowTypes.textRemoval, {
            workflowId: workflowIds.textRemoval(input.removalId),
            taskQueue: mainTaskQueue,
            args: [input],
            workflowIdConflictPolicy: 'USE_EXISTING',
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
            staticSummary: `texts of ${input.numberKeys.length} from ${input.carrier} to ${input.nextCarrier ?? 'nobody'}`,
          }),
        );
      } catch (error) {
        // It was started before and has ended since: what was asked for has been done.
        if (error instanceof WorkflowExecutionAlreadyStartedError) return;
        throw new Problem(
          'engine-unavailable',
          'The removal is on record and begins when the engine is back; repeat it with the same Idempotency-Key to be sure.',
          { cause: error },
        );
      }
    },
    async cancel(removalId, updateId) {
      try {
        return await client.withDeadline(Date.now() + updateDeadlineMs, () =>
          client.workflow
            .getHandle(workflowIds.textRemoval(removalId))
            .executeUpdate(cancelRemovalUpdate, { args: [], updateId }),
        );
      } catch (error) {
        throw asUpdateProblem(error, 'order-not-cancellable');
      }
    },
  };
}
