import { defineConfig } from 'vitest/config';
import { endsWithItsRun } from '../../../vitest.config.ts';

/** A run whose only test never ends, for killed-run.test.ts. */
export default defineConfig({
  test: { include: ['test/embedded/hanging-run/hanging.ts'], ...endsWithItsRun, testTimeout: 120_000 },
});
