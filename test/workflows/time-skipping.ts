import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { inject } from 'vitest';
import { sdkServer } from '../../embedded/sdk-server.ts';
import { searchAttributeNames } from '../../workflows/contract.ts';
import { type EngineInTest, engineInTest } from './engine-in-test.ts';
import './quiet-runtime.ts';
import { whileTimeIsSkipped } from './time-standing-still.ts';

export type TimeSkipping = EngineInTest;

/**
 * A server whose clock skips the time in which nothing happens, and the bundle that all tests share. It starts within 200 ms. Once a
 * workflow has been left in the middle of an activity it skips no more: a test that ends nothing properly needs one of its own. Nor does
 * it after a signal has met a workflow that was just completing («invalid history builder state»): what ends by itself is awaited by
 * `result()`, which needs no time to be skipped then, and not by a sleep, which fails then.
 */
export async function startTimeSkipping(): Promise<TimeSkipping> {
  const env = await TestWorkflowEnvironment.createTimeSkipping({ server: sdkServer(inject('testServerPath')) });
  const sleep = env.sleep;
  env.sleep = (duration) => whileTimeIsSkipped(sleep(duration), () => env.currentTimeMs());
  return engineInTest(env, { codePath: inject('workflowBundlePath') });
}

/** A server of its own in real time, in memory, within a second or two: for what the other one does differently. */
export async function startInRealTime(): Promise<EngineInTest> {
  const searchAttributes = Object.values(searchAttributeNames).map((name) =>
    defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
  );
  const env = await TestWorkflowEnvironment.createLocal({
    server: { ...sdkServer(inject('temporalPath')), searchAttributes },
  });
  return engineInTest(env, { codePath: inject('workflowBundlePath') });
}
