import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCarrierSyncActivities } from '../../activities/carrier-sync.ts';
import { createPapersActivities } from '../../activities/papers.ts';
import { createPortActivities } from '../../activities/port.ts';
import type { Carrier, CarrierSettings, PortingClient } from '../../carriers/carrier.ts';
import { CarrierRefused, CarrierUnavailable } from '../../carriers/errors.ts';
import { createMailer } from '../../carriers/mailer.ts';
import { sweepCorrespondence } from '../../intake/correspondence.ts';
import type { CommentDocument } from '../../store/comments.ts';
import type { DocumentMetadata } from '../../store/documents.ts';
import type { PortDocument } from '../../store/ports.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleComment, samplePort } from '../store/samples.ts';
import { fakeCarrier } from './fake-carrier.ts';
import { FakeComments, FakeDocuments } from './fake-papers.ts';
import { FakePorting } from './fake-porting.ts';
import { type SmtpSink, startSmtpSink } from './smtp-sink.ts';

const own = ownStore();
const engine = new RecordedEngine();
let sink: SmtpSink;
let documents: FakeDocuments;
let comments: FakeComments;
let porting: FakePorting;
let support: CarrierSettings['support'];
let losingSupport: CarrierSettings['support'];
let canMail = true;
let withInterface = true;
let port: PortDocument;
let orderId = '';

beforeAll(async () => {
  sink = await startSmtpSink();
});
afterAll(() => sink.stop());
beforeEach(async () => {
  engine.clear();
  sink.mails.length = 0;
  sink.answers.clear();
  documents = new FakeDocuments();
  comments = new FakeComments();
  porting = new FakePorting();
  support = undefined;
  losingSupport = undefined;
  canMail = true;
  withInterface = true;
  orderId = `order-${randomUUID()}`;
  port = samplePort(own.store.vault, ['+12025550143'], { carrierOrderId: orderId, status: 'submitted' });
  await own.store.ports.insert(port);
});

function carriers(): ReadonlyMap<string, Carrier> {
  const client: PortingClient = withInterface ? Object.assign(porting, { documents, comments }) : porting;
  const gaining = fakeCarrier('telnyx', { porting: client, settings: support ? { support } : {} });
  const losing = losingSupport && fakeCarrier('alpha', { settings: { support: losingSupport } });
  return new Map([['telnyx', gaining], ...(losing ? ([['alpha', losing]] as const) : [])]);
}
const activities = () =>
  createPapersActivities({
    store: own.store,
    engine,
    carriers: carriers(),
    ...(canMail && { mailer: createMailer({ url: sink.url, from: 'porting@example.com' }) }),
  });
const sync = () =>
  createCarrierSyncActivities({ store: own.store, engine, carriers: carriers() }).syncCarrier({ carrier: 'telnyx' });
const steps = async () => (await own.store.timeline.list(port._id)).map(({ type }) => type);
const portId = () => port._id;

async function storeDocument(kind: DocumentMetadata['kind'] = 'invoice', content = 'of Ada Byron'): Promise<string> {
  const id = `doc_${randomUUID()}`;
  const now = new Date();
  await own.store.documents.insert(
    {
      _id: id,
      portId: port._id,
      kind,
      contentType: 'application/pdf',
      bytes: content.length,
      sha256: 'hash',
      storedAt: now,
      deleteAt: new Date(now.getTime() + 3600_000),
      state: 'stored',
      stateSince: now,
    },
    own.store.vault.sealBytes(Buffer.from(content)),
  );
  return id;
}
const documentNow = (id: string) => own.store.documents.find(id);
/** Lets time pass for a document's next review. */
const reviewNow = (id: string) => own.store.documents.reviewAgain(id, new Date(0));

async function storeComment(rest: Partial<CommentDocument> = {}): Promise<string> {
  const comment = sampleComment(own.store.vault, port._id, rest);
  await own.store.comments.insert(comment);
  return comment._id;
}
const mail = () => ({ channel: 'mail' as const, recipient: own.store.vault.seal('help@carrier.example') });
const commentNow = (id: string) => own.store.comments.find(id);
/** Lets time pass for a comment's next attempt. */
const dueNow = (id: string) =>
  own.raw.collection<{ _id: string }>('comments').updateOne({ _id: id }, { $set: { dueAt: new Date(0) } });

