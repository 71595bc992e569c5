import { ApplicationFailure } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { MessageBatchActivities } from '../activities/interfaces.ts';
import {
  actOnBatch,
  type BatchAction,
  type BatchEvent,
  type BatchState,
  newBatch,
  nextBatch,
  refusalOfAction,
} from '../domain/lifecycle/message-batch.ts';
import {
  batchStateQuery,
  cancelBatchUpdate,
  type MessageBatchInput,
  pauseBatchUpdate,
  resumeBatchUpdate,
} from './contract.ts';
import { heartbeatTimeout } from './heartbeat.ts';
import { nowIso } from './time.ts';

const retry = { initialInterval: '1 second', maximumInterval: '30 seconds' } as const;
const { projectBatch } = proxyActivities<MessageBatchActivities>({ startToCloseTimeout: '15 seconds', retry });
const { feedBatch } = proxyActivities<MessageBatchActivities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout,
  retry,
});
/** These go through all texts, in portions; a worker that died is noticed by its missing beat. */
const { stopBatchTexts, countBatch } = proxyActivities<MessageBatchActivities>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '30 seconds',
  retry,
});

/** Pauses between two looks double up to this: what waits costs nearly nothing, and texts live for 72 hours at most. */
const shortestPauseMs = 2000;
const longestFeedPauseMs = 60_000;
const longestCountPauseMs = 30 * 60_000;

/**
 * A bulk of texts, from the end of its upload until all are final: gives them to message workflows as fast as they are submitted, and counts
 * what has become of them. What has been given away goes its own way; a pause keeps back what has not.
 */
export async function messageBatchWorkflow(input: MessageBatchInput): Promise<void> {
  const { batchId } = input;
  let state = input.carried?.state ?? newBatch(nowIso());
  let counter = input.carried?.counter ?? 0;
  let stopped = false;
  setCurrentDetails(describe(state));

  // ---------------------------------------------------------------------------------------------- what people do
  const change = async (next: BatchState): Promise<void> => {
    state = next;
    counter += 1;
    setCurrentDetails(describe(state));
    await projectBatch({ batchId, counter, state });
  };
  const take = (event: BatchEvent) => change(nextBatch(state, event, nowIso()));
  const act = (action: BatchAction) => async () => {
    const next = actOnBatch(state, action, nowIso());
    if (next !== state) await change(next);
    return state;
  };
  const validator = (action: BatchAction) => () => {
    const type = refusalOfAction(state, action);
    if (type === undefined) return;
    throw ApplicationFailure.create({ type, message: `The bulk is ${state.status}.`, nonRetryable: true });
  };
  setHandler(pauseBatchUpdate, act('pause'), { validator: validator('pause') });
  setHandler(resumeBatchUpdate, act('resume'), { validator: validator('resume') });
  setHandler(cancelBatchUpdate, act('cancel'), { validator: validator('cancel') });
  setHandler(batchStateQuery, () => state);

  // ---------------------------------------------------------------------------------------------- the bulk
  const is = (status: BatchState['status']) => state.status === status;
  const mayContinueAsNew = async (): Promise<void> => {
    if (!workflowInfo().continueAsNewSuggested) return;
    await condition(allHandlersFinished);
    await continueAsNew<typeof messageBatchWorkflow>({ batchId, carried: { state, counter } });
  };

  // The first projection says that the process has begun.
  if (counter === 0) await change(state);
  for (let pauseMs = shortestPauseMs; is('sending') || is('paused'); ) {
    await condition(() => !is('paused'));
    if (!is('sending')) break;
    const { all, some } = await feedBatch({ batchId });
    if (all) {
      await take('fed');
      break;
    }
    await mayContinueAsNew();
    if (some) {
      pauseMs = shortestPauseMs;
      continue;
    }
    // Texts wait for their carrier.
    await condition(() => !is('sending'), pauseMs, { summary: 'the carrier takes more' });
    pauseMs = Math.min(longestFeedPauseMs, pauseMs * 2);
  }

  for (let pauseMs = shortestPauseMs; ; pauseMs = Math.min(longestCountPauseMs, pauseMs * 2)) {
    if (is('cancelling') && !stopped) {
      await stopBatchTexts({ batchId });
      stopped = true;
    }
    const { open } = await countBatch({ batchId });
    if (open === 0 && (stopped || !is('cancelling'))) break;
    await condition(() => is('cancelling') && !stopped, pauseMs, { summary: 'receipts' });
    await mayContinueAsNew();
  }
  await take('settled');
  await condition(allHandlersFinished);
}

/** What people read of it in the Web UI. */
function describe({ status, since }: BatchState): string {
  return [`Bulk: **${status}** since ${since}.`, waitsFor[status]].filter(Boolean).join('\n\n');
}

const waitsFor: Partial<Record<BatchState['status'], string>> = {
  sending: 'Waits for the carriers to take its texts.',
  paused: 'Waits for somebody to resume or cancel it.',
  finishing: 'Waits for its last texts to be final.',
  cancelling: 'Waits for the texts that were submitted before to be final.',
};
