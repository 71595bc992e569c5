import { condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { HoldActivities } from '../activities/interfaces.ts';
import { type HoldInput, heldSignal, routingChangedSignal } from './contract.ts';
import { isLong } from './long-history.ts';
import { msUntil } from './time.ts';

const { reviewHold } = proxyActivities<HoldActivities>({
  startToCloseTimeout: '60 seconds',
  // What a killed worker was releasing another one goes on with soon.
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

/**
 * Keeps the texts of one number while its routing is uncertain: sleeps until the proof or the earliest expiry, then lets them go, the
 * most urgent and oldest first, until there are none.
 */
export async function holdWorkflow(input: HoldInput): Promise<void> {
  const state: { look: boolean; heldSinceLook: boolean; nextLookAt: string | undefined } = {
    // A first look, always: the number may have been settled between the decision to hold and this start (invariant 6).
    look: true,
    heldSinceLook: false,
    nextLookAt: input.nextExpiryAt,
  };
  let restUntil: string | undefined;
  const lookBy = (at: string | undefined) => {
    if (at === undefined) return;
    const notBefore = restUntil !== undefined && restUntil > at ? restUntil : at;
    if (state.nextLookAt === undefined || notBefore < state.nextLookAt) state.nextLookAt = notBefore;
  };
  setHandler(heldSignal, (expiresAt) => {
    state.heldSinceLook = true;
    lookBy(expiresAt);
  });
  setHandler(routingChangedSignal, () => {
    state.look = true;
  });

  for (;;) {
    const dueAt = state.nextLookAt;
    if (!state.look) {
      await condition(() => state.look || state.nextLookAt !== dueAt || isLong(), msUntil(dueAt), {
        summary: 'proof of who routes the number, or the next expiry',
      });
      // Each bulk that is held here tells it: the engine takes no more than 10,000 signals, also not that of the proof.
      if (isLong()) {
        await continueAsNew<typeof holdWorkflow>({ numberKey: input.numberKey, nextExpiryAt: state.nextLookAt });
      }
      // Woken by a text that expires before the others: the timer is set anew.
      if (!state.look && state.nextLookAt !== dueAt) continue;
    }
    state.look = false;
    state.heldSinceLook = false;
    state.nextLookAt = undefined;
    const view = await reviewHold({ numberKey: input.numberKey });
    restUntil = new Date(Date.now() + (view.restMs ?? 0)).toISOString();
    // What was held while it looked may be what it has not seen (invariant 6).
    if (!view.left && state.heldSinceLook) state.look = true;
    if (!view.left && !state.look) return;
    if (view.moreToRelease && view.restMs === undefined) state.look = true;
    const announced: string | undefined = state.nextLookAt;
    state.nextLookAt = undefined;
    lookBy(announced);
    lookBy(view.moreToRelease ? restUntil : view.nextExpiryAt);
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof holdWorkflow>({ numberKey: input.numberKey, nextExpiryAt: state.nextLookAt });
    }
  }
}