describe('handing documents over', () => {
  test('gives the carrier what it has not got, once, and notes kind and hash', async () => {
    const first = await storeDocument('loa');
    expect(await activities().handOverDocuments({ portId: portId() })).toEqual({ handedOver: 1 });
    expect(await activities().handOverDocuments({ portId: portId() })).toEqual({ handedOver: 0 });
    expect(documents.uploaded.get(first)?.content).toBe('of Ada Byron');
    expect(await documentNow(first)).toMatchObject({
      state: 'handed-over',
      carrier: 'telnyx',
      carrierDocumentId: 'at-carrier-1',
    });
    const second = await storeDocument('invoice');
    expect(await activities().handOverDocuments({ portId: portId() })).toEqual({ handedOver: 1 });
    // All that belong to the order are named again, oldest first; only the new one is uploaded.
    expect(documents.attached).toEqual([[first], [first, second]]);
    expect(await steps()).toEqual(['document.handed-over', 'document.handed-over']);
    expect(JSON.stringify(await own.store.timeline.list(portId()))).not.toContain('Ada');
  });

  test('a hand-over that was cut off is made again without a second upload or step', async () => {
    const id = await storeDocument();
    const { move } = own.store.documents;
    own.store.documents.move = () => Promise.reject(new Error('killed'));
    await expect(activities().handOverDocuments({ portId: portId() })).rejects.toThrow('killed');
    own.store.documents.move = move;
    await activities().handOverDocuments({ portId: portId() });
    expect(documents.uploaded.size).toBe(1);
    expect(await steps()).toEqual(['document.handed-over']);
    expect((await documentNow(id))?.state).toBe('handed-over');
  });

  test('goes with the draft before the order is submitted, and with each supplement', async () => {
    const deps = {
      store: own.store,
      carriers: carriers(),
      lookUps: { lookUp: async () => undefined, refresh: async () => undefined },
      logger: { info() {}, warn() {}, error() {} },
    };
    await storeDocument('loa');
    await createPortActivities(deps as never).submitOrder({ portId: portId() });
    expect(documents.attached).toHaveLength(1);
    await storeDocument('invoice');
    await createPortActivities(deps as never).supplementOrder({ portId: portId(), carrierOrderId: orderId });
    expect(documents.attached).toHaveLength(2);
  });

  test('a carrier that is away is asked again by the engine; one that wants none says so once', async () => {
    await storeDocument();
    documents.failure = new CarrierUnavailable('away');
    await expect(activities().handOverDocuments({ portId: portId() })).rejects.toThrow('away');
    documents.failure = new CarrierRefused('no', '10015');
    for (let i = 0; i < 2; i++) {
      expect(await activities().handOverDocuments({ portId: portId() })).toEqual({ handedOver: 0, refused: '10015' });
    }
    expect(await steps()).toEqual(['document.not-taken']);
  });

  test('a carrier without an interface for them leaves them to people', async () => {
    withInterface = false;
    await storeDocument();
    await activities().handOverDocuments({ portId: portId() });
    await activities().handOverDocuments({ portId: portId() });
    expect(await steps()).toEqual(['document.by-hand']);
  });

  test('the carrier’s word on each comes by its schedule; what it refused is not given again', async () => {
    const good = await storeDocument('loa');
    const bad = await storeDocument('invoice');
    await activities().handOverDocuments({ portId: portId() });
    await sync();
    expect((await documentNow(good))?.state).toBe('handed-over');
    const at = (id: string) => documents.uploaded.get(id) ?? { state: '' };
    at(good).state = 'accepted';
    at(bad).state = 'refused';
    await Promise.all([reviewNow(good), reviewNow(bad)]);
    await sync();
    await sync();
    expect([(await documentNow(good))?.state, (await documentNow(bad))?.state]).toEqual(['accepted', 'refused']);
    expect((await steps()).toSorted()).toEqual([
      'document.accepted',
      'document.handed-over',
      'document.handed-over',
      'document.refused',
    ]);
    const better = await storeDocument('invoice');
    await activities().handOverDocuments({ portId: portId() });
    expect(documents.attached.at(-1)).toEqual([good, better]);
  });
});

