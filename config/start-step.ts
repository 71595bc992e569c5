/**
 * One step of a process's start that depends on a setting: gives its result, or says in one line which setting is wrong and why, and ends
 * the process with exit code 1. An error that has a list of `problems` (a carriers file) has a line for each; one that knows better which
 * `variable` is wrong (a master key) names that.
 * @param variable the environment variable that decides the step
 * @param trouble what it means that the step failed, and what to do
 */
export async function startStep<T>(variable: string, trouble: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const {
      problems,
      code,
      name,
      variable: wrong,
    } = error as Record<'problems' | 'code' | 'name' | 'variable', unknown>;
    const lines = Array.isArray(problems) ? problems.map(String) : [`${trouble} (${String(code ?? name ?? 'error')})`];
    for (const line of lines) console.error(`${wrong ?? variable}: ${line}`);
    process.exit(1);
  }
}
