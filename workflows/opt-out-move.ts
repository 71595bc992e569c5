import { condition, continueAsNew, proxyActivities, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { OptOutMoveActivities } from '../activities/interfaces.ts';
import { type OptOutMoveInput, optOutNewsSignal } from './contract.ts';
import { heartbeatTimeout } from './heartbeat.ts';
import { exportBeforeTheMove } from './opt-out-export.ts';

const { takeOverOptOuts } = proxyActivities<Pick<OptOutMoveActivities, 'takeOverOptOuts'>>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout,
  retry: { initialInterval: '1 second', maximumInterval: '5 minutes' },
});

const firstPauseMs = 60_000;
const longestPauseMs = 3600_000;
/** Each look is at all numbers of the port, and those of an order arrive one soon after the other. */
const togetherMs = 2000;

/** The opt-outs of a port's numbers: exported at the margin before the date, taken over and verified when each number has moved. */
export async function optOutMoveWorkflow(input: OptOutMoveInput): Promise<void> {
  const { portId } = input;
  const state = { news: false };
  setHandler(optOutNewsSignal, () => {
    state.news = true;
  });
  if (!input.exported) await exportBeforeTheMove(portId);
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    state.news = false;
    const { left } = await takeOverOptOuts({ portId });
    if (left === 0 && !state.news) return;
    if (workflowInfo().continueAsNewSuggested && !state.news) {
      await continueAsNew<typeof optOutMoveWorkflow>({ portId, exported: true });
    }
    const moved = await condition(() => state.news, pauseMs, { summary: 'a number that has moved, or the next look' });
    if (moved) await sleep(togetherMs, { summary: 'those that move at the same time' });
  }
}
