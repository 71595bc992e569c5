import { type NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Activities, SubmissionActivities } from '../activities/interfaces.ts';
import { carrierTaskQueue, mainTaskQueue } from '../workflows/contract.ts';
import { heartbeats } from './heartbeats.ts';

/** Submissions that one worker runs at a time per carrier; the rest waits in Temporal's backlog, where priority orders it. */
const submissionsAtATime = 8;
/** A submission waits for its carrier's answers and writes them down before the process ends. */
const graceMs = 15_000;

/**
 * Makes the workers of one process: one for the workflows and the activities that call no carrier's messaging, and one per carrier
 * that submits its texts.
 */
export async function createWorkers(options: {
  connection: NativeConnection;
  namespace: string;
  bundle: WorkflowBundleOption;
  activities: Omit<Activities, keyof SubmissionActivities>;
  submission: SubmissionActivities;
  carriers: readonly string[];
}): Promise<Worker[]> {
  const { connection, namespace } = options;
  const common = { connection, namespace, shutdownGraceTime: graceMs, shutdownForceTime: graceMs + 5000 };
  return Promise.all([
    Worker.create({
      ...common,
      taskQueue: mainTaskQueue,
      workflowBundle: options.bundle,
      activities: options.activities,
      interceptors: { activity: [heartbeats] },
      // A killed worker's workflows are taken up by another one after this time: a cutover must not wait long.
      stickyQueueScheduleToStartTimeout: '3 seconds',
      maxCachedWorkflows: 2000,
      maxConcurrentWorkflowTaskExecutions: 40,
      maxConcurrentLocalActivityExecutions: 100,
      maxConcurrentActivityTaskExecutions: 100,
    }),
    ...options.carriers.map((carrier) =>
      Worker.create({
        ...common,
        taskQueue: carrierTaskQueue(carrier),
        activities: options.submission,
        maxConcurrentActivityTaskExecutions: submissionsAtATime,
      }),
    ),
  ]);
}
