import { proxyLocalActivities } from '@temporalio/workflow';
import type { LearningActivities } from '../activities/interfaces.ts';

// Local: once a minute for ever, so a pass should cost the engine little; it may be made twice, because only one of two is kept.
const { learnRoutes } = proxyLocalActivities<LearningActivities>({
  startToCloseTimeout: '30 seconds',
  // The schedule comes round again: what fails now is learnt then.
  retry: { maximumAttempts: 3 },
});

/** One pass of learning about routes: what has become of texts since the last one changes what is expected of their routes. */
export async function learningWorkflow(): Promise<{ texts: number; changes: number }> {
  return learnRoutes();
}
