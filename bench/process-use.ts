import { readFile } from 'node:fs/promises';
import { residentMemoryOf } from './resident-memory.ts';

/** Clock ticks per second in /proc (USER_HZ is 100 on every Linux that Node runs on). */
const ticksPerSecond = 100;

/** What some processes have used so far. */
export interface Use {
  readonly cpuSeconds: number;
  /** The most memory that one of them has had resident, in MiB. */
  readonly peakMiB: number;
}

/** Reads /proc (proc(5)); undefined where there is none. */
export async function useOf(pids: readonly (number | undefined)[]): Promise<Use | undefined> {
  let cpuSeconds = 0;
  let peakMiB = 0;
  try {
    for (const pid of pids) {
      if (pid === undefined) continue;
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      // The name in brackets may have blanks in it; user and system time are the 14th and 15th field.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      cpuSeconds += (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
      peakMiB = Math.max(peakMiB, (await residentMemoryOf(pid))?.greatest ?? 0);
    }
    return { cpuSeconds, peakMiB };
  } catch {
    return undefined;
  }
}
