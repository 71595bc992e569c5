import { type NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Activities, SubmissionActivities } from '../activities/interfaces.ts';
import { submissionsAtATime } from '../activities/submission-desk.ts';
import { carrierTaskQueue, mainTaskQueue, urgentTaskQueue } from '../workflows/contract.ts';
import { graces } from './graces.ts';
import { heartbeats } from './heartbeats.ts';

/** One-time passwords have slots of their own: mostly lone texts, each waits for its carrier's answer. */
const urgentAtATime = 16;

interface Server {
  readonly connection: NativeConnection;
  readonly namespace: string;
}

const common = ({ connection, namespace }: Server) => ({
  connection,
  namespace,
  shutdownGraceTime: graces.activities,
  shutdownForceTime: graces.abandoned,
});

/** Makes the worker for the workflows and their activities, but for those that go by a carrier's task queue. */
export function createMainWorker(
  server: Server,
  options: { bundle: WorkflowBundleOption; activities: Omit<Activities, keyof SubmissionActivities> },
): Promise<Worker> {
  return Worker.create({
    ...common(server),
    taskQueue: mainTaskQueue,
    workflowBundle: options.bundle,
    activities: options.activities,
    interceptors: { activity: [heartbeats] },
    // A killed worker's workflows are taken up by another one after this time: a cutover must not wait long. But a task that waits longer
    // because hundreds became due together goes to the end of the other queue, and its workflow is replayed from the beginning.
    stickyQueueScheduleToStartTimeout: '5 seconds',
    maxCachedWorkflows: 2000,
    // A task is held while its local activities write, and what is written together costs little: many at a time.
    maxConcurrentWorkflowTaskExecutions: 200,
    maxConcurrentLocalActivityExecutions: 200,
    // As many for what was not taken up in time, and for new workflows, as for the others.
    maxConcurrentWorkflowTaskPolls: 20,
    nonStickyToStickyPollRatio: 0.5,
    maxConcurrentActivityTaskExecutions: 100,
  });
}

/** Makes the workers that submit one carrier's texts: one for what is urgent, one for the rest. */
export function createCarrierWorkers(
  server: Server,
  carrier: string,
  submission: SubmissionActivities,
): Promise<Worker[]> {
  const queues = [
    { taskQueue: urgentTaskQueue(carrier), maxConcurrentActivityTaskExecutions: urgentAtATime },
    // The rest waits in Temporal's backlog, where priority orders it.
    { taskQueue: carrierTaskQueue(carrier), maxConcurrentActivityTaskExecutions: submissionsAtATime },
  ];
  return Promise.all(queues.map((queue) => Worker.create({ ...common(server), ...queue, activities: submission })));
}
