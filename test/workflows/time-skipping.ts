import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Activities, SubmissionActivities } from '../../activities/interfaces.ts';
import { carrierTaskQueue, mainTaskQueue } from '../../workflows/contract.ts';

/** The carriers that the test's workers submit to. */
export const carriers = ['alpha', 'beta'] as const;

export interface TimeSkipping {
  readonly env: TestWorkflowEnvironment;
  /** Runs workers with these activities while `act` runs. What an activity does not define, must not be called. */
  withActivities<T>(activities: Partial<Activities>, act: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A server whose clock skips the time in which nothing happens, and the bundle that all tests share. */
export async function startTimeSkipping(): Promise<TimeSkipping> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: inject('testServerPath') } },
  });
  return {
    env,
    async withActivities({ submit, ...activities }, act) {
      const common = { connection: env.nativeConnection };
      const workers = await Promise.all([
        Worker.create({
          ...common,
          taskQueue: mainTaskQueue,
          workflowBundle: { codePath: inject('workflowBundlePath') },
          activities,
        }),
        ...(submit
          ? carriers.map((carrier) =>
              Worker.create({
                ...common,
                taskQueue: carrierTaskQueue(carrier),
                activities: { submit } satisfies SubmissionActivities,
              }),
            )
          : []),
      ]);
      const running = workers.map((worker) => worker.run());
      try {
        return await act();
      } finally {
        for (const worker of workers) worker.shutdown();
        await Promise.all(running);
      }
    },
    close: () => env.teardown(),
  };
}
