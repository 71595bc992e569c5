import { Context } from '@temporalio/activity';

/** The run of a workflow that has texts. */
export interface Owner {
  readonly workflowId: string;
  readonly runId: string;
}

/** The workflow that the running activity belongs to. */
export function currentWorkflow(): Owner {
  const { workflowExecution } = Context.current().info;
  if (!workflowExecution) throw new Error('This activity was not started by a workflow.');
  return workflowExecution;
}
