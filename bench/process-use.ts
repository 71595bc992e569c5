import { readFile } from 'node:fs/promises';

/** Clock ticks per second in /proc (USER_HZ is 100 on every Linux that Node runs on). */
const ticksPerSecond = 100;

/** CPU seconds that some processes have used so far, each by its name. */
export type Use = Readonly<Record<string, number>>;

/** Reads /proc (proc(5)); undefined where there is none. */
export async function useOf(processes: Readonly<Record<string, number | undefined>>): Promise<Use | undefined> {
  const cpuSeconds: Record<string, number> = {};
  try {
    for (const [name, pid] of Object.entries(processes)) {
      if (pid === undefined) continue;
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      // The name in brackets may have blanks in it; user and system time are the 14th and 15th field.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      cpuSeconds[name] = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    }
    return cpuSeconds;
  } catch {
    return undefined;
  }
}
