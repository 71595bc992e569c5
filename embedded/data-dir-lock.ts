import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killGroup } from './leash.ts';
import { startOf } from './process-identity.ts';

interface RecordedProcess {
  readonly name: string;
  readonly group: number;
  readonly pid: number;
  readonly start: string | undefined;
}

interface RunRecord {
  readonly pid: number;
  readonly start: string | undefined;
  readonly processes: readonly RecordedProcess[];
}

/** Another supervisor works in this data directory. */
export class DataDirInUseError extends Error {
  override readonly name = 'DataDirInUseError';
}

/** The right to work in a data directory, and the record of what was started for it, by which a later run finds what is left over. */
export interface DataDirLock {
  /** Notes a process that was started; a later one of the same name takes the place of the earlier. */
  started(name: string, group: number, pid: number): void;
  release(): void;
}

/**
 * Takes a data directory for this process. What an earlier run left running, because it and the leashes were killed, is ended first.
 * @param tell takes one line for each process that was left over.
 * @throws DataDirInUseError
 */
export async function lockDataDir(dataDir: string, tell: (line: string) => void): Promise<DataDirLock> {
  const file = recordIn(dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const own: RunRecord = { pid: process.pid, start: startOf(process.pid), processes: [] };
  while (!created(file, own)) {
    const earlier = read(file);
    if (earlier !== undefined && isSame(earlier)) {
      throw new DataDirInUseError(
        `Port SMS already runs on ${dataDir} (process ${earlier.pid}); stop that one, or set PORTSMS_DATA_DIR to another directory.`,
      );
    }
    for (const process of earlier?.processes ?? []) await endLeftover(process, tell);
    rmSync(file, { force: true });
  }
  const processes = new Map<string, RecordedProcess>();
  return {
    started: (name, group, pid) => {
      processes.set(name, { name, group, pid, start: startOf(pid) });
      writeFileSync(`${file}.new`, JSON.stringify({ ...own, processes: [...processes.values()] }));
      renameSync(`${file}.new`, file);
    },
    release: () => rmSync(file, { force: true }),
  };
}

const recordIn = (dataDir: string) => join(dataDir, 'running.json');

/** True when a supervisor works in a data directory, or one that was killed has worked there last. */
export function isRecorded(dataDir: string): boolean {
  return existsSync(recordIn(dataDir));
}

function created(file: string, record: RunRecord): boolean {
  // Whole from its first moment: half of one would be taken for the record of a run that has crashed.
  const whole = `${file}.${record.pid}`;
  writeFileSync(whole, JSON.stringify(record), { mode: 0o600 });
  try {
    linkSync(whole, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(whole);
  }
}

function read(file: string): RunRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunRecord;
  } catch {
    return undefined;
  }
}

function isSame({ pid, start }: { pid: number; start: string | undefined }): boolean {
  return start !== undefined && startOf(pid) === start;
}

async function endLeftover(process: RecordedProcess, tell: (line: string) => void): Promise<void> {
  if (!isSame(process)) return;
  tell(`Ending ${process.name} (process ${process.pid}), which an earlier run left`);
  killGroup(process.group);
  while (isSame(process)) await sleep(20);
}
