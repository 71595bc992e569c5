import type { Logger } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';

const silent = () => undefined;
const logger: Logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/** Runs an activity as a workflow's own. */
export function inWorkflow<T>(workflowId: string, activity: () => Promise<T>): Promise<T> {
  const workflowExecution = { workflowId, runId: `run of ${workflowId}` };
  return new MockActivityEnvironment({ workflowExecution }, { logger }).run(activity) as Promise<T>;
}