test('a carrier that never says a word about a document is asked for thirty days', async () => {
  const id = await storeDocument('loa');
  await activities().handOverDocuments({ portId: portId() });
  const raw = own.raw.collection<{ _id: string }>('documents');
  const aged = (days: number) =>
    raw.updateOne(
      { _id: id },
      { $set: { reviewAt: new Date(0), stateSince: new Date(Date.now() - days * 24 * 3600_000) } },
    );
  await aged(29);
  await sync();
  expect((await documentNow(id))?.reviewAt?.getTime()).toBeGreaterThan(Date.now() + 5 * 3600_000);
  await aged(31);
  await sync();
  expect(await documentNow(id)).toMatchObject({ state: 'handed-over' });
  expect((await documentNow(id))?.reviewAt).toBeUndefined();
});

describe('comments by the carrier’s interface', () => {
  test('go once, and what the carrier says comes in once by its id', async () => {
    const id = await storeComment();
    comments.write('carrier', 'Ada Byron must sign.', '2026-11-25T09:00:00.000Z');
    for (let i = 0; i < 3; i++) expect(await activities().exchangeComments({ portId: portId() })).toEqual({});
    expect(comments.written.map(({ text }) => text)).toEqual(['Ada Byron must sign.', 'Please ask Ada Byron.']);
    expect(await commentNow(id)).toMatchObject({ state: 'sent', carrierCommentId: 'c-2' });
    const all = await own.store.comments.ofPort(portId());
    expect(all.map(({ direction, state }) => [direction, state])).toEqual([
      ['from-carrier', 'received'],
      ['to-carrier', 'sent'],
    ]);
    expect(own.store.vault.open(all[0]?.text as never)).toBe('Ada Byron must sign.');
    expect(await steps()).toEqual(['comment.received', 'comment.sent']);
    expect(JSON.stringify(await own.store.timeline.list(portId()))).not.toContain('Ada');
  });

  test('one whose answer was lost is found in the list, not written again', async () => {
    const id = await storeComment();
    comments.lost = new CarrierUnavailable('no answer');
    const { nextAt } = await activities().exchangeComments({ portId: portId() });
    expect(Date.parse(nextAt ?? '') - Date.now()).toBeGreaterThan(50_000);
    expect(await commentNow(id)).toMatchObject({ state: 'waiting', failure: 'carrier-unavailable' });
    comments.lost = undefined;
    await dueNow(id);
    expect(await activities().exchangeComments({ portId: portId() })).toEqual({});
    expect(comments.written).toHaveLength(1);
    expect(await commentNow(id)).toMatchObject({ state: 'sent', carrierCommentId: 'c-1' });
    expect(await steps()).toEqual(['comment.delayed', 'comment.sent']);
  });

  test('one that never arrived is written again, with longer and longer pauses', async () => {
    const id = await storeComment();
    comments.failure = new CarrierUnavailable('away');
    const pauses: number[] = [];
    for (let i = 0; i < 3; i++) {
      const before = Date.now();
      const { nextAt } = await activities().exchangeComments({ portId: portId() });
      pauses.push(Math.round((Date.parse(nextAt ?? '') - before) / 60_000));
      await dueNow(id);
    }
    expect(pauses).toEqual([1, 2, 4]);
    comments.failure = undefined;
    await activities().exchangeComments({ portId: portId() });
    expect(comments.written).toHaveLength(1);
  });

  test('two of the same wording are both written', async () => {
    await storeComment();
    await storeComment();
    await activities().exchangeComments({ portId: portId() });
    await activities().exchangeComments({ portId: portId() });
    expect(comments.written).toHaveLength(2);
    expect(
      (await own.store.comments.ofPort(portId())).map(({ carrierCommentId }) => carrierCommentId).toSorted(),
    ).toEqual(['c-1', 'c-2']);
  });

  test('one that is refused is given up, with its code', async () => {
    const id = await storeComment();
    comments.failure = new CarrierRefused('too long', '10015');
    expect(await activities().exchangeComments({ portId: portId() })).toEqual({});
    expect(await commentNow(id)).toMatchObject({ state: 'failed', failure: '10015' });
    expect(await steps()).toEqual(['comment.failed']);
  });

  test('what one of us wrote in the carrier’s portal is on record, too', async () => {
    comments.write('us', 'I called them.', '2026-11-25T09:00:00.000Z');
    await activities().exchangeComments({ portId: portId() });
    expect(await own.store.comments.ofPort(portId())).toMatchObject([{ direction: 'to-carrier', state: 'sent' }]);
    expect(await steps()).toEqual(['comment.found']);
  });

  test('a lost hint is made good by the carrier’s schedule', async () => {
    comments.commented = [orderId, 'order-of-somebody-else'];
    await sync();
    expect(engine.callsOf('correspondence')).toEqual([[portId()]]);
    const [first] = comments.since;
    await sync();
    expect(Date.parse(comments.since[1] ?? '')).toBeGreaterThan(Date.parse(first ?? ''));
    comments.failure = new CarrierUnavailable('away');
    await expect(sync()).rejects.toThrow('away');
  });
});

