import { condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { WindowHoldActivities } from '../activities/interfaces.ts';
import { heldSignal, type WindowHoldInput } from './contract.ts';
import { isLong } from './long-history.ts';
import { msUntil } from './time.ts';

const { releaseWindow } = proxyActivities<WindowHoldActivities>({
  startToCloseTimeout: '30 seconds',
  // What a killed worker was releasing another one goes on with soon.
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

/**
 * Keeps the texts that may leave from one moment on: sleeps until then, and lets them go, the most urgent and oldest first, until there are
 * none. Whether they may still leave is decided anew when they are admitted.
 */
export async function windowHoldWorkflow({ key, opensAt }: WindowHoldInput): Promise<void> {
  let heldSinceLook = false;
  setHandler(heldSignal, () => {
    heldSinceLook = true;
  });

  if (Date.parse(opensAt) > Date.now()) {
    await condition(isLong, msUntil(opensAt), { summary: 'the hours of the recipients open' });
    // Each bulk of a night tells it: the engine takes no more than 10,000 signals.
    if (isLong()) await continueAsNew<typeof windowHoldWorkflow>({ key, opensAt });
  }
  for (;;) {
    heldSinceLook = false;
    const { left } = await releaseWindow({ key });
    // What is stored while we look is announced afterwards (invariant 6).
    if (!left && !heldSinceLook) return;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof windowHoldWorkflow>({ key, opensAt });
  }
}
