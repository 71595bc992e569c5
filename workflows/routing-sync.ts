import { proxyActivities } from '@temporalio/workflow';
import type { RoutingSyncActivities } from '../activities/interfaces.ts';
import { heartbeatTimeout } from './heartbeat.ts';

const { syncRouting } = proxyActivities<RoutingSyncActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout,
  // The schedule comes round again: what fails now is taken then.
  retry: { maximumAttempts: 3 },
});

/** A pass compares so many chunks at most; what is left is due at the next one. Keeps a pass under 200 events. */
const chunksPerPass = 30;

/**
 * One pass over the numbers whose record is due to be compared with the portability database and their carriers. Where it stands is in
 * the store: each number has its own time. @returns how many were compared
 */
export async function routingSyncWorkflow(): Promise<number> {
  let checked = 0;
  for (let chunk = 0; chunk < chunksPerPass; chunk++) {
    const pass = await syncRouting();
    checked += pass.checked;
    if (!pass.more) break;
  }
  return checked;
}
