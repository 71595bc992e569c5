import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { show } from '../../cli/archive.ts';
import { archivedRunStore, type ClosedRun } from '../../store/archived-runs.ts';
import { type Database, openDatabase } from '../../store/database.ts';
import { randomId } from '../../store/vault.ts';
import { mongodbUri } from '../mongodb-uri.ts';
import { ownStore } from './own-store.ts';

const own = ownStore();
let database: Database;
beforeAll(async () => {
  database = await openDatabase(mongodbUri(), own.raw.databaseName);
});
afterAll(() => database.close());

function closedRun(rest: Partial<ClosedRun> = {}): ClosedRun {
  const subject = randomId('port');
  return {
    workflowId: subject,
    runId: randomId('run'),
    type: 'portWorkflow',
    subject,
    status: 'COMPLETED',
    startedAt: new Date('2027-01-01T00:00:00Z'),
    closedAt: new Date('2027-01-02T00:00:00Z'),
    ...rest,
  };
}

describe('archived runs (invariant 2)', () => {
  it('are kept in as many parts as they need, and come back as they were', async () => {
    // Noise does not get smaller by compression.
    const history = randomBytes(2500);
    const archive = archivedRunStore(database, own.store.vault, 1000);
    const run = closedRun();
    await archive.save(run, history, 42);
    const [stored] = await archive.ofSubject(run.subject);
    expect(stored).toMatchObject({ ...run, events: 42, parts: 3 });
    expect(stored && (await archive.history(stored))).toEqual(history);
    await archive.save(run, history, 42);
    expect(await archive.ofSubject(run.subject)).toEqual([stored]);
    expect(await own.raw.collection('archivedRunParts').countDocuments()).toBe(3);
  });

  it('say so when somebody has changed or removed a part, or what is known of the run', async () => {
    const run = closedRun();
    await own.store.archivedRuns.save(run, Buffer.from('the history'), 5);
    const stored = await own.store.archivedRuns.find(run.runId);
    if (!stored) throw new Error('It was not kept.');
    const { history } = own.store.archivedRuns;
    const other = closedRun({ subject: run.subject });
    await own.store.archivedRuns.save(other, Buffer.from('another history'), 5);
    const exchanged = await own.store.archivedRuns.find(other.runId);
    await expect(history({ ...stored, sha256: exchanged?.sha256 ?? '' })).rejects.toThrow(
      'not the one that was archived',
    );
    await expect(history({ ...stored, subject: 'port_other' })).rejects.toThrow('not the one that was archived');
    const parts = own.raw.collection<{ _id: string }>('archivedRunParts');
    await parts.updateOne({ _id: `${run.runId}/0` }, { $set: { data: Buffer.from('junk') } });
    await expect(history(stored)).rejects.toThrow('not the one that was archived');

    const lines: string[] = [];
    expect(await show(own.store, run.subject, undefined, (line) => lines.push(line))).toBe(1);
    expect(lines).toEqual([
      expect.stringContaining(`The history of run ${run.runId} is not the one`),
      expect.stringContaining(`portWorkflow COMPLETED  ${other.workflowId}  run ${other.runId}  5 events`),
    ]);

    await parts.deleteOne({ _id: `${run.runId}/0` });
    await expect(history(stored)).rejects.toThrow('Part 1 of 1');
  });

  it('are shown with what to expect when there are none', async () => {
    const lines: string[] = [];
    expect(await show(own.store, 'port_0', undefined, (line) => lines.push(line))).toBe(1);
    expect(lines[0]).toContain('within an hour');
  });
});
