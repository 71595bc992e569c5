import { beforeEach, expect, test } from 'vitest';
import type { OrderEvent } from '../../carriers/carrier.ts';
import { takeOrderNews } from '../../intake/orders.ts';
import { ownStore } from '../store/own-store.ts';
import { ours, samplePort } from '../store/samples.ts';
import { RecordedEngine } from './recorded-engine.ts';

const own = ownStore();
const engine = new RecordedEngine();
beforeEach(() => engine.clear());

const news = (carrierOrderId: string, about?: 'comments') => {
  const event: OrderEvent = {
    type: 'order',
    eventId: 'e1',
    at: '2026-11-26T10:00:00Z',
    raw: '{}',
    carrierOrderId,
    name: 'news',
    ...(about && { about }),
  };
  return takeOrderNews([{ id: 'telnyx/e1', carrier: 'telnyx', event }], { store: own.store, engine });
};

test('a hint about an order goes to its port, one about a comment to the correspondence, which leaves the order alone', async () => {
  const port = samplePort(own.store.vault, [ours], { carrierOrderId: 'order-1' });
  await own.store.ports.insert(port);
  expect(await news('order-1')).toEqual([]);
  expect(await news('order-1', 'comments')).toEqual([]);
  expect(engine.told).toEqual([
    ['carrierNews', port._id, 'telnyx/e1'],
    ['correspondence', port._id],
  ]);
});

test('one about an order that no port has (yet) waits', async () => {
  expect(await news('order-2', 'comments')).toEqual(['telnyx/e1']);
  expect(engine.told).toEqual([]);
});
