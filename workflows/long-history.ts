import { workflowInfo } from '@temporalio/workflow';

/** Far from what the engine bears (10,000 signals, 51,200 events), and so small that it is read quickly when its worker has died. */
const longHistory = 2000;

/** Whether a workflow that waits and is told of much is to continue as new now. */
export function isLong(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength >= longHistory;
}
