import { readFile } from 'node:fs/promises';

/** What a process has resident, in MiB. */
export interface ResidentMemory {
  readonly now: number;
  /** Since it was started. */
  readonly greatest: number;
}

/** Reads /proc (proc(5)); undefined where there is none, or no such process. */
export async function residentMemoryOf(pid: number | undefined): Promise<ResidentMemory | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  if (status === undefined) return undefined;
  const mebibytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
  return { now: mebibytes('VmRSS'), greatest: mebibytes('VmHWM') };
}