describe('comments by mail', () => {
  test('one mail, to the support, with ids for its subject and names only in its text', async () => {
    const id = await storeComment(mail());
    await activities().exchangeComments({ portId: portId() });
    await activities().exchangeComments({ portId: portId() });
    expect(sink.mails).toMatchObject([{ from: 'porting@example.com', to: 'help@carrier.example' }]);
    const [headers = '', body = ''] = (sink.mails[0]?.data ?? '').replace(/\r\n[ \t]/g, ' ').split('\r\n\r\n');
    expect(headers).toContain(`Message-ID: <${id}@example.com>`);
    expect(headers).toContain(`References: <${portId()}@example.com>`);
    expect(headers).toContain(`Subject: Port order ${orderId}`);
    expect(headers).not.toContain('Ada');
    expect(body).toContain('Please ask Ada Byron.');
    expect(await commentNow(id)).toMatchObject({ state: 'sent' });
  });

  test('is claimed before it is sent: two who would send it send one', async () => {
    await storeComment(mail());
    await Promise.all([1, 2, 3].map(() => activities().exchangeComments({ portId: portId() })));
    expect(sink.mails).toHaveLength(1);
  });

  test('a full mail box is tried again under the same Message-ID, a wrong address is not', async () => {
    const id = await storeComment(mail());
    sink.answers.set('.', '452 full');
    const { nextAt } = await activities().exchangeComments({ portId: portId() });
    expect(nextAt).toBeDefined();
    expect(await commentNow(id)).toMatchObject({ state: 'waiting', failure: 'smtp-452', attempts: 1 });
    sink.answers.clear();
    await dueNow(id);
    await activities().exchangeComments({ portId: portId() });
    expect(await commentNow(id)).toMatchObject({ state: 'sent', attempts: 2 });
    expect(new Set(sink.mails.map(({ data }) => data.match(/^Message-ID: .*$/im)?.[0])).size).toBe(1);

    const wrong = await storeComment(mail());
    sink.answers.set('RCPT', '550 nobody here');
    await activities().exchangeComments({ portId: portId() });
    expect(await commentNow(wrong)).toMatchObject({ state: 'failed', failure: 'smtp-550' });
    expect(await steps()).toEqual(['comment.delayed', 'comment.sent', 'comment.failed']);
  });

  test('is given up after three days, and waits while no mail server is configured', async () => {
    canMail = false;
    const id = await storeComment(mail());
    await activities().exchangeComments({ portId: portId() });
    expect(await commentNow(id)).toMatchObject({ state: 'waiting', failure: 'no-mail-server' });
    await own.raw
      .collection<{ _id: string }>('comments')
      .updateOne({ _id: id }, { $set: { dueAt: new Date(0), firstTriedAt: new Date(Date.now() - 73 * 3600_000) } });
    expect(await activities().exchangeComments({ portId: portId() })).toEqual({});
    expect((await commentNow(id))?.state).toBe('failed');
  });

  test('what nobody sends is taken up by the sweep', async () => {
    await storeComment({ ...mail(), dueAt: new Date(Date.now() - 60_000) });
    await storeComment({ ...mail(), dueAt: new Date(Date.now() - 60_000) });
    await sweepCorrespondence({ store: own.store, engine });
    expect(engine.callsOf('correspondence').filter(([id]) => id === portId())).toHaveLength(1);
  });
});

