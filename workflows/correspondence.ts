import { condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { PapersActivities } from '../activities/interfaces.ts';
import { type CorrespondenceInput, correspondenceSignal } from './contract.ts';
import { heartbeatTimeout } from './heartbeat.ts';
import { msUntil } from './time.ts';

const { exchangeComments, handOverDocuments } = proxyActivities<PapersActivities>({
  // A document of some megabytes goes over a slow line.
  startToCloseTimeout: '3 minutes',
  heartbeatTimeout,
  retry: { initialInterval: '1 second', maximumInterval: '5 minutes' },
});

/**
 * What goes between us and the carriers of one port besides its order: comments both ways, and papers that came after the order. Lives
 * only while there is something to do; a comment that can't be sent now waits here for its next attempt.
 */
export async function correspondenceWorkflow(input: CorrespondenceInput): Promise<void> {
  const { portId } = input;
  let asked = true;
  setHandler(correspondenceSignal, () => {
    asked = true;
  });
  for (;;) {
    asked = false;
    const { nextAt } = await exchangeComments({ portId });
    await handOverDocuments({ portId });
    if (!asked && nextAt === undefined) return;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof correspondenceWorkflow>(input);
    await condition(() => asked, msUntil(nextAt), { summary: 'the next attempt, or something new' });
  }
}
