import { afterAll, beforeAll, expect, it } from 'vitest';
import { windowKey } from '../../domain/lifecycle/window-key.ts';
import { heldSignal, mainTaskQueue, workflowIds, workflowTypes } from '../../workflows/contract.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';
import { toldUntilNewRun } from './told-often.ts';

let engine: TimeSkipping;
beforeAll(async () => {
  engine = await startTimeSkipping();
});
afterAll(() => engine.close());

it('texts sleep until the hours open, on a timer, and go until there are none', async () => {
  const opensAt = new Date((await engine.env.currentTimeMs()) + 9 * 3600_000);
  const key = windowKey(opensAt);
  const releasedAt: number[] = [];
  const releaseWindow = async (input: { key: string }) => {
    expect(input).toEqual({ key });
    releasedAt.push(await engine.env.currentTimeMs());
    return { left: releasedAt.length < 3 };
  };
  await engine.withActivities({ releaseWindow }, async () => {
    const handle = await engine.env.client.workflow.signalWithStart(workflowTypes.windowHold, {
      workflowId: workflowIds.windowHold(opensAt.toISOString()),
      taskQueue: mainTaskQueue,
      args: [{ key, opensAt: opensAt.toISOString() }],
      signal: heldSignal,
      signalArgs: [new Date(opensAt.getTime() + 3600_000).toISOString()],
    });
    await handle.result();
    expect(releasedAt).toHaveLength(3);
    expect(Math.min(...releasedAt)).toBeGreaterThanOrEqual(opensAt.getTime());
  });
});

it('what is held as the hours have opened already goes at once (invariant 6)', async () => {
  const opensAt = new Date((await engine.env.currentTimeMs()) - 3600_000);
  let looks = 0;
  const releaseWindow = async () => {
    looks += 1;
    return { left: false };
  };
  await engine.withActivities({ releaseWindow }, async () => {
    const handle = await engine.env.client.workflow.start(workflowTypes.windowHold, {
      workflowId: workflowIds.windowHold(opensAt.toISOString()),
      taskQueue: mainTaskQueue,
      args: [{ key: windowKey(opensAt), opensAt: opensAt.toISOString() }],
    });
    await handle.result();
    expect(looks).toBe(1);
  });
});

it('goes on as a new run when much is held before the hours open: the engine bears 10,000 signals', async () => {
  const opensAt = new Date((await engine.env.currentTimeMs()) + 9 * 3600_000);
  const expiry = new Date(opensAt.getTime() + 3600_000).toISOString();
  let looks = 0;
  const releaseWindow = async () => {
    looks += 1;
    return { left: false };
  };
  await engine.withActivities({ releaseWindow }, async () => {
    const workflowId = workflowIds.windowHold(opensAt.toISOString());
    await engine.env.client.workflow.start(workflowTypes.windowHold, {
      workflowId,
      taskQueue: mainTaskQueue,
      args: [{ key: windowKey(opensAt), opensAt: opensAt.toISOString() }],
    });
    const handle = engine.env.client.workflow.getHandle(workflowId);
    await toldUntilNewRun(handle, () => handle.signal(heldSignal, expiry));
    expect(looks).toBe(0);
    await handle.result();
    expect(looks).toBe(1);
  });
});
