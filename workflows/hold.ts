import { condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { HoldActivities } from '../activities/interfaces.ts';
import { type HoldInput, heldSignal, routingChangedSignal } from './contract.ts';
import { msUntil } from './time.ts';

const { reviewHold } = proxyActivities<HoldActivities>({
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

/**
 * Keeps the texts of one number while its routing is uncertain: sleeps until the proof or the earliest expiry, then lets them go, the
 * most urgent and oldest first, until there are none.
 */
export async function holdWorkflow(input: HoldInput): Promise<void> {
  const state: { look: boolean; heldSinceLook: boolean; nextExpiryAt: string | undefined } = {
    // A first look, always: the number may have been settled between the decision to hold and this start (invariant 6).
    look: true,
    heldSinceLook: false,
    nextExpiryAt: input.nextExpiryAt,
  };
  const expiresBy = (at: string | undefined) => {
    if (at !== undefined && (state.nextExpiryAt === undefined || at < state.nextExpiryAt)) state.nextExpiryAt = at;
  };
  setHandler(heldSignal, (expiresAt) => {
    state.heldSinceLook = true;
    expiresBy(expiresAt);
  });
  setHandler(routingChangedSignal, () => {
    state.look = true;
  });

  for (;;) {
    const dueAt = state.nextExpiryAt;
    if (!state.look) {
      await condition(() => state.look || state.nextExpiryAt !== dueAt, msUntil(dueAt), {
        summary: 'proof of who routes the number, or the next expiry',
      });
      // Woken by a text that expires before the others: the timer is set anew.
      if (!state.look && state.nextExpiryAt !== dueAt) continue;
    }
    state.look = false;
    state.heldSinceLook = false;
    state.nextExpiryAt = undefined;
    const view = await reviewHold({ numberKey: input.numberKey });
    if (view.moreToRelease || (!view.left && state.heldSinceLook)) state.look = true;
    if (!view.left && !state.look) return;
    expiresBy(view.nextExpiryAt);
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof holdWorkflow>({ numberKey: input.numberKey, nextExpiryAt: state.nextExpiryAt });
    }
  }
}
