import type { Client, WorkflowExecutionInfo } from '@temporalio/client';

/** How long the histories of one kind of workflow are. */
export interface HistorySizes {
  readonly runs: number;
  /** Events of the longest, and of one on average. */
  readonly greatest: number;
  readonly mean: number;
  readonly greatestBytes: number;
}

/** Every run that the engine knows, by type; one that was continued as new counts for itself. */
export async function historySizes(client: Client): Promise<Record<string, HistorySizes>> {
  const byType = new Map<string, { runs: number; events: number; greatest: number; greatestBytes: number }>();
  for await (const run of client.workflow.list()) {
    const { type } = run;
    const { historyLength, historySize = 0 } = await sizeOf(client, run);
    const sizes = byType.get(type) ?? { runs: 0, events: 0, greatest: 0, greatestBytes: 0 };
    sizes.runs += 1;
    sizes.events += historyLength;
    sizes.greatest = Math.max(sizes.greatest, historyLength);
    sizes.greatestBytes = Math.max(sizes.greatestBytes, historySize);
    byType.set(type, sizes);
  }
  return Object.fromEntries(
    [...byType].map(([type, { runs, events, greatest, greatestBytes }]) => [
      type,
      { runs, greatest, mean: events / runs, greatestBytes },
    ]),
  );
}

/** A list knows the sizes of those that have ended only. */
function sizeOf(client: Client, run: WorkflowExecutionInfo) {
  return run.status.name === 'RUNNING' ? client.workflow.getHandle(run.workflowId, run.runId).describe() : run;
}

/** Bytes of what the runs of one kind of workflow were begun with, continued ones too: the greatest. */
export async function greatestInput(client: Client, type: string): Promise<number> {
  let greatest = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query: `WorkflowType="${type}"` })) {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: 1,
    });
    const begun = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
    const bytes = (begun?.input?.payloads ?? []).reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
    greatest = Math.max(greatest, bytes);
  }
  return greatest;
}
