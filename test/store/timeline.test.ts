import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { verify } from '../../cli/timeline.ts';
import { type Database, openDatabase } from '../../store/database.ts';
import { type TimelineEntry, timelineStore } from '../../store/timeline.ts';
import { createVault, randomId } from '../../store/vault.ts';
import { mongodbUri } from '../mongodb-uri.ts';
import { ownStore } from './own-store.ts';
import { ours, samplePort } from './samples.ts';

const own = ownStore();

const entry = (second: number, type = `step-${second}`): TimelineEntry => ({
  at: new Date(Date.UTC(2027, 0, 1, 0, 0, second)).toISOString(),
  actor: 'portsms',
  type,
  detail: 'What happened.',
});
const types = async (portId: string) => (await own.store.timeline.list(portId)).map(({ type }) => type);

test('appending again stores nothing twice and loses nothing that is new', async () => {
  await own.store.timeline.append('port_1', 'order', 0, [entry(1), entry(2)]);
  await own.store.timeline.append('port_1', 'order', 0, [entry(1), entry(2)]);
  // A repetition that carries more than the first time.
  await own.store.timeline.append('port_1', 'order', 1, [entry(2), entry(3)]);
  await own.store.timeline.append('port_1', 'order', 3, []);
  expect(await types('port_1')).toEqual(['step-1', 'step-2', 'step-3']);
});

test('two who append the same steps at once leave each of them once', async () => {
  const steps = Array.from({ length: 30 }, (_, i) => entry(i));
  await Promise.all(Array.from({ length: 5 }, () => own.store.timeline.append('port_2', 'order', 0, steps)));
  expect(await types('port_2')).toEqual(steps.map(({ type }) => type));
});

test('the chains of order and numbers come together in the order of time', async () => {
  await own.store.timeline.append('port_3', 'order', 0, [entry(1, 'order.submitted'), entry(9, 'order.completed')]);
  await own.store.timeline.append('port_3', 'num_a', 0, [entry(5, 'number.uncertain'), entry(5, 'number.gaining')]);
  await own.store.timeline.append('port_other', 'order', 0, [entry(4)]);
  expect(await types('port_3')).toEqual(['order.submitted', 'number.uncertain', 'number.gaining', 'order.completed']);
});

describe('many who append to one chain at once', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase(mongodbUri(), own.raw.databaseName);
  });
  afterAll(() => database.close());

  /** As many processes: what they share is the database. */
  const writers = (count: number) =>
    Array.from({ length: count }, () => timelineStore(database, createVault(own.secret)));

  it('in one process share a few transactions', async () => {
    const before = await own.raw.collection('timelineNews').countDocuments();
    await Promise.all(
      Array.from({ length: 500 }, (_, i) => own.store.timeline.append('port_4', `cutover/${i}`, 0, [entry(i)])),
    );
    expect(await own.raw.collection('timelines').countDocuments({ chain: 'port_4' })).toBe(500);
    expect(await own.store.timeline.verify('port_4')).toEqual([]);
    const transactions = (await own.raw.collection('timelineNews').countDocuments()) - before;
    expect(transactions).toBeLessThanOrEqual(5);
  });

  it('from 20 processes leave one chain, without a fork, a gap or a loss (invariant 10)', async () => {
    await Promise.all(
      writers(20).map(async (timeline, i) => {
        await timeline.append('port_5', `cutover/${i}`, 0, [entry(1), entry(2)]);
        await timeline.append('port_5', `cutover/${i}`, 1, [entry(2), entry(3)]);
        // All of them say this one.
        await timeline.append('port_5', 'order', 0, [entry(4)]);
      }),
    );
    const records = await own.store.timeline.page('port_5', 0, 100);
    expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: 61 }, (_, i) => i + 1));
    expect(new Set(records.map(({ key }) => key)).size).toBe(61);
    expect(await own.store.timeline.verify('port_5')).toEqual([]);
  });

  it('may be verified while they do', async () => {
    let writing = true;
    const written = Promise.all(
      writers(5).map(async (timeline, i) => {
        for (let position = 0; position < 5; position++)
          await timeline.append('port_6', `cutover/${i}`, position, [entry(position)]);
      }),
    ).finally(() => {
      writing = false;
    });
    await own.store.timeline.append('port_6', 'order', 0, [entry(0)]);
    while (writing) expect(await own.store.timeline.verify('port_6')).toEqual([]);
    await written;
    expect(await own.store.timeline.page('port_6', 0, 100)).toHaveLength(26);
  });
});

