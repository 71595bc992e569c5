import { afterAll, beforeAll, expect, it } from 'vitest';
import { mainTaskQueue, workflowIds, workflowTypes } from '../../workflows/contract.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeAll(async () => {
  engine = await startTimeSkipping();
});
afterAll(() => engine.close());

it('costs the engine six events a pass, and survives that the store is away for a moment', async () => {
  let tries = 0;
  const learnRoutes = async () => {
    if (++tries < 2) throw new Error('The store is away.');
    return { texts: 3, changes: 2 };
  };
  await engine.withActivities({ learnRoutes }, async () => {
    const options = { workflowId: workflowIds.learning(), taskQueue: mainTaskQueue };
    const handle = await engine.env.client.workflow.start(workflowTypes.learning, options);
    expect(await handle.result()).toEqual({ texts: 3, changes: 2 });
    expect(tries).toBe(2);
    const again = await engine.env.client.workflow.start(workflowTypes.learning, options);
    await again.result();
    expect((await again.fetchHistory()).events?.length).toBe(6);
  });
});
