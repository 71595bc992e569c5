import { randomBytes } from 'node:crypto';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageBatchActivities } from '../../activities/interfaces.ts';
import {
  cancelBatchUpdate,
  mainTaskQueue,
  pauseBatchUpdate,
  resumeBatchUpdate,
  workflowTypes,
} from '../../workflows/contract.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeAll(async () => {
  engine = await startTimeSkipping();
});
afterAll(() => engine.close());

/** A bulk of which the activities find this, and what was done with it. */
function bulk(find: { feed?: MessageBatchActivities['feedBatch']; open?: number[] } = {}) {
  const done: string[] = [];
  const open = [...(find.open ?? [])];
  const activities: MessageBatchActivities = {
    feedBatch: async (input) => {
      done.push('feed');
      return find.feed ? find.feed(input) : { all: true, some: true };
    },
    countBatch: async () => {
      done.push('count');
      return { open: open.shift() ?? 0 };
    },
    stopBatchTexts: async () => void done.push('stop'),
    projectBatch: async ({ counter, state }) => void done.push(`${counter} ${state.status}`),
  };
  const start = () => {
    const batchId = `bat_${randomBytes(16).toString('hex')}`;
    return engine.env.client.workflow.start(workflowTypes.messageBatch, {
      workflowId: batchId,
      taskQueue: mainTaskQueue,
      args: [{ batchId }],
    });
  };
  return { done, activities, start };
}

describe('the workflow of a bulk of texts', () => {
  it('gives its texts away, and counts until all are final, ever more rarely', async () => {
    const runs = [
      { all: false, some: true },
      { all: true, some: true },
    ];
    const { done, activities, start } = bulk({
      feed: async () => runs.shift() ?? { all: true, some: false },
      open: [9, 9, 3],
    });
    await engine.withActivities(activities, async () => {
      await (await start()).result();
    });
    expect(done).toEqual([
      '1 sending',
      'feed',
      'feed',
      '2 finishing',
      'count',
      'count',
      'count',
      'count',
      '3 completed',
    ]);
  });

  it('keeps its texts back while it is paused, and goes on', async () => {
    let asked = () => {};
    const first = new Promise<void>((resolve) => {
      asked = resolve;
    });
    let takes = false;
    const { done, activities, start } = bulk({
      feed: async () => {
        asked();
        return { all: takes, some: false };
      },
    });
    await engine.withActivities(activities, async () => {
      const handle = await start();
      await first;
      expect((await handle.executeUpdate(pauseBatchUpdate)).status).toBe('paused');
      const seen = await handle.query<{ readonly currentDetails: string }>('__temporal_workflow_metadata');
      expect(seen.currentDetails).toMatch(/\*\*paused\*\*.*Waits for somebody to resume/s);
      // To repeat it is harmless.
      expect((await handle.executeUpdate(pauseBatchUpdate)).status).toBe('paused');
      takes = true;
      await handle.executeUpdate(resumeBatchUpdate);
      await handle.result();
    });
    // Between pause and resume nothing was given away but by a look that had begun before.
    const paused = done.slice(done.indexOf('2 paused'));
    expect(paused.filter((each) => each === 'feed').length).toBeLessThanOrEqual(2);
    expect(paused).toContain('3 sending');
    expect(done.at(-1)).toMatch(/completed$/);
  });

  it('stops its texts when it is cancelled, and ends when those that had gone are final', async () => {
    let asked = () => {};
    const first = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { done, activities, start } = bulk({
      feed: async () => {
        asked();
        return { all: false, some: false };
      },
      open: [1],
    });
    await engine.withActivities(activities, async () => {
      const handle = await start();
      await first;
      expect((await handle.executeUpdate(cancelBatchUpdate)).status).toBe('cancelling');
      await expect(handle.executeUpdate(pauseBatchUpdate)).rejects.toBeInstanceOf(WorkflowUpdateFailedError);
      await handle.result();
    });
    expect(done.filter((each) => each === 'stop')).toHaveLength(1);
    expect(done.slice(done.indexOf('stop'))).toEqual(['stop', 'count', 'count', expect.stringMatching(/cancelled$/)]);
  });
});
