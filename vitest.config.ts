import { defineConfig } from 'vitest/config';

const testsIn = (folders: readonly string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);

/** Tests that need MongoDB and Temporal. Much of their time is waiting, so two files run at a time. */
const system = testsIn(['workflows', 'activities', 'intake', 'store', 'api', 'worker', 'embedded', 'web']);
/** Tests that start the whole product: one after the other, so that each has the machine to itself. */
const stack = testsIn(['stack']);

/** Tests of the simulator and of servers run against the clock: one that lost a race on a busy machine runs once more, and is named. */
const onceMore = 1;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'rules',
          include: ['test/**/*.test.ts'],
          exclude: [...system, ...stack],
          testTimeout: 10_000,
          retry: onceMore,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'system',
          include: system,
          globalSetup: ['test/setup.ts'],
          maxWorkers: 2,
          testTimeout: 60_000,
          retry: onceMore,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'stack',
          include: stack,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
