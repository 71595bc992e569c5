import { defineConfig } from 'vitest/config';
import { inEachProject } from '../../../vitest.config.ts';

/** A run whose only test never ends, for killed-run.test.ts. */
export default defineConfig({
  test: { include: ['test/embedded/hanging-run/hanging.ts'], ...inEachProject, testTimeout: 120_000 },
});
