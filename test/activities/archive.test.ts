import proto from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createArchiveActivities } from '../../activities/archive.ts';
import { type ClosedRuns, createClosedRuns } from '../../activities/closed-runs.ts';
import { createPortProcess } from '../../api/port-process.ts';
import { show } from '../../cli/archive.ts';
import type { ClosedRun } from '../../store/archived-runs.ts';
import { randomId } from '../../store/vault.ts';
import { ensureSearchAttributes } from '../../worker/search-attributes.ts';
import { workflowTypes } from '../../workflows/contract.ts';
import { recordedHistories } from '../histories/recorded.ts';
import { ownStore } from '../store/own-store.ts';

const own = ownStore();
const logger = pino({ enabled: false });
const { History } = proto.temporal.api.history.v1;

function closedRun(rest: Partial<ClosedRun> = {}): ClosedRun {
  const at = new Date();
  const runId = randomId('run');
  return {
    workflowId: 'w',
    runId,
    type: 't',
    subject: 'port_1',
    status: 'COMPLETED',
    startedAt: at,
    closedAt: at,
    ...rest,
  };
}

/** An engine that knows these runs, and remembers what it was asked. */
function engineWith(
  runs: readonly ClosedRun[],
  history = async (run: ClosedRun): ReturnType<ClosedRuns['history']> => ({
    bytes: Buffer.from(`history of ${run.runId}`),
    events: 3,
  }),
) {
  const asked: { since: Date[]; histories: string[] } = { since: [], histories: [] };
  const closedRuns: ClosedRuns = {
    async *list(since) {
      asked.since.push(since);
      yield* runs;
    },
    async history(run) {
      asked.histories.push(run.runId);
      return history(run);
    },
  };
  return { asked, archive: createArchiveActivities({ store: own.store, runs: closedRuns, logger }) };
}

describe('a pass of the archive (invariant 2)', () => {
  it('copies each closed run once, also when the list shows it again', async () => {
    const runs = Array.from({ length: 7 }, () => closedRun({ subject: 'port_7' }));
    const { archive, asked } = engineWith([...runs, ...runs.slice(0, 2)]);
    expect(await archive.archiveClosedRuns()).toBeGreaterThanOrEqual(7);
    expect(await archive.archiveClosedRuns()).toBe(0);
    expect(new Set(asked.histories).size).toBe(7);
    expect(await own.store.archivedRuns.ofSubject('port_7')).toHaveLength(7);
    // It looks back a little further than to the pass before.
    const [, second] = asked.since;
    expect(Date.now() - (second?.getTime() ?? 0)).toBeGreaterThanOrEqual(3600_000);
    expect(Date.now() - (second?.getTime() ?? 0)).toBeLessThan(3660_000);
  });

  it('that is cut off is done again from where it began', async () => {
    const before = await own.store.archivedRuns.closedUntil();
    const runs = [closedRun(), closedRun()];
    const broken = engineWith(runs, async (run) => {
      if (run === runs[1]) throw new Error('The engine is away.');
      return { bytes: Buffer.from('h'), events: 1 };
    });
    await expect(broken.archive.archiveClosedRuns()).rejects.toThrow('away');
    expect(await own.store.archivedRuns.closedUntil()).toEqual(before);
    const again = engineWith(runs);
    expect(await again.archive.archiveClosedRuns()).toBe(1);
    expect(again.asked.histories).toEqual([runs[1]?.runId]);
  });

  it('goes on when the engine has forgotten a run', async () => {
    const runs = [closedRun(), closedRun()];
    const { archive } = engineWith(runs, async (run) =>
      run === runs[0] ? undefined : { bytes: Buffer.from('h'), events: 1 },
    );
    expect(await archive.archiveClosedRuns()).toBe(1);
  });
});

describe('what was archived', () => {
  let env: TestWorkflowEnvironment;
  beforeAll(async () => {
    env = await TestWorkflowEnvironment.createFromExistingServer({ address: inject('temporalAddress') });
    await ensureSearchAttributes(env.client);
  });
  afterAll(() => env.teardown());

  it('is found at the engine by its port, ended or not by itself; groups of texts are left out', async () => {
    const portId = randomId('port');
    const common = {
      messagingPlan: 'move',
      activation: 'automatic',
      numberKeys: [],
      marginMs: 0,
      proofDeadlineMs: 0,
    } as const;
    await createPortProcess(env.client).start({ portId, gainingCarrier: 'telnyx', ...common });
    const texts = await env.client.workflow.start(workflowTypes.messages, {
      workflowId: randomId('messages'),
      taskQueue: 'nobody',
      args: [{ messageIds: [], kind: 'otp' }],
    });
    await texts.terminate('for the test');
    await env.client.workflow.getHandle(portId).terminate('for the test');

    const archive = createArchiveActivities({ store: own.store, runs: createClosedRuns(env.client), logger });
    await expect
      .poll(
        async () => {
          await archive.archiveClosedRuns();
          return own.store.archivedRuns.ofSubject(portId);
        },
        { timeout: 20_000, interval: 200 },
      )
      .toMatchObject([{ workflowId: portId, type: workflowTypes.port, status: 'TERMINATED' }]);
    expect(await own.store.archivedRuns.ofSubject(texts.workflowId)).toEqual([]);
    const lines: string[] = [];
    const [run] = await own.store.archivedRuns.ofSubject(portId);
    expect(await show(own.store, portId, run?.runId, (line) => lines.push(line))).toBe(0);
    const { events } = JSON.parse(lines.join(''));
    expect(events).toHaveLength(run?.events ?? 0);
    expect(events.at(-1).eventType).toBe('EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED');
  });

  it('is replayed by the present workflows', async () => {
    const recorded = recordedHistories().find(({ name }) => name.includes('carrierSyncWorkflow'));
    if (!recorded) throw new Error('No such history was recorded.');
    const run = closedRun();
    await own.store.archivedRuns.save(run, History.encode(History.fromObject(recorded.history)).finish(), 9);
    const stored = await own.store.archivedRuns.find(run.runId);
    const history = History.decode(await own.store.archivedRuns.history(stored as never));
    const workflowBundle = { codePath: inject('workflowBundlePath') };
    const errors: unknown[] = [];
    for await (const { error } of Worker.runReplayHistories({ workflowBundle }, [{ workflowId: 'w', history }])) {
      errors.push(error);
    }
    expect(errors).toEqual([undefined]);
  });
});
