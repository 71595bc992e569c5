import type { Logger } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';

const silent = () => undefined;
const logger: Logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/** Runs an activity as a workflow's own. @param attempt above 1: a run before this one has failed, or was not heard of any more */
export function inWorkflow<T>(workflowId: string, activity: () => Promise<T>, attempt = 1): Promise<T> {
  const workflowExecution = { workflowId, runId: `run of ${workflowId}` };
  return new MockActivityEnvironment({ workflowExecution, attempt }, { logger }).run(activity) as Promise<T>;
}
