import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withoutErased } from '../../activities/erased-texts.ts';
import { sweepMessageBatches } from '../../api/message-batch-sweep.ts';
import { batchAccepted, batchMessages, batchProblems, messageBatch } from '../../api/schemas/message-batches.ts';
import { idOfLine } from '../../domain/batch-line.ts';
import { readableIn } from '../store/own-store.ts';
import { apiKey, numbers, type Serving, secret, serve } from './serving.ts';

let api: Serving;
beforeEach(async () => {
  api = await serve();
  await api.register(numbers.own);
});
afterEach(() => api.stop());

const json = { 'content-type': 'application/x-ndjson' };
const csv = { 'content-type': 'text/csv' };
const line = (change: object = {}) =>
  JSON.stringify({ from: numbers.own, to: numbers.foreign, text: 'Hello', kind: 'marketing', ...change });
let keys = 0;
const send = (body: string | Buffer, type: object = json, key = `key-${++keys}`) =>
  api.upload('/v1/message-batches', Buffer.from(body), { ...type, 'idempotency-key': key } as Record<string, string>);
const stored = () => api.database.collection('messages').find().sort({ _id: 1 }).toArray();
const keyId = createHash('sha256').update(apiKey).digest('hex').slice(0, 16);
const idOf = (key: string) => api.store.vault.deriveId('bat', keyId, key);