describe('what somebody does to a stored chain is found', () => {
  const records = () => own.raw.collection('timelines');
  const heads = () => own.raw.collection<{ _id: string; seq: number; hash: string }>('timelineHeads');
  const faults = async (portId: string) =>
    (await own.store.timeline.verify(portId)).map(({ kind, seq }) => `${kind} ${seq}`);

  it.each([
    [
      'a changed step',
      (chain: string) => records().updateOne({ chain, seq: 2 }, { $set: { actor: 'caller' } }),
      'changed 2',
    ],
    [
      'another moment',
      (chain: string) => records().updateOne({ chain, seq: 2 }, { $set: { storedAt: new Date(0) } }),
      'changed 2',
    ],
    ['a lost step', (chain: string) => records().deleteOne({ chain, seq: 2 }), 'missing 2'],
    ['a lost end', (chain: string) => records().deleteMany({ chain, seq: { $gt: 2 } }), 'cut-off 3'],
    ['a lost note of the end', (chain: string) => heads().deleteOne({ _id: chain }), 'head-missing 4'],
    [
      'a lost end and a note that fits: it takes the secret to sign it',
      async (chain: string) => {
        await records().deleteMany({ chain, seq: { $gt: 2 } });
        const last = await records().findOne({ chain, seq: 2 });
        await heads().updateOne({ _id: chain }, { $set: { seq: 2, hash: last?.hash } });
      },
      'head-wrong 2',
    ],
  ])('%s', async (_, tamper, expected) => {
    const chain = randomId('port');
    await own.store.timeline.append(chain, 'order', 0, [entry(1), entry(2), entry(3), entry(4)]);
    expect(await faults(chain)).toEqual([]);
    await tamper(chain);
    expect(await faults(chain)).toEqual([expected]);
  });

  it('and a chain without its end is not continued in silence', async () => {
    await own.store.timeline.append('port_cut', 'order', 0, [entry(1), entry(2), entry(3)]);
    await records().deleteOne({ chain: 'port_cut', seq: 3 });
    await own.store.timeline.append('port_cut', 'order', 3, [entry(4)]);
    expect(await faults('port_cut')).toEqual(['missing 3']);
  });
});

test('a step with fields that are not set is whole when it is read again', async () => {
  const by = { apiKeyId: 'key', carrier: undefined };
  await own.store.timeline.append('port_10', 'order', 0, [
    { ...entry(1), by, numberKey: undefined, carrierEventId: undefined },
  ]);
  const [record] = await own.store.timeline.list('port_10');
  expect(Object.keys(record ?? {})).not.toContain('numberKey');
  expect(record?.by).toEqual({ apiKeyId: 'key' });
  expect(await own.store.timeline.verify('port_10')).toEqual([]);
});

test('a page begins where the one before ended; each record says when it was stored', async () => {
  const from = new Date();
  await own.store.timeline.append('port_7', 'order', 0, [entry(1), entry(2), entry(3)]);
  const [first, second] = [
    await own.store.timeline.page('port_7', 0, 2),
    await own.store.timeline.page('port_7', 2, 2),
  ];
  expect([...first, ...second].map(({ type }) => type)).toEqual(['step-1', 'step-2', 'step-3']);
  expect(first[0]?.storedAt.getTime()).toBeGreaterThanOrEqual(from.getTime());
  expect(await own.store.timeline.positionAt('port_7', from)).toBe(0);
  expect(await own.store.timeline.positionAt('port_7', new Date(Date.now() + 1000))).toBe(3);
});

describe('portsms timeline verify', () => {
  const lines: string[] = [];
  const verified = async (subject?: string) => {
    lines.length = 0;
    return verify(own.store, subject, (line) => lines.push(line));
  };

  it('of one subject says that it is whole, or which record is wrong', async () => {
    await own.store.timeline.append('port_8', 'order', 0, [entry(1), entry(2), entry(3)]);
    expect(await verified('port_8')).toBe(0);
    expect(lines).toEqual(['1 timeline is whole.']);
    await own.raw
      .collection('timelines')
      .updateOne({ chain: 'port_8', seq: 2 }, { $set: { detail: 'Something else.' } });
    expect(await verified('port_8')).toBe(1);
    expect(lines[0]).toBe('port_8: Record 2 is not what was recorded: its content has another hash.');
  });

  it('of what is unknown says so, and of what has vanished that it is missing', async () => {
    expect(await verified('port_nowhere')).toBe(2);
    expect(lines).toEqual(['There is no timeline of port_nowhere: check the id.']);
    await own.store.timeline.append('port_emptied', 'order', 0, [entry(1)]);
    await own.raw.collection('timelines').deleteMany({ chain: 'port_emptied' });
    expect(await verified('port_emptied')).toBe(1);
    const port = samplePort(own.store.vault, [ours], { counter: 1 });
    await own.store.ports.insert(port);
    expect(await verified(port._id)).toBe(1);
    expect(lines).toContain(`${port._id}: The whole timeline is missing.`);
    await own.raw.collection<{ _id: string }>('ports').deleteOne({ _id: port._id });
  });

  it('of all finds each that is not whole, also one that has vanished with the note of its end', async () => {
    const port = samplePort(own.store.vault, [ours], { counter: 1 });
    await own.store.ports.insert(port);
    await own.store.timeline.append(port._id, 'order', 0, [entry(1)]);
    await own.store.timeline.append('port_9', 'order', 0, [entry(1), entry(2)]);
    await own.raw.collection('timelines').deleteMany({ chain: 'port_9' });
    await own.raw.collection('timelines').deleteMany({ chain: port._id });
    await own.raw.collection<{ _id: string }>('timelineHeads').deleteOne({ _id: port._id });
    expect(await verified()).toBe(1);
    expect(lines).toContain(`${port._id}: The whole timeline is missing.`);
    expect(lines).toContain('port_9: Record 1 and all up to the end, 2, are missing.');
    expect(lines.some((line) => line.startsWith('port_1:'))).toBe(false);
    expect(lines.at(-1)).toMatch(/^Not whole: \d+\./);
  });
});
