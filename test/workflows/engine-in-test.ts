import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Activities, SubmissionActivities } from '../../activities/interfaces.ts';
import { ensureSearchAttributes } from '../../worker/search-attributes.ts';
import { carrierTaskQueue, mainTaskQueue } from '../../workflows/contract.ts';

/** The carriers that the test's workers submit to. */
export const carriers = ['alpha', 'beta'] as const;

/** A Temporal server, and workers with the product's workflows and a test's own activities. */
export interface EngineInTest {
  readonly env: TestWorkflowEnvironment;
  /** Runs workers with these activities while `act` runs. What an activity does not define, must not be called. */
  withActivities<T>(activities: Partial<Activities>, act: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function engineInTest(
  env: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleOption,
): Promise<EngineInTest> {
  await ensureSearchAttributes(env.client);
  let stop = async () => {};
  return {
    env,
    async withActivities({ submit, inquire, ...activities }, act) {
      // A test that was given up has left its workers.
      await stop();
      const common = { connection: env.nativeConnection };
      const workers = await Promise.all([
        Worker.create({ ...common, taskQueue: mainTaskQueue, workflowBundle, activities }),
        ...(submit
          ? carriers.map((carrier) =>
              Worker.create({
                ...common,
                taskQueue: carrierTaskQueue(carrier),
                activities: { submit, ...(inquire && { inquire }) } satisfies Partial<SubmissionActivities>,
              }),
            )
          : []),
      ]);
      const running = workers.map((worker) => worker.run());
      stop = async () => {
        stop = async () => {};
        for (const worker of workers) worker.shutdown();
        await Promise.all(running);
      };
      try {
        return await act();
      } finally {
        await stop();
      }
    },
    async close() {
      await stop();
      await env.teardown();
    },
  };
}
