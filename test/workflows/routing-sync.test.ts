import { afterAll, beforeAll, expect, it } from 'vitest';
import { mainTaskQueue, workflowTypes } from '../../workflows/contract.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeAll(async () => {
  engine = await startTimeSkipping();
});
afterAll(() => engine.close());

/** One pass over so many numbers, in chunks of 100. */
async function pass(numbers: number) {
  let left = numbers;
  const syncRouting = async () => {
    const checked = Math.min(100, left);
    left -= checked;
    return { checked, drifting: 0, more: left > 0 };
  };
  return engine.withActivities({ syncRouting }, async () => {
    const handle = await engine.env.client.workflow.start(workflowTypes.routingSync, {
      workflowId: `routing-sync-${numbers}`,
      taskQueue: mainTaskQueue,
    });
    const checked = await handle.result();
    return { checked, left, events: (await handle.fetchHistory()).events?.length ?? 0 };
  });
}

it('costs a few events when nothing is due', async () => {
  expect(await pass(0)).toEqual({ checked: 0, left: 0, events: 11 });
});

it('takes what is due, chunk by chunk; what is left is for the next pass, under 200 events', async () => {
  expect(await pass(250)).toMatchObject({ checked: 250, left: 0 });
  const { checked, left, events } = await pass(5000);
  expect({ checked, left }).toEqual({ checked: 3000, left: 2000 });
  expect(events).toBeLessThan(200);
});
