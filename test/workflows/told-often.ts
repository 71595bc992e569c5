import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';

/**
 * Tells a workflow that waits so much that it continues as new. Near its end one at a time, and never while it ends: the server that skips
 * time does not bear that.
 */
export async function toldUntilNewRun(handle: WorkflowHandle, tell: () => Promise<void>): Promise<void> {
  const { runId } = await handle.describe();
  for (let rounds = 0; rounds < 300; rounds += 1) {
    const now = await handle.describe();
    if (now.runId !== runId) return;
    const atOnce = now.historyLength < 1800 ? 50 : 1;
    await Promise.all(Array.from({ length: atOnce }, tell));
    await sleep(30);
  }
  expect((await handle.describe()).runId).not.toBe(runId);
}
