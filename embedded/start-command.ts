import { loadConfig } from '../config/config.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { superviseUntilStopped } from './supervisor.ts';

/**
 * `portsms start`: everything that the environment doesn't give an address of, until a signal ends it.
 * @returns the exit code; what went wrong has been printed, one line for each problem.
 */
export async function run(): Promise<number> {
  try {
    const config = loadConfig(process.env);
    const lock = await lockDataDir(config.dataDir, console.log);
    try {
      await superviseUntilStopped(config, lock);
      return 0;
    } finally {
      lock.release();
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}
