import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Names this process so that others on the same machine can tell that it has ended: the machine's boot, the name space that ids of processes
 * count in (proc(5), pid_namespaces(7)), the id and its start. A worker that was killed then needn't be waited for: the one that is started in
 * its place has its slots at once, not after a lease's time.
 * @returns undefined where there is no /proc: then the time has to pass
 */
export function processMark(pid: number | 'self' = 'self'): string | undefined {
  const machine = machineMark();
  const process = machine && startOf(pid);
  return process && `${machine}/${process}`;
}

/** Whether the process of this mark has ended for sure; one of another machine, or that is only frozen, has not. */
export function hasEnded(mark: string | undefined): boolean {
  const machine = machineMark();
  if (!mark || !machine || !mark.startsWith(`${machine}/`)) return false;
  const process = mark.slice(machine.length + 1);
  return startOf(Number(process.split('-', 1)[0])) !== process;
}

function machineMark(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

/** `id-start`; undefined when there is no such process. Ids are given anew, so only both together tell that it still is the same. */
function startOf(pid: number | 'self'): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name in parentheses, may hold blanks; from there on the third is the state, the 22nd the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie (Z) and a dead one (X) are no processes any more.
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${Number.parseInt(stat, 10)}-${fields[19]}`;
  } catch {
    return undefined;
  }
}
