import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { createMessageBatchActivities } from '../../activities/message-batch.ts';
import { idOfLine, type LineRun } from '../../domain/batch-line.ts';
import type { MessageDocument } from '../../store/messages.ts';
import { workflowIds } from '../../workflows/contract.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleText, type TextSample } from '../store/samples.ts';
import { inWorkflow } from './in-workflow.ts';

const own = ownStore();
const engine = new RecordedEngine();
let batchId = '';
beforeEach(() => {
  engine.clear();
  engine.failure = undefined;
  batchId = `bat_${randomBytes(16).toString('hex')}`;
});
const activities = () => createMessageBatchActivities({ store: own.store, engine });
const feed = () => inWorkflow(batchId, () => activities().feedBatch({ batchId }));

/** Small parts: what waits is counted by parts, and thousands of texts would take long to store. */
const partSize = 50;

/** Stores a bulk whose upload has ended. */
async function bulk(texts: readonly TextSample[], textsPerPart = partSize): Promise<MessageDocument[]> {
  const { messageBatches, messages, vault } = own.store;
  const documents = texts.map((text, index) =>
    sampleText(vault, { _id: idOfLine(batchId, index + 1), workflowId: batchId, ...text }),
  );
  await messageBatches.begin(batchId, 't', new Date());
  for (let n = 0, from = 0; from < texts.length; n += 1, from += textsPerPart) {
    const lines: LineRun[] = [[from + 1, Math.min(texts.length, from + textsPerPart)]];
    const count = Math.min(textsPerPart, texts.length - from);
    await messageBatches.addPart({ batchId, n, kind: 'marketing', lines, texts: count }, new Date());
  }
  await messages.insert(documents);
  const count = {
    lines: texts.length,
    accepted: texts.length,
    refused: 0,
    segments: texts.length,
    lastLine: texts.length,
  };
  await messageBatches.finishUpload(batchId, 't', 'hash', count, new Date());
  return documents;
}
const all = () => own.store.batchTexts.list(batchId, [1, 5000]);
const write = (change: object, filter: object = {}) =>
  own.raw.collection('messages').updateMany({ workflowId: batchId, ...filter }, { $set: change });

