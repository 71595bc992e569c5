import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { createPapersActivities } from '../../activities/papers.ts';
import { createPortActivities } from '../../activities/port.ts';
import type { PortDocument } from '../../store/ports.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { ownStore } from '../store/own-store.ts';
import { samplePort } from '../store/samples.ts';
import { fakeCarrier } from './fake-carrier.ts';
import { FakeHosting } from './fake-hosting.ts';
import { FakePorting } from './fake-porting.ts';

const own = ownStore();
let hosting: FakeHosting;
let porting: FakePorting;
let port: PortDocument;
let count = 0;

const activities = () =>
  createPortActivities({
    store: own.store,
    carriers: new Map([['telnyx', fakeCarrier('telnyx', { porting, hosting, settings: { adapter: 'telnyx' } })]]),
    // The database names the gaining carrier: it says nothing of texts.
    lookUps: {
      lookUp: async () => ({ ported: true, spid: 'spid-telnyx', source: 'enum', at: new Date().toISOString() }),
      refresh: async () => undefined,
    },
    logger: pino({ enabled: false }),
  });

beforeEach(async () => {
  hosting = new FakeHosting();
  porting = new FakePorting();
  count += 1;
  port = samplePort(own.store.vault, [`+1202555${2000 + count}`], { messagingPlan: 'messaging-only' });
  await own.store.ports.insert(port);
});

test('an order for texts alone goes to the client that hosts texts, with no need of an account', async () => {
  expect(await activities().checkPort({ portId: port._id })).toEqual({ problems: [] });
  const { carrierOrderId } = await activities().submitOrder({ portId: port._id });
  await activities().readOrder({ portId: port._id, carrierOrderId });
  expect(hosting.requests).toMatchObject([{ reference: port._id, messagingPlan: 'messaging-only' }]);
  expect(porting.requests).toEqual([]);
});

test('numbers whose texts the carrier cannot host are told before anything is ordered', async () => {
  hosting.check = (phoneNumber) => ({ phoneNumber, portable: false, messagingCapable: false });
  const { problems } = await activities().checkPort({ portId: port._id });
  expect(problems).toMatchObject([{ code: 'messaging-not-supported' }]);
});

test('an order that the carrier has finished meanwhile is not checked against what it brought about', async () => {
  const { carrierOrderId } = await activities().submitOrder({ portId: port._id });
  await own.store.ports.project(port._id, 1, { carrierOrderId });
  const reason = 'NUMBER_CAN_NOT_BE_ACTIVE_IN_YOUR_ACCOUNT';
  hosting.check = (phoneNumber) => ({ phoneNumber, portable: false, messagingCapable: true, reason });
  expect(await activities().checkPort({ portId: port._id })).toEqual({ problems: [] });
});

async function storeDocument(kind: 'loa' | 'invoice', text: string, contentType = 'application/pdf'): Promise<string> {
  const now = new Date();
  const id = `doc_${randomUUID()}`;
  const metadata = { _id: id, portId: port._id, kind, contentType, bytes: 4, sha256: 'hash', storedAt: now };
  await own.store.documents.insert(
    { ...metadata, deleteAt: new Date(now.getTime() + 60_000), state: 'stored', stateSince: now },
    own.store.vault.sealBytes(Buffer.from(text)),
  );
  return id;
}

test('its papers are the newest of each kind that the carrier can read; once it has them that is written down', async () => {
  await activities().submitOrder({ portId: port._id });
  expect(await hosting.requests[0]?.papers?.()).toEqual({});
  await storeDocument('loa', '%PDF old');
  const loa = await storeDocument('loa', '%PDF new');
  await storeDocument('loa', 'a photo', 'image/jpeg');
  const bill = await storeDocument('invoice', '%PDF bill');
  await activities().submitOrder({ portId: port._id });
  const papers = await hosting.requests[1]?.papers?.();
  expect(Object.entries(papers ?? {}).map(([name, { content }]) => [name, String(content)])).toEqual([
    ['loa', '%PDF new'],
    ['bill', '%PDF bill'],
  ]);
  for (const id of [loa, bill]) {
    expect(await own.store.documents.find(id)).toMatchObject({ state: 'handed-over', carrier: 'telnyx' });
  }
});

test('papers that come after the order are handed in, as soon as all are there', async () => {
  const engine = new RecordedEngine();
  const { handOverDocuments } = createPapersActivities({
    store: own.store,
    engine,
    carriers: new Map([['telnyx', fakeCarrier('telnyx', { hosting })]]),
  });
  const carrierOrderId = 'h-1';
  await storeDocument('loa', '%PDF');
  expect(await handOverDocuments({ portId: port._id, carrierOrderId })).toEqual({ handedOver: 0 });
  await storeDocument('invoice', '%PDF');
  expect(await handOverDocuments({ portId: port._id, carrierOrderId })).toEqual({ handedOver: 2 });
  expect(hosting.handedIn.map((each) => Object.keys(each))).toEqual([['loa'], ['loa', 'bill']]);
});

test('what a missing paper means and how to mend it is said in our words', async () => {
  hosting.submitOrder = async () =>
    hosting.put({
      carrierOrderId: 'h-1',
      state: 'draft',
      carrierState: 'pending',
      rejections: [{ code: 'LOA_MISSING', message: '' }],
    });
  const { rejections } = await activities().submitOrder({ portId: port._id });
  expect(rejections).toMatchObject([
    { code: 'LOA_MISSING', field: 'documents', message: expect.stringMatching(/PDF/) },
  ]);
  // The papers are handed over by themselves.
  expect(rejections[0]?.message).not.toMatch(/order again/);
});
