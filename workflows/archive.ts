import { proxyActivities } from '@temporalio/workflow';
import type { ArchiveActivities } from '../activities/interfaces.ts';

const { archiveClosedRuns } = proxyActivities<ArchiveActivities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '5 minutes',
  // The schedule comes round again: what fails now is taken then.
  retry: { maximumAttempts: 3 },
});

/** One pass of the archive: runs of processes that have ended are copied into the store (invariant 2). @returns how many were new */
export async function archiveWorkflow(): Promise<number> {
  return archiveClosedRuns();
}