describe('a bulk of texts', () => {
  test('is given to message workflows part by part, in the order of its lines', async () => {
    const texts = await bulk(Array.from({ length: 70 }, () => ({})));
    expect(await feed()).toEqual({ all: true, some: true });
    const started = engine.callsOf('startMessages') as [string[], string, string][];
    expect(started.map(([ids, kind, token]) => [ids.length, kind, token])).toEqual([
      [50, 'marketing', batchId],
      [20, 'marketing', batchId],
    ]);
    expect(started.flatMap(([ids]) => ids)).toEqual(texts.map(({ _id }) => _id));
  });

  test('nothing is started twice, also when a run was cut off (invariant 4)', async () => {
    await bulk(Array.from({ length: 60 }, () => ({})));
    engine.failure = new Error('away');
    await expect(feed()).rejects.toThrow('away');
    engine.failure = undefined;
    await feed();
    await feed();
    const ids = (engine.callsOf('startMessages') as [string[]][]).flatMap(([each]) => each);
    expect([ids.length, new Set(ids).size]).toEqual([60, 60]);
  });

  test('waits while enough of its texts have not been submitted, and goes on when they have', async () => {
    await bulk(Array.from({ length: 240 }, () => ({})));
    const run = feed();
    await expect.poll(() => engine.callsOf('startMessages').length).toBe(4);
    await write({ status: 'submitted', workflowId: 'messages/1' }, { _id: { $lte: idOfLine(batchId, 50) } });
    expect(await run).toEqual({ all: true, some: true });
    expect(engine.callsOf('startMessages')).toHaveLength(5);
    // A part is counted when it is through.
    expect(await own.store.messageBatches.progress(batchId)).toMatchObject({
      started: 240,
      tally: [{ status: 'submitted', texts: 50 }],
    });
  });

  test('goes on by the parts that are through, also when an older one is stuck', async () => {
    await bulk(Array.from({ length: 340 }, () => ({})));
    const run = feed();
    await expect.poll(() => engine.callsOf('startMessages').length).toBe(4);
    const through = { $gt: idOfLine(batchId, 50), $lte: idOfLine(batchId, 200) };
    await write({ status: 'submitted', workflowId: 'messages/1' }, { _id: through });
    expect(await run).toEqual({ all: true, some: true });
    expect(engine.callsOf('startMessages')).toHaveLength(7);
    expect(await own.store.messageBatches.progress(batchId)).toMatchObject({
      tally: [{ status: 'submitted', texts: 150 }],
    });
  });

  test('starts nothing while it is paused', async () => {
    await bulk([{}, {}]);
    const since = new Date().toISOString();
    await activities().projectBatch({ batchId, counter: 2, state: { status: 'paused', since } });
    expect(await feed()).toEqual({ all: false, some: false });
    // An older projection does not overwrite it (invariant 1).
    await activities().projectBatch({ batchId, counter: 1, state: { status: 'sending', since } });
    expect(await feed()).toEqual({ all: false, some: false });
    expect(engine.told).toEqual([]);
  });

  test('its texts are taken by a message workflow only when the bulk gives them away, and then by one (invariant 4)', async () => {
    const [text] = await bulk([{}]);
    const ids = [text?._id ?? ''];
    const texts = await own.store.messages.findMany(ids);
    expect(await own.store.messages.adopt(texts, 'messages/1', 'r')).toHaveLength(1);
    expect(await own.store.messages.adopt(texts, 'messages/2', 'r')).toEqual([]);
  });

  test('is stopped: what is not submitted is refused, what is goes its way, and everything is accounted for', async () => {
    const held = { status: 'held', workflowId: 'm/1', hold: { key: 'k', code: 'c', since: new Date() } } as const;
    const failure = { code: 'busy', class: 'temporary', at: new Date() };
    const retrying = { status: 'retrying', workflowId: 'm/2', retryAt: new Date(), failure } as const;
    const under = [
      { status: 'queued', workflowId: 'm/1' },
      { status: 'claimed', workflowId: 'm/2' },
      { status: 'submitted', workflowId: 'm/2' },
      { status: 'delivered', workflowId: 'm/2' },
    ] as const;
    await bulk([...under, held, retrying, ...Array.from({ length: 600 }, () => ({}))], 500);
    await own.store.messageBatches.movePart(`${batchId}/0`, 'started');
    await inWorkflow(batchId, () => activities().stopBatchTexts({ batchId }));
    const texts = await all();
    expect(texts.slice(0, 6).map(({ status }) => status)).toEqual([
      'refused',
      'claimed',
      'submitted',
      'delivered',
      'refused',
      'failed',
    ]);
    expect(texts[4]?.hold).toBeUndefined();
    expect(texts[6]).toMatchObject({
      status: 'refused',
      failure: { code: 'batch-cancelled' },
      finalAt: expect.any(Date),
    });
    // Whose texts are all final, is told so.
    expect(engine.told).toEqual([['settled', 'm/1']]);
    expect(await inWorkflow(batchId, () => activities().countBatch({ batchId }))).toEqual({ open: 2 });
    const { started, tally } = await own.store.messageBatches.progress(batchId);
    expect([started, tally.reduce((sum, { texts: count }) => sum + count, 0)]).toEqual([606, 606]);
    expect(tally).toContainEqual({ status: 'refused', code: 'batch-cancelled', texts: 602, segments: 602 });
  });

  test('is stopped also where a part was given away and the run was cut off before it said so', async () => {
    await bulk([{ status: 'queued', workflowId: 'm/1' }, {}]);
    await inWorkflow(batchId, () => activities().stopBatchTexts({ batchId }));
    expect((await all()).map(({ status }) => status)).toEqual(['refused', 'refused']);
    expect(engine.told).toEqual([['settled', 'm/1']]);
  });

  test('a text that is claimed while it is being stopped is not refused (invariant 5)', async () => {
    await bulk([{ status: 'queued', workflowId: 'm/1' }]);
    const seen = await all();
    await write({ status: 'claimed', rev: 1 }, { workflowId: 'm/1' });
    await own.store.batchTexts.changeEach(seen, () => ({ status: 'refused' }));
    expect((await all()).map(({ status }) => status)).toEqual(['claimed']);
  });

  test('ends with its account, which stays though its parts are forgotten', async () => {
    await bulk([{}, {}]);
    await feed();
    await write({ status: 'delivered' });
    expect(await inWorkflow(batchId, () => activities().countBatch({ batchId }))).toEqual({ open: 0 });
    const since = new Date().toISOString();
    await activities().projectBatch({ batchId, counter: 3, state: { status: 'completed', since } });
    await own.raw.collection('messageBatchParts').deleteMany({ batchId });
    expect((await own.store.messageBatches.find(batchId))?.account).toEqual([
      { status: 'delivered', texts: 2, segments: 2 },
    ]);
  });

  test('the workflow of a part is named after its first text and its bulk', async () => {
    const [text] = await bulk([{}]);
    await feed();
    const [[ids, , token]] = engine.callsOf('startMessages') as [[string[], string, string]];
    expect(workflowIds.messages(ids[0] ?? '', token)).toBe(`messages/${text?._id}/${batchId}`);
  });
});
