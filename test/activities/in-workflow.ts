import { MockActivityEnvironment } from '@temporalio/testing';

/** Runs an activity as a workflow's own. */
export function inWorkflow<T>(workflowId: string, activity: () => Promise<T>): Promise<T> {
  const workflowExecution = { workflowId, runId: `run of ${workflowId}` };
  return new MockActivityEnvironment({ workflowExecution }).run(activity) as Promise<T>;
}
