import type { Store } from '../store/store.ts';
import type { MessageBatchProcess } from './message-batch-process.ts';

/** A bulk that lies stored and unstarted for so long was cut off from its process; longer than a start may take. */
const unstartedAfterMs = 15_000;
/** An upload of which nothing was heard for so long is given up. */
const abandonedAfterMs = 3600_000;
const atOnce = 20;

/**
 * Starts bulks whose upload has ended and whose process has not begun, and gives up uploads that never came to their end. To do either
 * twice is harmless.
 */
export async function sweepMessageBatches(
  {
    store,
    messageBatchProcess,
  }: {
    readonly store: Pick<Store, 'messageBatches' | 'batchTexts'>;
    readonly messageBatchProcess: Pick<MessageBatchProcess, 'start'>;
  },
  now = new Date(),
): Promise<void> {
  const since = (ms: number) => new Date(now.getTime() - ms);
  for (const batch of await store.messageBatches.quietSince('sending', since(unstartedAfterMs), atOnce)) {
    await messageBatchProcess.start({ batchId: batch._id });
  }
  for (const batch of await store.messageBatches.quietSince('uploading', since(abandonedAfterMs), atOnce)) {
    if (!(await store.messageBatches.expireUpload(batch._id, batch.changedAt, now))) continue;
    await store.batchTexts.remove(batch._id);
  }
}
