import { defineConfig } from 'vitest/config';

/** Tests that need MongoDB, Temporal or processes of their own: one file after the other, so that each has the machine to itself. */
const SYSTEM = ['workflows', 'activities', 'intake', 'store', 'api', 'worker', 'stack', 'embedded', 'web'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

/** Tests of the simulator and of servers run against the clock: one that lost a race on a busy machine runs once more, and is named. */
const onceMore = 1;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'rules',
          include: ['test/**/*.test.ts'],
          exclude: SYSTEM,
          testTimeout: 10_000,
          retry: onceMore,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'system',
          include: SYSTEM,
          globalSetup: ['test/setup.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          retry: onceMore,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
