import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { OrderEvent, ReceiptEvent } from '../../carriers/carrier.ts';
import { createIntake } from '../../intake/intake.ts';
import { ownStore } from '../store/own-store.ts';
import { samplePort } from '../store/samples.ts';
import { RecordedEngine } from './recorded-engine.ts';

const own = ownStore();

const news = (carrierOrderId: string, eventId: string): OrderEvent => ({
  type: 'order',
  eventId,
  at: new Date().toISOString(),
  raw: '{}',
  carrierOrderId,
  name: 'porting_order.status_changed',
});

/** Of a text that nobody knows. */
const receipt = (eventId: string): ReceiptEvent => ({
  type: 'receipt',
  eventId,
  at: new Date().toISOString(),
  raw: '',
  carrierMessageId: eventId,
  state: 'DELIVRD',
});

/** An engine that can't tell one port, whatever is tried. */
class DeafForOne extends RecordedEngine {
  deafPort = '';
  override carrierNews = async (portId: string, eventId?: string) => {
    if (portId === this.deafPort) throw new Error('This workflow takes no signal.');
    this.told.push(['carrierNews', portId, eventId]);
  };
}

test('an event that can not be worked on does not stand in the way of the others, and is tried again later', async () => {
  const engine = new DeafForOne();
  const { store, raw } = own;
  const [deaf, fine] = [
    samplePort(store.vault, ['+12025550111'], { gainingCarrier: 'telnyx', carrierOrderId: 'order-deaf' }),
    samplePort(store.vault, ['+12025550112'], { gainingCarrier: 'telnyx', carrierOrderId: 'order-fine' }),
  ];
  await store.ports.insert(deaf);
  await store.ports.insert(fine);
  engine.deafPort = deaf._id;
  const intake = createIntake({ store, engine, carriers: new Map(), logger: pino({ enabled: false }) });
  await intake.receive('telnyx', [news('order-deaf', 'one'), news('order-fine', 'two')]);
  await intake.idle();
  const overdue = () =>
    raw
      .collection<{ _id: string }>('carrierEvents')
      .updateMany({ dueAt: { $exists: true } }, { $set: { dueAt: new Date(0) } });
  await overdue();
  await intake.sweep();
  expect(engine.callsOf('carrierNews')).toEqual([[fine._id, 'telnyx/two']]);
  const [left] = await store.carrierEvents.findDue(new Date(Date.now() + 60_000), 10);
  expect(left).toMatchObject({ _id: 'telnyx/one' });
  expect(left?.dueAt?.getTime()).toBeGreaterThan(Date.now());

  engine.deafPort = '';
  await overdue();
  await intake.sweep();
  expect(engine.callsOf('carrierNews')).toContainEqual([deaf._id, 'telnyx/one']);
  expect(await store.carrierEvents.findDue(new Date(Date.now() + 60_000), 10)).toEqual([]);
});

test('receipts that come faster than they are worked on do not pile up in memory: the sweep finds them in the store', async () => {
  const { store } = own;
  let goOn = () => {};
  const mayGoOn = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const asked: string[] = [];
  const messages: typeof store.messages = {
    ...store.messages,
    findByCarrierRefs: async (refs) => {
      asked.push(...refs);
      await mayGoOn;
      return store.messages.findByCarrierRefs(refs);
    },
  };
  const intake = createIntake({
    store: { ...store, messages },
    engine: new RecordedEngine(),
    carriers: new Map(),
    logger: pino({ enabled: false }),
    mostWaiting: 1,
  });
  const first = intake.receive('telnyx', [receipt('first')]);
  await expect.poll(() => asked).toEqual(['telnyx/first']);
  await intake.receive('telnyx', [receipt('second'), receipt('third')]);
  goOn();
  await first;
  await intake.idle();
  expect(asked.filter((ref) => ref !== 'telnyx/first')).toEqual([]);

  await own.raw
    .collection<{ _id: string }>('carrierEvents')
    .updateMany({ _id: { $in: ['telnyx/second', 'telnyx/third'] } }, { $set: { dueAt: new Date(0) } });
  await intake.sweep();
  expect(asked.filter((ref) => ref !== 'telnyx/first').toSorted()).toEqual(['telnyx/second', 'telnyx/third']);
});
