import { expect, test } from 'vitest';
import type { TimelineEntry } from '../../store/timeline.ts';
import { ownStore } from './own-store.ts';

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
