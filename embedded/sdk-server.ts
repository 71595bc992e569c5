import { projectFile } from './project-file.ts';

/**
 * What `TestWorkflowEnvironment` is given to start a Temporal server that ends by `teardown()`, or with this process.
 * @param program path of the server, as `findTemporal` or `findTestServer` gives it.
 */
export function sdkServer(program: string) {
  const path = projectFile('embedded/sdk-server.sh');
  return { executable: { type: 'existing-path' as const, path }, extraArgs: [program] };
}
