import { spawn } from 'node:child_process';
import { killGroup } from './leash.ts';

/** How a program that was run to its end went. */
export interface Trial {
  /** Undefined when it could not be run at all or was ended by a signal or the time limit. */
  readonly code: number | undefined;
  /** What it printed, both outputs together. */
  readonly output: string;
}

/**
 * Runs a program and waits for its end, at most `limitMs`; it and what it started are killed then, and when this process ends.
 * Never throws: that a program isn't there is an answer, too.
 */
export function tryProgram(
  command: string,
  args: readonly string[],
  limitMs: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Trial> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const kill = () => child.pid && killGroup(child.pid);
    const timer = setTimeout(kill, limitMs);
    process.once('exit', kill);
    let output = '';
    const end = (code: number | undefined) => {
      clearTimeout(timer);
      process.off('exit', kill);
      resolve({ code, output });
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part: string) => {
        output += part;
      });
    }
    child.once('error', (error) => {
      output += error.message;
      end(undefined);
    });
    child.once('close', (code) => end(code ?? undefined));
  });
}

/** The last line that says something, for an error message. */
export function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.trim() ?? '';
}
