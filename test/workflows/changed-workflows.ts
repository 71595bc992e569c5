import { sleep } from '@temporalio/workflow';

/** The message workflow as an incompatible change would leave it: it waits where the real one admits its texts. */
export async function messagesWorkflow(): Promise<void> {
  await sleep('1 minute');
}
