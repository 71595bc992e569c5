import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { ClosedRun } from '../store/archived-runs.ts';
import { searchAttributeNames, workflowTypes } from '../workflows/contract.ts';

/** What the engine knows of runs that have ended, until its retention is over. */
export interface ClosedRuns {
  /** Runs of processes that were closed since, of those whose history is kept; in no order, and some of them perhaps again. */
  list(since: Date): AsyncIterable<ClosedRun>;
  /** @returns protobuf (temporal.api.history.v1.History); undefined when the engine has forgotten it */
  history(run: ClosedRun): Promise<{ readonly bytes: Uint8Array; readonly events: number } | undefined>;
}

/** A text's audit is its attempts (invariant 2), and what comes round by a schedule leaves its traces elsewhere. */
const notKept: readonly string[] = [
  workflowTypes.messages,
  workflowTypes.hold,
  workflowTypes.carrierSync,
  workflowTypes.routingSync,
  workflowTypes.archive,
  workflowTypes.learning,
];

const { History } = proto.temporal.api.history.v1;
const notFound = 5;

export function createClosedRuns(client: Client): ClosedRuns {
  const portId = defineSearchAttributeKey(searchAttributeNames.portId, 'KEYWORD');
  return {
    async *list(since) {
      const types = notKept.map((type) => ` AND WorkflowType != '${type}'`).join('');
      const query = `CloseTime >= '${since.toISOString()}'${types}`;
      for await (const run of client.workflow.list({ query })) {
        const { workflowId, runId, type, status, startTime, closeTime } = run;
        if (!closeTime) continue;
        yield {
          workflowId,
          runId,
          type,
          subject: run.typedSearchAttributes.get(portId) ?? portIn(workflowId) ?? workflowId,
          status: status.name,
          startedAt: startTime,
          closedAt: closeTime,
        };
      }
    },

    async history({ workflowId, runId }) {
      try {
        const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
        // By the library that the rest of the product reads it with: the client brings one of its own.
        return { bytes: History.encode(History.fromObject(history)).finish(), events: history.events?.length ?? 0 };
      } catch (error) {
        if ((error as { code?: unknown }).code === notFound) return undefined;
        throw error;
      }
    },
  };
}

/** Workflows that serve a port are named after it: `correspondence/port_…`. */
function portIn(workflowId: string): string | undefined {
  return workflowId.split('/').find((part) => part.startsWith('port_'));
}
