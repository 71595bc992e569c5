import { afterEach, expect, it } from 'vitest';
import { readRequirements } from '../../api/port-requirements.ts';
import { port, portPage } from '../../api/schemas/ports.ts';
import { samplePort } from '../store/samples.ts';
import { numbers, portBody, type Serving, serve } from './serving.ts';

let api: Serving;
afterEach(() => api.stop());

const requirementsOf = async (id: string) => {
  const { requirements = [] } = port.parse((await api.get(`/v1/ports/${id}`)).body);
  return new Map(requirements.map((each) => [each.name, each.state]));
};
const project = (id: string, counter: number, status: 'exception' | 'foc-confirmed', field?: string) =>
  api.store.ports.project(id, counter, {
    status,
    since: new Date().toISOString(),
    problems: field === undefined ? [] : [{ code: 'X', message: 'Mend it.', field }],
  });

it('a port shows what the losing carrier wants and where each of it stands', async () => {
  api = await serve();
  const { id } = (await api.post('/v1/ports', portBody)).body;
  const first = await requirementsOf(id);
  expect(Object.fromEntries(first)).toMatchObject({
    'subscriber.accountNumber': 'under-review',
    'subscriber.pin': 'under-review',
    'subscriber.billingNumber': 'missing',
    loa: 'missing',
    invoice: 'missing',
  });
  await project(id, 1, 'exception', 'subscriber.pin');
  expect(Object.fromEntries(await requirementsOf(id))).toMatchObject({
    'subscriber.accountNumber': 'under-review',
    'subscriber.pin': 'refused',
  });
  await project(id, 2, 'foc-confirmed');
  expect(Object.fromEntries(await requirementsOf(id))).toMatchObject({
    'subscriber.pin': 'accepted',
    'subscriber.billingNumber': 'missing',
  });
});

it('its documents count where they are kept', async () => {
  const documents = {
    ofPort: async () => [
      { kind: 'loa', state: 'handed-over' },
      { kind: 'invoice', state: 'refused' },
      { kind: 'other', state: 'accepted' },
    ],
  };
  api = await serve(({ store }) => ({ store: Object.assign(store, { documents }) }));
  const { id } = (await api.post('/v1/ports', portBody)).body;
  expect(Object.fromEntries(await requirementsOf(id))).toMatchObject({ loa: 'under-review', invoice: 'refused' });
});

it('what a draft holds counts as given', async () => {
  api = await serve();
  const { vault } = api.store;
  const draft = vault.seal(JSON.stringify({ subscriber: { name: 'Ada Example' } }));
  const stored = { ...samplePort(vault, [numbers.own]), status: 'draft' as const, draft };
  const states = new Map((await readRequirements(stored, { vault })).map((each) => [each.name, each.state]));
  expect(Object.fromEntries(states)).toMatchObject({ 'subscriber.name': 'under-review', 'subscriber.pin': 'missing' });
});

it('a list of ports does not open every request', async () => {
  api = await serve();
  await api.post('/v1/ports', portBody);
  const { data } = portPage.parse((await api.get('/v1/ports')).body);
  expect(data).toHaveLength(1);
  expect(data[0]).not.toHaveProperty('requirements');
});
