import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { inject } from 'vitest';
import { type EngineInTest, engineInTest } from './engine-in-test.ts';

export type TimeSkipping = EngineInTest;

/** A server whose clock skips the time in which nothing happens, and the bundle that all tests share. */
export async function startTimeSkipping(): Promise<TimeSkipping> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const executable = { type: 'existing-path' as const, path: inject('testServerPath') };
  const env = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  return engineInTest(env, { codePath: inject('workflowBundlePath') });
}

/** The server that the system tests share, in real time: for what the other one does differently. */
export async function startInRealTime(): Promise<EngineInTest> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const env = await TestWorkflowEnvironment.createFromExistingServer({ address: inject('temporalAddress') });
  return engineInTest(env, { codePath: inject('workflowBundlePath') });
}
