import { condition, proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { AdmissionActivities, SubmissionActivities } from '../../activities/interfaces.ts';
import { carrierTaskQueue, type MessagesInput, settledSignal } from '../../workflows/contract.ts';

export { holdWorkflow } from '../../workflows/index.ts';

const { admit } = proxyLocalActivities<AdmissionActivities>({ startToCloseTimeout: '15 seconds' });

/** The message workflow as an incompatible change would leave it: it waits for all receipts, and never reviews. */
export async function messagesWorkflow(input: MessagesInput): Promise<void> {
  let settled = false;
  setHandler(settledSignal, () => {
    settled = true;
  });
  for (const carrier of (await admit(input)).carriers) {
    const { submit } = proxyActivities<SubmissionActivities>({
      taskQueue: carrierTaskQueue(carrier),
      startToCloseTimeout: '45 seconds',
    });
    await submit({ carrier });
  }
  await condition(() => settled);
}