describe('escalating an order', () => {
  const escalate = (level?: number, reason = 'answer-overdue', occasion?: string) =>
    activities().escalateOrder({
      portId: portId(),
      reason,
      ...(level !== undefined && { level }),
      ...(occasion && { occasion }),
    });

  test('is a comment on the order, once per reason and level', async () => {
    expect(await escalate()).toEqual({ channels: ['api'] });
    expect(await escalate()).toEqual({ channels: ['api'] });
    await escalate(0, 'activation-missed');
    expect(engine.callsOf('correspondence')).toHaveLength(3);
    await activities().exchangeComments({ portId: portId() });
    expect(comments.written.map(({ text }) => text)).toEqual([
      expect.stringMatching(/losing carrier has not answered/),
      expect.stringMatching(/agreed date has passed/),
    ]);
    expect(await steps()).toEqual(expect.arrayContaining(['order.escalated-to-carrier', 'comment.sent']));
    expect((await steps()).filter((type) => type === 'order.escalated-to-carrier')).toHaveLength(2);
  });

  test('is said again when the order is stuck another time', async () => {
    await escalate(0, 'answer-overdue', '2026-11-01T00:00:00.000Z');
    await escalate(0, 'answer-overdue', '2026-11-01T00:00:00.000Z');
    await escalate(0, 'answer-overdue', '2026-11-20T00:00:00.000Z');
    expect(await own.store.comments.ofPort(portId())).toHaveLength(2);
  });

  test('without comments it is a mail, to the contact of its level, when somebody is there', async () => {
    withInterface = false;
    const soon = new Date(Date.now() + 24 * 3600_000);
    const day = (['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const)[soon.getUTCDay()] ?? 'mon';
    support = {
      email: 'help@carrier.example',
      hours: { zone: 'UTC', days: [day], from: '00:00', to: '24:00' },
      escalation: [
        { afterHours: 4, email: 'boss@carrier.example' },
        { afterHours: 8, phone: '+15125550100' },
      ],
    };
    const sendAt = `${soon.toISOString().slice(0, 10)}T00:00:00.000Z`;
    const nextLevelAt = `${soon.toISOString().slice(0, 10)}T04:00:00.000Z`;
    expect(await escalate()).toEqual({ channels: ['mail'], sendAt, nextLevelAt });
    expect(await activities().exchangeComments({ portId: portId() })).toEqual({ nextAt: sendAt });
    expect(sink.mails).toEqual([]);
    await escalate(1);
    for (const { _id } of await own.store.comments.ofPort(portId())) await dueNow(_id);
    await activities().exchangeComments({ portId: portId() });
    expect(sink.mails.map(({ to }) => to)).toEqual(['help@carrier.example', 'boss@carrier.example']);
    // Nobody can be written to at the last level: a person has to call.
    expect(await escalate(2)).toEqual({ channels: ['by-hand'] });
    expect((await own.store.comments.ofPort(portId())).at(-1)).toMatchObject({ state: 'by-hand', channel: 'by-hand' });
  });

  test('with comments, a contact of a level gets a mail besides', async () => {
    support = { escalation: [{ afterHours: 1, email: 'boss@carrier.example' }] };
    const { channels, nextLevelAt } = await escalate();
    expect(channels).toEqual(['api']);
    expect(Date.parse(nextLevelAt ?? '') - Date.now()).toBeGreaterThan(3500_000);
    expect(await escalate(1)).toEqual({ channels: ['api', 'mail'] });
    await activities().exchangeComments({ portId: portId() });
    expect(comments.written).toHaveLength(2);
    expect(sink.mails.map(({ to }) => to)).toEqual(['boss@carrier.example']);
  });

  test('tells the losing carrier, too, when it is one of ours', async () => {
    const snapBack = () => activities().escalateOrder({ portId: portId(), reason: 'snap-back', to: 'losing' });
    expect(await snapBack()).toEqual({ channels: [] });
    losingSupport = { email: 'help@alpha.example', escalation: [] };
    expect(await snapBack()).toEqual({ channels: ['mail'] });
    await activities().exchangeComments({ portId: portId() });
    expect(sink.mails).toMatchObject([{ to: 'help@alpha.example', data: expect.stringContaining('snap-back') }]);
    expect(comments.written).toEqual([]);
  });

  test('names no address and no person in what the workflow and the timeline get (invariant 9)', async () => {
    withInterface = false;
    support = {
      escalation: [{ afterHours: 1, email: 'boss@carrier.example', phone: '+15125550100', name: 'Bo Byron' }],
    };
    const told = [await escalate(0), await escalate(1), await own.store.timeline.list(portId())];
    expect(JSON.stringify(told)).not.toMatch(/boss|Byron|5125550100/);
  });
});
