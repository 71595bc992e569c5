import { expect, test } from 'vitest';
import { type CutoverState, newCutover } from '../../domain/lifecycle/cutover.ts';
import type { PortDocument } from '../../store/ports.ts';
import { ownStore } from './own-store.ts';
import { ours, samplePort, standby } from './samples.ts';

const own = ownStore();

async function storePort(rest: Partial<PortDocument> = {}): Promise<PortDocument> {
  const port = samplePort(own.store.vault, [ours, standby], rest);
  await own.store.ports.insert(port);
  return port;
}

test('an older projection never overwrites a newer one, in whatever order they are written (invariant 1)', async () => {
  const { _id } = await storePort();
  const project = (counter: number) =>
    own.store.ports.project(_id, counter, {
      status: counter === 7 ? 'foc-confirmed' : 'submitted',
      since: `since ${counter}`,
    });
  await Promise.all([3, 7, 1, 5, 2, 6, 4].map(project));
  await project(6);
  await project(7);
  expect(await own.store.ports.find(_id)).toMatchObject({ counter: 7, status: 'foc-confirmed', since: 'since 7' });
});

test('what a projection no longer has is taken away; what the API stored stays', async () => {
  const { _id, request } = await storePort();
  const waiting = { what: 'the date', since: '2027-01-01T00:00:00.000Z' };
  await own.store.ports.project(_id, 1, { status: 'submitted', focAt: '2027-02-01T00:00:00.000Z', waiting });
  await own.store.ports.project(_id, 2, { status: 'exception', focAt: undefined, waiting: undefined });
  const port = await own.store.ports.find(_id);
  expect(port).not.toHaveProperty('focAt');
  expect(port).not.toHaveProperty('waiting');
  expect(port).toMatchObject({ status: 'exception', request, gainingCarrier: 'telnyx' });
});

test("an older projection of a number's cutover never overwrites a newer one (invariant 1)", async () => {
  const { _id, numbers } = await storePort();
  const [first, second] = numbers.map(({ numberKey }) => numberKey);
  if (!first || !second) throw new Error('no numbers');
  const uncertain: CutoverState = {
    ...newCutover('move'),
    messaging: 'uncertain',
    uncertainSince: '2027-01-01T00:00:00.000Z',
  };
  const proven: CutoverState = { ...uncertain, voice: 'active', databaseNamesGaining: true };
  const ended: CutoverState = { ...proven, outboundProven: true, messaging: 'gaining', outcome: 'ported' };
  await own.store.ports.projectCutover(_id, first, 3, proven);
  // A write that was cut off and is repeated late.
  await own.store.ports.projectCutover(_id, first, 1, uncertain);
  await own.store.ports.projectCutover(_id, second, 1, uncertain);
  expect((await own.store.ports.find(_id))?.numbers.map(({ cutover }) => cutover)).toEqual([proven, uncertain]);

  await own.store.ports.projectCutover(_id, first, 4, ended);
  await own.store.ports.projectCutover(_id, first, 3, proven);
  expect((await own.store.ports.find(_id))?.numbers.map(({ cutover }) => cutover)).toEqual([ended, uncertain]);
});

test('a supplement is stored only over the revision that it was made from', async () => {
  const { vault, ports } = own.store;
  const { _id } = await storePort();
  const made = await Promise.all(
    ['a', 'b', 'c'].map((pin) => ports.supplement(_id, 0, vault.seal(`{"pin":"${pin}"}`))),
  );
  expect(made.filter(Boolean)).toHaveLength(1);
  const port = await ports.find(_id);
  expect(port?.requestRevision).toBe(1);
  expect(port && vault.open(port.request)).toBe(`{"pin":"${['a', 'b', 'c'][made.indexOf(true)]}"}`);
});

test("a port is found by its order at its own gaining carrier, not by the same id at another's", async () => {
  const port = await storePort({ carrierOrderId: 'order-1' });
  await storePort({ carrierOrderId: 'order-1', gainingCarrier: 'beta' });
  const found = await own.store.ports.findByCarrierOrders('telnyx', ['order-1', 'order-2']);
  expect(found.map(({ _id }) => _id)).toEqual([port._id]);
});
