import { proxyActivities } from '@temporalio/workflow';
import type { Forgotten, RetentionActivities } from '../activities/interfaces.ts';

const { forgetWhatIsOver } = proxyActivities<RetentionActivities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '5 minutes',
  // The schedule comes round again: what fails now is taken then.
  retry: { maximumAttempts: 3 },
});

/** One pass of retention: what is not to be kept any longer is forgotten. @returns how much of what */
export async function retentionWorkflow(): Promise<Forgotten> {
  return forgetWhatIsOver();
}
