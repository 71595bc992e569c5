import { asyncLocalStorage } from '@temporalio/activity';
import type { Logger } from '../intake/logger.ts';
import type { ClosedRun } from '../store/archived-runs.ts';
import type { Store } from '../store/store.ts';
import type { ClosedRuns } from './closed-runs.ts';
import type { ArchiveActivities } from './interfaces.ts';

/** The engine's lists are a little behind, and clocks differ: a pass looks back further than to the last one. */
const overlapMs = 3600_000;
const runsAtATime = 4;
const runsInAPortion = 100;

/** Copies what has ended out of the engine, before it forgets it (invariant 2). */
export function createArchiveActivities(deps: {
  readonly store: Pick<Store, 'archivedRuns'>;
  readonly runs: ClosedRuns;
  readonly logger: Logger;
}): ArchiveActivities {
  const { archivedRuns } = deps.store;

  async function keep(run: ClosedRun): Promise<boolean> {
    const history = await deps.runs.history(run);
    if (!history) {
      deps.logger.warn(
        { workflowId: run.workflowId, runId: run.runId },
        'the engine forgot a run before it was archived',
      );
      return false;
    }
    await archivedRuns.save(run, history.bytes, history.events);
    return true;
  }

  /** @returns how many of these were not archived yet */
  async function keepNew(portion: readonly ClosedRun[]): Promise<number> {
    const known = await archivedRuns.known(portion.map(({ runId }) => runId));
    const waiting = portion.filter(({ runId }) => !known.has(runId));
    let kept = 0;
    const turn = async () => {
      for (let run = waiting.shift(); run; run = waiting.shift()) {
        if (await keep(run)) kept++;
        asyncLocalStorage.getStore()?.heartbeat();
      }
    };
    // What has been begun ends, also when one of them fails: the next pass finds it.
    const turns = await Promise.allSettled(Array.from({ length: runsAtATime }, turn));
    const broken = turns.find((each) => each.status === 'rejected');
    if (broken) throw broken.reason;
    return kept;
  }

  return {
    async archiveClosedRuns() {
      const startedAt = new Date();
      const since = (await archivedRuns.closedUntil()) ?? new Date(overlapMs);
      let archived = 0;
      let portion: ClosedRun[] = [];
      for await (const run of deps.runs.list(new Date(since.getTime() - overlapMs))) {
        portion.push(run);
        if (portion.length < runsInAPortion) continue;
        archived += await keepNew(portion);
        portion = [];
      }
      archived += await keepNew(portion);
      // Only now: a pass that was cut off is done again, and finds what it has kept.
      await archivedRuns.savePass(startedAt);
      return archived;
    },
  };
}
