import type { Client } from '@temporalio/client';
import type { RemovalState } from '../domain/lifecycle/text-removal.ts';
import { cancelRemovalUpdate, type TextRemovalInput, workflowIds, workflowTypes } from '../workflows/contract.ts';
import { startOnce, updateProcess } from './durable-process.ts';

/** The process of a removal of texts, as the API starts it and people act on it. Every call is safe to repeat. */
export interface TextRemovalProcess {
  /** @throws Problem `engine-unavailable` */
  start(input: TextRemovalInput): Promise<void>;
  /** @throws Problem `order-not-cancellable`, `engine-timeout` */
  cancel(removalId: string, updateId: string): Promise<RemovalState>;
}

/** The process of a removal behind a Temporal client. */
export function createTextRemovalProcess(client: Client): TextRemovalProcess {
  return {
    start: (input) =>
      startOnce(client, workflowTypes.textRemoval, 'removal', {
        workflowId: workflowIds.textRemoval(input.removalId),
        input,
        summary: `texts of ${input.numberKeys.length} from ${input.carrier} to ${input.nextCarrier ?? 'nobody'}`,
      }),
    cancel: (removalId, updateId) =>
      updateProcess(
        client,
        workflowIds.textRemoval(removalId),
        cancelRemovalUpdate,
        [],
        updateId,
        'order-not-cancellable',
        'order',
      ),
  };
}
