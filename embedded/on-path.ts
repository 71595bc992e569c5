import type { Way } from './find-server.ts';
import { lastLine, tryProgram } from './try-program.ts';

const LIMIT_MS = 8_000;

/**
 * A program on PATH, taken only if it answers: a shim of a version manager is there without the program behind it.
 * @param args make it print something and end.
 */
export function onPath<T extends object>(
  command: string,
  args: readonly string[],
  found: (command: string) => T,
): Way<T> {
  return {
    name: `\`${command}\` on PATH`,
    have: async () => ((await answers(command, args)) ? found(command) : undefined),
  };
}

/** True when the program runs and ends by itself. Not by exit code 0: the Temporal test server has no option that ends so. */
export async function answers(command: string, args: readonly string[]): Promise<boolean> {
  const { code } = await tryProgram(command, args, LIMIT_MS);
  return code !== undefined && code !== 126 && code !== 127;
}

/** Throws unless a freshly installed program answers. */
export async function mustAnswer(command: string, args: readonly string[]): Promise<void> {
  if (await answers(command, args)) return;
  const { output } = await tryProgram(command, args, LIMIT_MS);
  throw new Error(`${command} was installed and does not run here: ${lastLine(output)}`);
}
