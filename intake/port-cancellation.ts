import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Refusal, RefusalCode } from '../domain/lifecycle/order-actions.ts';
import { cancelUpdate, workflowIds } from '../workflows/contract.ts';

/**
 * Cancels a port by its name, as a person would. One that has ended, or that can't be cancelled any more, goes on as it is.
 * @param updateId the same id asks once, however often it is repeated
 * @returns why it goes on; undefined when it has taken the cancellation, or has ended
 */
export type CancelPort = (portId: string, reason: string | undefined, updateId: string) => Promise<Refusal | undefined>;

export function createCancelPort(client: Client): CancelPort {
  return async (portId, reason, updateId) => {
    try {
      await client.workflow
        .getHandle(workflowIds.port(portId))
        .executeUpdate(cancelUpdate, { args: [reason === undefined ? {} : { reason }], updateId });
      return undefined;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure)) throw error;
      const { type, message } = error.cause;
      return { code: type as RefusalCode, message };
    }
  };
}
