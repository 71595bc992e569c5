import { describe, expect, test } from 'vitest';
import {
  actOnBatch,
  type BatchAction,
  type BatchEvent,
  type BatchStatus,
  batchStatuses,
  newBatch,
  nextBatch,
  refusalOfAction,
} from '../../../domain/lifecycle/message-batch.ts';

const at = '2027-01-01T00:00:00.000Z';
const later = '2027-01-01T00:01:00.000Z';
const in_ = (status: BatchStatus) => ({ status, since: at });

describe('a bulk of texts', () => {
  test('is sent from the end of its upload on', () => {
    expect(newBatch(at)).toEqual({ status: 'sending', since: at });
  });

  const becomes: readonly [BatchEvent, BatchStatus, BatchStatus][] = [
    ['paused', 'sending', 'paused'],
    ['resumed', 'paused', 'sending'],
    ['cancelled', 'sending', 'cancelling'],
    ['cancelled', 'paused', 'cancelling'],
    ['cancelled', 'finishing', 'cancelling'],
    ['fed', 'sending', 'finishing'],
    ['fed', 'paused', 'finishing'],
    ['settled', 'finishing', 'completed'],
    ['settled', 'cancelling', 'cancelled'],
  ];
  test.each(becomes)('%s while %s: %s', (event, from, to) => {
    expect(nextBatch(in_(from), event, later)).toEqual({ status: to, since: later });
  });

  test('is changed by nothing else: what has ended stays so', () => {
    const events: readonly BatchEvent[] = ['paused', 'resumed', 'cancelled', 'fed', 'settled'];
    for (const status of batchStatuses) {
      for (const event of events) {
        if (becomes.some(([known, from]) => known === event && from === status)) continue;
        expect(nextBatch(in_(status), event, later)).toEqual(in_(status));
      }
    }
  });

  const possible: Readonly<Record<BatchAction, readonly BatchStatus[]>> = {
    pause: ['sending', 'paused'],
    resume: ['sending', 'paused'],
    cancel: ['sending', 'paused', 'finishing', 'cancelling', 'cancelled'],
  };
  test.each(Object.entries(possible))('can be told to %s in %j, also twice', (action, statuses) => {
    for (const status of batchStatuses) {
      const refusal = refusalOfAction(in_(status), action as BatchAction);
      expect(refusal === undefined, status).toBe(statuses.includes(status));
      if (refusal !== undefined) expect(refusal).toMatch(/^message-batch-not-(pausable|resumable|cancellable)$/);
      const once = actOnBatch(in_(status), action as BatchAction, later);
      expect(actOnBatch(once, action as BatchAction, later)).toEqual(once);
    }
  });
});
