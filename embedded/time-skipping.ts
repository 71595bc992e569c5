import { TestWorkflowEnvironment } from '@temporalio/testing';
import { projectFile } from './project-file.ts';

/**
 * Starts a Temporal test server, whose clock skips the time in which nothing happens. It ends by `teardown()`, or with this process.
 * @param program path of the server, as `findTestServer` gives it.
 */
export function startTimeSkippingServer(program: string): Promise<TestWorkflowEnvironment> {
  const path = projectFile('embedded/test-server.sh');
  return TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path }, extraArgs: [program] },
  });
}
