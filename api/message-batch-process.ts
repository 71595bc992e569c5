import type { Client } from '@temporalio/client';
import type { BatchAction, BatchState } from '../domain/lifecycle/message-batch.ts';
import {
  cancelBatchUpdate,
  type MessageBatchInput,
  pauseBatchUpdate,
  resumeBatchUpdate,
  workflowIds,
  workflowTypes,
} from '../workflows/contract.ts';
import { startOnce, updateProcess } from './durable-process.ts';
import type { ProblemCode } from './problem-codes.ts';

/** The process of a bulk of texts, as the API starts it and people act on it. Every call is safe to repeat. */
export interface MessageBatchProcess {
  /** Starts the process; one that was ever started is left as it is. @throws Problem `engine-unavailable` */
  start(input: MessageBatchInput): Promise<void>;
  /** @throws Problem with the code of the action, `engine-timeout`, `engine-unavailable` */
  act(batchId: string, action: BatchAction, updateId: string): Promise<BatchState>;
}

const actions = {
  pause: { definition: pauseBatchUpdate, whenEnded: 'message-batch-not-pausable' },
  resume: { definition: resumeBatchUpdate, whenEnded: 'message-batch-not-resumable' },
  cancel: { definition: cancelBatchUpdate, whenEnded: 'message-batch-not-cancellable' },
} as const satisfies Record<BatchAction, { definition: unknown; whenEnded: ProblemCode }>;

/** The process of a bulk behind a Temporal client. */
export function createMessageBatchProcess(client: Client): MessageBatchProcess {
  return {
    start: (input) =>
      startOnce(client, workflowTypes.messageBatch, 'bulk', {
        workflowId: workflowIds.messageBatch(input.batchId),
        input,
        summary: 'a bulk of texts',
      }),
    act: (batchId, action, updateId) => {
      const { definition, whenEnded } = actions[action];
      const workflowId = workflowIds.messageBatch(batchId);
      return updateProcess(client, workflowId, definition, [], updateId, whenEnded, 'bulk');
    },
  };
}
