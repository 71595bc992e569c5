import { parseArgs } from 'node:util';
import proto from '@temporalio/proto';
import { counted } from '../domain/counted.ts';
import type { ArchivedRunDocument } from '../store/archived-runs.ts';
import type { Store } from '../store/store.ts';
import { withConfiguredStore } from './open-store.ts';

/** How it is called. */
export const usage = [
  'portsms archive show PORT            lists the archived runs of a port and of its cutovers, and proves that each is as it was',
  'portsms archive show PORT --run RUN  prints the history of one run, as JSON that the Temporal Web UI and replayers take',
].join('\n');

/**
 * `portsms archive show PORT [--run RUN]`: what is left of a port's process when the engine has forgotten it (invariant 2).
 * @returns the exit code: 0 only when something is there and all of it is as it was archived
 */
export async function run(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: { run: { type: 'string' } } });
  const [action, subject, ...more] = positionals;
  if (action !== 'show' || subject === undefined || more.length > 0) {
    console.error(usage);
    return 2;
  }
  return withConfiguredStore((store) => show(store, subject, values.run, console.log));
}

/** @param tell takes each line, or the whole JSON */
export async function show(
  store: Pick<Store, 'archivedRuns'>,
  subject: string,
  runId: string | undefined,
  tell: (line: string) => void,
): Promise<number> {
  const runs = await store.archivedRuns.ofSubject(subject);
  const chosen = runId === undefined ? runs : runs.filter(({ _id }) => _id === runId);
  if (chosen.length === 0) {
    tell(`${subject} has no such archived run. Runs are archived within an hour after they have ended.`);
    return 1;
  }
  let wrong = 0;
  for (const run of chosen) {
    const history = await store.archivedRuns.history(run).catch((error: Error) => error);
    if (history instanceof Error) wrong++;
    if (runId !== undefined && Buffer.isBuffer(history)) tell(asJson(history));
    else tell(history instanceof Error ? history.message : lineOf(run));
  }
  return wrong === 0 ? 0 : 1;
}

function lineOf({ startedAt, closedAt, type, status, workflowId, runId, events }: ArchivedRunDocument): string {
  const times = `${startedAt.toISOString()} – ${closedAt.toISOString()}`;
  return `${times}  ${type} ${status}  ${workflowId}  run ${runId}  ${counted(events, 'event')}`;
}

function asJson(history: Buffer): string {
  const { History } = proto.temporal.api.history.v1;
  return JSON.stringify(
    History.toObject(History.decode(history), { longs: String, enums: String, bytes: String }),
    undefined,
    1,
  );
}
