import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { cancelUpdate, workflowIds } from '../workflows/contract.ts';

/**
 * Cancels a port by its name, as a person would. One that has ended, or that can't be cancelled any more, goes on as it is.
 * @param updateId the same id asks once, however often it is repeated
 */
export type CancelPort = (portId: string, reason: string | undefined, updateId: string) => Promise<void>;

export function createCancelPort(client: Client): CancelPort {
  return async (portId, reason, updateId) => {
    try {
      await client.workflow
        .getHandle(workflowIds.port(portId))
        .executeUpdate(cancelUpdate, { args: [reason === undefined ? {} : { reason }], updateId });
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError) && !(error instanceof WorkflowUpdateFailedError)) throw error;
    }
  };
}
