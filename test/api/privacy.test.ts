import { BSON } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Carrier } from '../../carriers/carrier.ts';
import { apiKey, numbers, portBody, type Serving, secret, serve, text } from './serving.ts';

const personal = [
  ...Object.values(numbers),
  ...Object.values(numbers).map((number) => number.slice(1)),
  text.text,
  'Ada Example',
  'A-77123',
  'Main St',
  'my parcel',
  'Bo Byron',
  'help@beta.example',
  secret,
  apiKey,
];
const findIn = (haystack: string) => personal.filter((value) => haystack.includes(value));

let api: Serving;
beforeAll(async () => {
  api = await serve();
  await api.register(numbers.own);
  await api.register(numbers.british);
  await api.call('PUT', `/v1/numbers/${numbers.own}`, { carrier: 'alpha', standbySender: numbers.british });
  await api.post('/v1/messages', { ...text, metadata: { for: 'Ada Example' } }, { 'idempotency-key': 'private' });
  await api.post('/v1/messages', { ...text, from: numbers.foreign });
  await api.post('/v1/messages', { ...text, to: 'Ada Example' });
  const ported = await api.post(
    '/v1/ports',
    { ...portBody, phoneNumbers: [numbers.second] },
    { 'idempotency-key': 'p' },
  );
  await api.store.ports.project(ported.body.id, 1, { status: 'exception' });
  await api.post(`/v1/ports/${ported.body.id}/supplement`, { subscriber: { name: 'Ada Example' } });
  const papers = `/v1/ports/${ported.body.id}`;
  await api.upload(`${papers}/documents?kind=invoice`, Buffer.from('%PDF-1.7 of Ada Example, A-77123'));
  await api.upload(`${papers}/documents?kind=identity&name=Ada`, Buffer.from('Ada Example'));
  await api.upload(`${papers}/documents?kind=identity`, Buffer.from('Ada Example'));
  await api.post(`${papers}/documents/loa`, { signature: { name: 'Ada Example', method: 'typed' } });
  const beta = api.carriers.get('beta') as Carrier;
  const support = { email: 'help@beta.example', escalation: [] };
  api.carriers.set('beta', { ...beta, settings: { ...beta.settings, support } });
  await api.post(`${papers}/comments`, { text: 'Ask Bo Byron about Ada Example.' });
  await api.post(`${papers}/comments`, { text: 'Bo Byron says no.', from: 'carrier' });
  await api.post('/v1/consents', {
    phoneNumber: numbers.foreign,
    basis: 'express',
    evidence: { act: 'voice', name: 'Ada Example' },
  });
  await api.get(`/v1/messages?to=${encodeURIComponent(numbers.foreign)}`);
  await api.get(`/v1/numbers/${numbers.second}?x=${numbers.second}`);
  await api.get(`/v1/nowhere/${numbers.second}`);
  await api.get(`/v1/consents?phoneNumber=${encodeURIComponent(numbers.foreign)}`);
  await api.post('/v1/portability-checks', { phoneNumbers: [numbers.own] });
  const inbound = {
    type: 'inbound',
    eventId: 'e1',
    at: '2027-01-01T00:00:00Z',
    from: numbers.foreign,
    to: numbers.own,
  };
  const events = [{ ...inbound, text: 'Where is my parcel?', raw: 'Where is my parcel?' }];
  await api.post('/webhooks/carriers/beta', { secret: 'right', events });
  await api.intake.idle();
  // An error that repeats what it was about, as the database driver's do.
  api.store.messages.find = () => Promise.reject(new Error(`E11000 duplicate key: { to: "${numbers.foreign}" }`));
  await api.get('/v1/messages/msg_0');
});
afterAll(() => api.stop());

describe('no personal data outside the store, nor in plain within it (invariant 9)', () => {
  it('not in the logs, which know requests by their route and id', () => {
    const logged = api.lines.join('');
    expect(findIn(logged)).toEqual([]);
    expect(logged).not.toContain('Bearer');
    const lines = api.lines.map((line) => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({
        route: '/v1/numbers/:e164',
        method: 'PUT',
        status: 201,
        requestId: expect.any(String),
      }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ route: 'none', status: 404 }));
    const failure = lines.find(({ code }) => code === 'internal-error');
    expect(failure.err).toMatchObject({ type: 'Error', message: expect.stringContaining('…') });
    expect(failure.err.stack).toContain('privacy.test.ts');
  });

  it('not in the metrics', async () => {
    const { body, status } = await api.get('/metrics');
    expect(status).toBe(200);
    expect(findIn(body)).toEqual([]);
    expect(body).toMatch(
      /portsms_http_request_duration_seconds_count\{method="POST",route="\/v1\/messages",status="202"\} 1/,
    );
  });

  it('not in what the workflow engine is given', async () => {
    await expect.poll(() => api.recorded.started.length).toBe(1);
    const { started, ports, updates, signals } = api.recorded;
    expect(ports).toHaveLength(1);
    expect(updates).toHaveLength(1);
    expect(signals).toEqual([expect.stringMatching(/^correspondence port_/)]);
    expect(findIn(JSON.stringify({ started, ports, updates, signals }))).toEqual([]);
  });

  it('not in the database, in any collection', async () => {
    const collections = await api.database.collections();
    expect(collections.length).toBeGreaterThan(5);
    for (const collection of collections) {
      const documents = await collection.find().toArray();
      expect(findIn(BSON.EJSON.stringify(documents)), collection.collectionName).toEqual([]);
    }
  });
});
