import { findServer } from './find-server.ts';
import { byLibrary } from './library-download.ts';
import { onPath } from './on-path.ts';
import { byPip } from './pip-install.ts';

/** A server's program, ready to run. */
export interface ServerProgram {
  readonly command: string;
}

const VERSION = ['--version'];
// It knows no option that ends it: it takes this for a port, says so and ends.
const NO_PORT = ['--version'];
const program = (command: string): ServerProgram => ({ command });

/**
 * The Temporal CLI, which holds the development server.
 * @throws ServerNotFoundError
 */
export function findTemporal(cacheDir: string, tell: (line: string) => void): Promise<ServerProgram> {
  return findServer<ServerProgram>('Temporal server', 'TEMPORAL_ADDRESS in the environment', [
    onPath('temporal', VERSION, program),
    byLibrary('temporal', VERSION, cacheDir, tell, program),
    byPip({ requirements: 'temporal', program: 'temporal', trialArgs: VERSION }, cacheDir, tell, program),
  ]);
}

/**
 * Path of the Temporal test server, which skips time; for tests of workflows only.
 * @throws ServerNotFoundError
 */
export async function findTestServer(cacheDir: string, tell: (line: string) => void): Promise<string> {
  const name = 'temporal-test-server';
  const found = await findServer<ServerProgram>('Temporal test server', 'an internet connection', [
    onPath(name, NO_PORT, program),
    byLibrary(name, NO_PORT, cacheDir, tell, program),
    byPip({ requirements: name, program: name, trialArgs: NO_PORT }, cacheDir, tell, program),
  ]);
  return found.command;
}
