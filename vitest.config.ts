import { defineConfig } from 'vitest/config';

const testsIn = (folders: readonly string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);

/** Tests that need MongoDB, or a Temporal server of their own that skips time. Much of it is waiting, so three files run at a time on two cores. */
const system = testsIn(['workflows', 'activities', 'intake', 'store', 'api', 'worker', 'embedded', 'web']);
/** Tests that start the whole product: one after the other, so that each has the machine to itself. */
const stack = testsIn(['stack']);
/** What starts and stops the product and sends nothing: it waits for processes, and minds no others. */
const starting = ['test/stack/npm-start.test.ts'];
/** Tests that replace a module, which a process that has loaded it already wouldn't do: each file has one of its own. */
export const replacing = ['test/store/port-out-credentials.test.ts', 'test/workflows/cutover-children.test.ts'];

/** What every project needs by itself: none takes it from the root. */
export const inEachProject = {
  // Test files run in processes that vitest leaves behind when it is killed, with all that they have started.
  setupFiles: ['test/ends-with-its-run.ts'],
  // A busy machine takes longer than a second to run a workflow's next step.
  expect: { poll: { timeout: 10_000 } },
  unstubEnvs: true,
};

/** Files that leave nothing behind in their process: to load every module anew for each of them would be a third of their time. */
const inFewProcesses = { isolate: false } as const;

/** Tests of the simulator and of servers run against the clock: one that lost a race on a busy machine runs once more, and is named. */
const onceMore = 1;
/**
 * The server that skips time can stop doing so for good (test/workflows/time-skipping.ts): a test that sleeps there then fails within
 * seconds, on a busy machine about every second time that it is at that point. It begins anew on a server of its own; what is wrong stays wrong.
 */
const untilTimeGoesOn = 4;

/**
 * Temporal's client repeats a call by a timer, also after its connection was closed, and then throws where nobody can catch it
 * (@temporalio/client, grpc-retry). Nobody waits for such a call any more; everything else that is unhandled fails the run.
 */
function isCallOfClosedClient({ message, stack = '' }: { message: string; stack?: string }): boolean {
  return message === 'Channel has been shut down' && stack.includes('grpc-retry');
}

export default defineConfig({
  test: {
    onUnhandledError: (error) => (isCallOfClosedClient(error) ? false : undefined),
    projects: [
      {
        test: {
          name: 'rules',
          ...inEachProject,
          include: ['test/**/*.test.ts'],
          exclude: [...system, ...stack],
          ...inFewProcesses,
          maxWorkers: 2,
          testTimeout: 10_000,
          retry: onceMore,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'replacing',
          ...inEachProject,
          include: replacing,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'system',
          ...inEachProject,
          include: system,
          exclude: replacing,
          ...inFewProcesses,
          globalSetup: ['test/setup.ts'],
          maxWorkers: 3,
          testTimeout: 40_000,
          retry: untilTimeGoesOn,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'starting',
          ...inEachProject,
          include: starting,
          maxWorkers: 3,
          testTimeout: 90_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'stack',
          ...inEachProject,
          include: stack,
          exclude: starting,
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