describe('POST /v1/message-batches', () => {
  it('stores a text for each line, which nobody sends but its bulk', async () => {
    const { status, body } = await send(`${line()}\n\n${line({ text: 'é'.repeat(71), kind: 'otp' })}\n`);
    const answer = batchAccepted.parse(body);
    expect([status, answer.lines, answer.accepted, answer.refused, answer.segments]).toEqual([202, 2, 2, 0, 2]);
    const texts = await stored();
    expect(texts.map(({ _id, status: at, workflowId }) => [_id, at, workflowId])).toEqual([
      [idOfLine(answer.id, 1), 'accepted', answer.id],
      [idOfLine(answer.id, 3), 'accepted', answer.id],
    ]);
    expect(api.recorded.batches).toEqual([{ batchId: answer.id }]);
    // The dispatcher's sweep does not know them.
    expect(await api.store.messages.findUnstarted(new Date(Date.now() + 1000), 10)).toEqual([]);
    const text = await api.get(`/v1/messages/${idOfLine(answer.id, 3)}`);
    expect(text.body).toMatchObject({ batch: { id: answer.id, line: 3 }, to: numbers.foreign, kind: 'otp' });
  });

  it('keeps nothing that names who is erased while it comes in; their text is refused, others go', async () => {
    const [first, rest] = [line({ to: numbers.british, text: 'Eve, 7 Main St' }), line()];
    async function* body() {
      yield Buffer.from(`${first}\n`);
      await setTimeout(150);
      await api.call('DELETE', `/v1/subjects/${encodeURIComponent(numbers.british)}`);
      yield Buffer.from(rest);
    }
    await api.store.subjectKeys.load([api.store.vault.numberKey(numbers.british)]);
    const request = {
      method: 'POST',
      headers: { ...json, authorization: `Bearer ${apiKey}`, 'idempotency-key': 'erased-meanwhile' },
      body: ReadableStream.from(body()),
      duplex: 'half',
    };
    const answer = await fetch(`${api.url}/v1/message-batches`, request as RequestInit);
    expect(batchAccepted.parse(await answer.json())).toMatchObject({ accepted: 2, refused: 0 });
    const opened = await readableIn(api.database, secret);
    expect(opened).toContain('Hello');
    expect(opened.filter((each) => each.includes('Main St') || each === numbers.british)).toEqual([]);
    const [text] = await api.store.messages.findMany([idOfLine(idOf('erased-meanwhile'), 1)]);
    if (!text) throw new Error('The text was not stored.');
    expect(await withoutErased([text], api.store)).toEqual([]);
    expect(await api.store.messages.find(text._id)).toMatchObject({
      status: 'refused',
      failure: { code: 'recipient-erased' },
    });
  });

  it('takes CSV with line breaks in its cells, columns in any order, metadata, and a byte order mark', async () => {
    const heading = 'to,kind,from,text,validitySeconds,allowDuplicate,metadata.orderId';
    const first = `${numbers.foreign},marketing,${numbers.own},"Hello,\nyou ""there""",600,true,A-1`;
    const second = `${numbers.foreign},marketing,${numbers.own},Bye,,,`;
    const { body } = await send(`\uFEFF${heading}\r\n${first}\r\n${second}\r\n`, csv);
    expect(batchAccepted.parse(body)).toMatchObject({ lines: 2, accepted: 2 });
    const { data } = batchMessages.parse((await api.get(`/v1/message-batches/${body.id}/messages`)).body);
    expect(data).toMatchObject([
      { text: 'Hello,\nyou "there"', allowDuplicate: true, metadata: { orderId: 'A-1' }, batch: { line: 2 } },
      { text: 'Bye', allowDuplicate: false, batch: { line: 3 } },
    ]);
  });

  it('refuses a line for what is wrong with it, and changes nothing for the others', async () => {
    const wrong = [
      '{"from": ',
      line({ to: '0800' }),
      line({ to: '+19995550199' }),
      line({ from: numbers.foreign }),
      line({ text: 'é中'.repeat(9000) }),
      line({ kind: 'urgent' }),
      line({ color: 'red' }),
    ];
    const { body } = await send([line(), ...wrong, line()].join('\n'));
    expect(batchAccepted.parse(body)).toMatchObject({ lines: 9, accepted: 2, refused: 7 });
    const codes = [
      'line-malformed',
      'phone-number-malformed',
      'phone-number-invalid',
      'sender-not-owned',
      'text-too-long',
      'invalid-request',
      'invalid-request',
    ];
    expect(body.problems.map((each: { line: number; code: string }) => [each.line, each.code])).toEqual(
      codes.map((code, index) => [index + 2, code]),
    );
    // Nothing of somebody's data is repeated.
    expect(JSON.stringify(body.problems)).not.toMatch(/0800|9995550199|red/);
    const page = batchProblems.parse((await api.get(`/v1/message-batches/${body.id}/problems?from=3&limit=2`)).body);
    expect(page).toMatchObject({ data: [{ line: 3 }, { line: 4 }], next: 5 });
    expect(await stored()).toHaveLength(2);
  });

  it('sends nothing twice: the same file again is the same bulk, another one is refused (invariant 4)', async () => {
    const body = [line(), line({ text: 'Two' })].join('\n');
    const first = await send(body, json, 'again');
    const second = await send(body, json, 'again');
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect((await send(line(), json, 'again')).body.code).toBe('idempotency-key-reused');
    expect(await stored()).toHaveLength(2);
  });

  it('sends nothing of an upload that was cut off; repeated, it is taken whole, even if it is another file (invariant 4)', async () => {
    const many = Array.from({ length: 1200 }, (_, index) => line({ text: `Text ${index}` })).join('\n');
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /v1/message-batches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${apiKey}\r\nIdempotency-Key: cut\r\n` +
        `Content-Type: application/x-ndjson\r\nContent-Length: 9999999\r\n\r\n${many}`,
    );
    await expect.poll(async () => (await stored()).length, { timeout: 15_000 }).toBeGreaterThanOrEqual(500);
    expect((await send(many, json, 'cut')).body.code).toBe('request-in-progress');
    socket.destroy();
    await expect
      .poll(async () => (await api.store.messageBatches.find(idOf('cut')))?.changedAt.getTime(), { timeout: 15_000 })
      .toBe(0);
    expect(await api.store.messages.findUnstarted(new Date(Date.now() + 1000), 10)).toEqual([]);
    const { body } = await send([line({ text: 'A' }), line({ text: 'B' })].join('\n'), json, 'cut');
    expect(batchAccepted.parse(body)).toMatchObject({ id: idOf('cut'), accepted: 2 });
    expect(await stored()).toHaveLength(2);
    expect(api.recorded.batches).toHaveLength(1);
  });

  it('leaves nothing of a file that is turned down', async () => {
    const heading = 'from,to,text,kind';
    const row = `${numbers.own},${numbers.foreign},Hello,marketing`;
    const rows = Array.from({ length: 700 }, () => row).join('\n');
    const broken = await send(`${heading}\n${rows}\n${row.replace('Hello', '"Hello')}\n`, csv, 'broken');
    expect(broken.body.code).toBe('message-batch-unreadable');
    expect([await stored(), await api.store.messageBatches.find(idOf('broken'))]).toEqual([[], null]);
    // The corrected file under the same key.
    expect((await send(`${heading}\n${row}\n`, csv, 'broken')).status).toBe(202);
  });

  it('is accepted while the engine is away, and started by the sweep', async () => {
    api.recorded.failure = new Error('away');
    const { status, body } = await send(line());
    expect(status).toBe(202);
    api.recorded.failure = undefined;
    const sweep = (now: Date) =>
      sweepMessageBatches({ store: api.store, messageBatchProcess: api.recorded.messageBatchProcess }, now);
    await sweep(new Date());
    expect(api.recorded.batches).toEqual([]);
    await sweep(new Date(Date.now() + 20_000));
    expect(api.recorded.batches).toEqual([{ batchId: body.id }]);
    // Its process has begun: it is not started again.
    await api.store.messageBatches.project(body.id, 1, { status: 'sending', since: new Date().toISOString() });
    await sweep(new Date(Date.now() + 40_000));
    expect(api.recorded.batches).toHaveLength(1);
  });

  it('gives up an upload that never came to its end, with its lines', async () => {
    const { id } = (await send(line(), json, 'left')).body;
    await api.database
      .collection('messageBatches')
      .updateOne({ _id: id }, { $set: { status: 'uploading', uploadToken: 't' } });
    const now = new Date(Date.now() + 2 * 3600_000);
    await sweepMessageBatches({ store: api.store, messageBatchProcess: api.recorded.messageBatchProcess }, now);
    expect((await api.get(`/v1/message-batches/${id}`)).body.status).toBe('expired');
    expect(await stored()).toEqual([]);
    expect((await send(line(), json, 'left')).body).toMatchObject({ id, status: 'sending', accepted: 1 });
  });

  it('keeps no number and no text in plain (invariant 9)', async () => {
    await send([line({ text: 'Secretly' }), line({ to: '+1' })].join('\n'));
    const everything = [
      ...(await stored()),
      ...(await api.database.collection('messageBatches').find().toArray()),
      ...(await api.database.collection('messageBatchProblems').find().toArray()),
    ];
    expect(JSON.stringify(everything)).not.toMatch(/Secretly|2025550/);
    expect(api.lines.join('')).not.toMatch(/Secretly|2025550/);
  });
});

describe('a bulk of texts', () => {
  it('shows how far it is, in lists, too', async () => {
    const { id } = (await send([line(), line(), line({ kind: 'otp' })].join('\n'))).body;
    await api.store.messageBatches.movePart(`${id}/0`, 'through', [{ status: 'delivered', texts: 2, segments: 2 }]);
    const shown = messageBatch.parse((await api.get(`/v1/message-batches/${id}`)).body);
    expect(shown).toMatchObject({
      status: 'sending',
      accepted: 3,
      started: 2,
      account: [{ status: 'delivered', texts: 2 }],
    });
    expect((await api.get('/v1/message-batches')).body).toEqual({ data: [shown], nextCursor: null });
  });

  it.each(['pause', 'resume', 'cancel'])('is told to %s through its process', async (action) => {
    const { id } = (await send(line())).body;
    const answer = await api.post(`/v1/message-batches/${id}/${action}`, {}, { 'idempotency-key': 'act' });
    expect(answer).toMatchObject({ status: 200, body: { id, status: 'paused' } });
    expect(api.recorded.updates).toMatchObject([{ name: `${action}-batch`, portId: id }]);
  });
});
