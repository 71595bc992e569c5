import { randomBytes } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { MessageBatchActivities } from '../../../activities/interfaces.ts';
import {
  cancelBatchUpdate,
  mainTaskQueue,
  pauseBatchUpdate,
  resumeBatchUpdate,
  workflowTypes,
} from '../../../workflows/contract.ts';
import { type Story, waits } from './story.ts';

/** A bulk of texts; `fed` and `open` are what each call finds. */
function ofBulk(
  name: string,
  { fed, open }: { fed: Awaited<ReturnType<MessageBatchActivities['feedBatch']>>[]; open: number[] },
  act: (handle: WorkflowHandle) => Promise<unknown>,
): Story {
  const activities: MessageBatchActivities = {
    feedBatch: async () => fed.shift() ?? { all: true, some: false },
    countBatch: async () => ({ open: open.shift() ?? 0 }),
    stopBatchTexts: async () => undefined,
    projectBatch: async () => undefined,
  };
  return (engine) =>
    engine.withActivities(activities, async () => {
      const batchId = `bat_${randomBytes(16).toString('hex')}`;
      const handle = await engine.env.client.workflow.start(workflowTypes.messageBatch, {
        workflowId: batchId,
        taskQueue: mainTaskQueue,
        args: [{ batchId }],
      });
      await act(handle);
      return { [name]: handle };
    });
}

const untilItEnds = (handle: WorkflowHandle) => handle.result();
const more = { all: false, some: true };
const full = { all: false, some: false };

const sent = ofBulk('message-batch-sent', { fed: [more, more], open: [900, 0] }, untilItEnds);
const paused = ofBulk('message-batch-paused', { fed: [full], open: [] }, async (handle) => {
  await waits(handle);
  await handle.executeUpdate(pauseBatchUpdate);
  await handle.executeUpdate(resumeBatchUpdate);
  await handle.result();
});
const cancelled = ofBulk('message-batch-cancelled', { fed: [more], open: [2, 0] }, async (handle) => {
  await waits(handle);
  await handle.executeUpdate(cancelBatchUpdate);
  await handle.result();
});
const counting = ofBulk('message-batch-counting', { fed: [more], open: Array.from({ length: 1000 }, () => 1) }, waits);

export const messageBatchStories: readonly Story[] = [sent, paused, cancelled, counting];
