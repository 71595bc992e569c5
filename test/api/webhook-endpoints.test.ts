import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archivedRunList } from '../../api/schemas/archived-runs.ts';
import {
  deliveryPage,
  webhookEndpoint,
  webhookEndpointList,
  webhookEndpointWithSecret,
} from '../../api/schemas/webhook-endpoints.ts';
import { webhookAddressRules } from '../../domain/webhook-address.ts';
import { createPoster, type Poster } from '../../worker/publisher/post.ts';
import { createPublisher } from '../../worker/publisher/publisher.ts';
import { timelineEvents } from '../../worker/publisher/timeline-events.ts';
import { receiver } from '../worker/publisher/receiver.ts';
import { numbers, portBody, type Serving, serve } from './serving.ts';

let api: Serving;
beforeAll(async () => {
  api = await serve();
});
afterAll(() => api.stop());

const url = 'https://app.example.com/events?token=t0ken';
const make = async (body: object = {}, headers: Record<string, string> = {}) =>
  api.post('/v1/webhook-endpoints', { url, ...body }, headers);
const at = (second: number) => new Date(Date.UTC(2027, 0, 1, 0, 0, second)).toISOString();

describe('a webhook endpoint', () => {
  it('is made with a secret that is shown once', async () => {
    const made = await make(
      { events: ['order.', 'number.ported'], description: 'The CRM' },
      { 'idempotency-key': 'e-1' },
    );
    expect(made.status).toBe(201);
    const { secret, id } = webhookEndpointWithSecret.parse(made.body);
    expect(Buffer.from(secret.replace('whsec_', ''), 'base64')).toHaveLength(32);
    const read = await api.get(`/v1/webhook-endpoints/${id}`);
    expect(webhookEndpoint.parse(read.body)).toMatchObject({
      id,
      url,
      events: ['order.', 'number.ported'],
      description: 'The CRM',
      status: 'active',
      secretsInUse: 1,
    });
    expect(JSON.stringify(read.body)).not.toContain(secret);
    const { data } = webhookEndpointList.parse((await api.get('/v1/webhook-endpoints')).body);
    expect(data.map((each) => each.id)).toEqual([id]);
    // A repetition gives the first answer again.
    expect(
      (await make({ events: ['order.', 'number.ported'], description: 'The CRM' }, { 'idempotency-key': 'e-1' })).body,
    ).toEqual(made.body);
    // Neither the secret nor the receiver's token stand in the store in plain (invariant 9).
    const stored = JSON.stringify(await api.database.collection('webhookEndpoints').find().toArray());
    expect(stored).not.toMatch(/whsec_|t0ken/);
  });

  it('is changed by what is given, stopped and set going again', async () => {
    const { id } = (await make({ description: 'The CRM' })).body;
    const patch = (body: object) => api.call('PATCH', `/v1/webhook-endpoints/${id}`, body);
    expect((await patch({ events: ['port.'], description: null })).body).toMatchObject({ events: ['port.'], url });
    const stopped = webhookEndpoint.parse((await patch({ disabled: true, events: null })).body);
    expect(stopped).toMatchObject({ status: 'disabled', disabledBy: 'caller' });
    expect(stopped.events).toBeUndefined();
    expect(stopped.description).toBeUndefined();
    expect((await patch({ disabled: false })).body.status).toBe('active');
    expect((await patch({})).body).toMatchObject({ code: 'invalid-request' });
    expect((await patch({ url: 'http://example.com' })).body).toMatchObject({ code: 'webhook-url-refused' });
    expect((await patch({ events: ['ORDER'] })).body).toMatchObject({ code: 'invalid-request' });
    expect(await patch({ events: ['order.', 'zzz'] })).toMatchObject({
      status: 422,
      body: {
        code: 'invalid-request',
        errors: [{ path: 'events.1', message: expect.stringContaining('port., order., number.') }],
      },
    });
    expect((await api.call('DELETE', `/v1/webhook-endpoints/${id}`)).body).toEqual({ id, removed: true });
    expect((await api.get(`/v1/webhook-endpoints/${id}`)).status).toBe(404);
  });

  it('gets another secret; the old one stays in use for the overlap', async () => {
    const { id, secret } = (await make()).body;
    const rotate = (body: object) => api.post(`/v1/webhook-endpoints/${id}/rotate-secret`, body);
    const rotated = webhookEndpointWithSecret.parse((await rotate({})).body);
    expect(rotated.secret).not.toBe(secret);
    expect(rotated.secretsInUse).toBe(2);
    expect((await rotate({ overlapHours: 0 })).body.secretsInUse).toBe(1);
    const stored = await api.store.webhookEndpoints.find(id);
    expect(stored?.secrets.filter(({ until }) => until === undefined)).toHaveLength(1);
  });
});

describe('what became of events', () => {
  it('is shown without what was in them, and sent again from a time or an event on', async () => {
    await api.register(numbers.own);
    const { id: port } = (await api.post('/v1/ports', { ...portBody })).body;
    const { id } = (await make()).body;
    const steps = [1, 2, 3].map((second) => ({
      at: at(second),
      actor: 'portsms' as const,
      type: 'order.news',
      detail: 'd',
    }));
    await api.store.timeline.append(port, 'order', 0, steps);
    const { webhookDeliveries, vault } = api.store;
    await webhookDeliveries.begin(id, new Map([[port, 0]]));
    for (const seq of [1, 2, 3]) {
      const attemptedAt = new Date(Date.now() + seq);
      await webhookDeliveries.record({ _id: `${id}/${port}`, published: seq - 1 }, { published: seq }, attemptedAt, {
        _id: vault.deriveId('dlv', id, String(seq)),
        endpoint: id,
        eventId: `evt_${port}_${seq}`,
        type: 'order.news',
        subject: port,
        status: seq === 2 ? 'undelivered' : 'delivered',
        attempts: seq,
        firstAttemptAt: attemptedAt,
        at: attemptedAt,
        answer: seq === 2 ? 500 : 204,
        ...(seq === 2 && { error: 'The receiver answered 500.' }),
        forgetAt: new Date(Date.now() + 60_000),
      });
    }
    const deliveries = `/v1/webhook-endpoints/${id}/deliveries`;
    const first = deliveryPage.parse((await api.get(`${deliveries}?limit=2`)).body);
    const second = deliveryPage.parse((await api.get(`${deliveries}?limit=2&cursor=${first.nextCursor}`)).body);
    expect([...first.data, ...second.data].map(({ eventId }) => eventId)).toEqual(
      [3, 2, 1].map((seq) => `evt_${port}_${seq}`),
    );
    const undelivered = (await api.get(`${deliveries}?status=undelivered`)).body.data;
    expect(undelivered).toMatchObject([{ attempts: 2, lastAnswer: 500, lastError: 'The receiver answered 500.' }]);

    const replay = (from: string) => api.post(`/v1/webhook-endpoints/${id}/replay`, { from });
    const published = async () => (await webhookDeliveries.find(id, port))?.published;
    expect(await replay(`evt_${port}_2`)).toMatchObject({ status: 202, body: { id, subjects: 1 } });
    expect(await published()).toBe(1);
    expect((await replay('2026-01-01T00:00:00+01:00')).status).toBe(202);
    expect(await published()).toBe(0);
    const { body: withoutFrom } = await api.post(`/v1/webhook-endpoints/${id}/replay`, {});
    expect(withoutFrom.errors).toEqual([{ path: 'from', message: 'Is missing.' }]);
    expect((await replay('yesterday')).body).toMatchObject({
      code: 'invalid-request',
      errors: [{ path: 'from', message: expect.stringMatching(/^Not a date and time .* Nor the id of an event\.$/) }],
    });
    expect(await webhookDeliveries.findDue(id, new Date(), 5)).toHaveLength(1);
  });
});

it('an event of an endpoint that fails as a whole is tried when the endpoint is', async () => {
  const { id } = (await make()).body;
  const { webhookDeliveries, webhookEndpoints } = api.store;
  const [begunAt, eventTryAt, endpointTryAt] = [1, 2, 3].map((second) => new Date(at(second))) as [Date, Date, Date];
  await webhookDeliveries.begin(id, new Map([['port_failing', 0]]));
  await webhookDeliveries.record({ _id: `${id}/port_failing`, published: 0 }, { published: 0 }, eventTryAt, {
    _id: 'dlv_failing',
    endpoint: id,
    eventId: 'evt_port_failing_1',
    type: 'order.news',
    subject: 'port_failing',
    status: 'pending',
    attempts: 1,
    firstAttemptAt: begunAt,
    at: begunAt,
    nextTryAt: eventTryAt,
    forgetAt: new Date(Date.now() + 60_000),
  });
  const shown = async () => (await api.get(`/v1/webhook-endpoints/${id}/deliveries`)).body.data[0].nextTryAt;
  expect(await shown()).toBe(at(2));
  const failing = { since: begunAt, failures: 1, nextTryAt: endpointTryAt, error: 'No connection.' };
  await webhookEndpoints.change(id, { failing });
  expect(await shown()).toBe(at(3));
});

it('the archived runs of a port are listed', async () => {
  await api.register(numbers.second);
  const { id } = (await api.post('/v1/ports', { ...portBody, phoneNumbers: [numbers.second] })).body;
  expect((await api.get(`/v1/ports/${id}/runs`)).body).toEqual({ data: [] });
  const times = { startedAt: new Date(at(1)), closedAt: new Date(at(2)) };
  const run = { workflowId: id, runId: 'r1', type: 'portWorkflow', subject: id, status: 'COMPLETED', ...times };
  await api.store.archivedRuns.save(run, Buffer.from('history'), 11);
  const { data } = archivedRunList.parse((await api.get(`/v1/ports/${id}/runs`)).body);
  expect(data).toMatchObject([{ workflowId: id, runId: 'r1', status: 'COMPLETED', closedAt: at(2), events: 11 }]);
  expect((await api.get('/v1/ports/port_0/runs')).body.code).toBe('unknown-port');
});

/** A round of a worker whose clock is ahead by so many milliseconds. */
async function publish(poster: Poster, ahead = 0): Promise<void> {
  const publisher = createPublisher({
    store: api.store,
    source: timelineEvents(api.store, 'https://sms.example.com'),
    poster,
    owner: `wrk_${ahead}`,
    now: () => new Date(Date.now() + ahead),
    random: () => 0.5,
    logger: pino({ enabled: false }),
  });
  await publisher.round(new AbortController().signal);
  await publisher.idle();
}

it('an endpoint that did not answer is tried at once after a PATCH', async () => {
  const to = await receiver(() => 503);
  const poster = createPoster(webhookAddressRules(['127.0.0.0/8']));
  const { id } = (await make({ url: to.url, events: ['order.exception'] })).body;
  await api.store.timeline.append('port_patched', 'order', 0, [
    { at: new Date().toISOString(), actor: 'portsms', type: 'order.exception', detail: 'd' },
  ]);
  await publish(poster);
  await publish(poster);
  expect((await api.get(`/v1/webhook-endpoints/${id}`)).body.status).toBe('failing');
  expect(to.received).toHaveLength(1);
  to.state.answer = () => 204;
  await api.call('PATCH', `/v1/webhook-endpoints/${id}`, { disabled: false });
  await publish(poster);
  expect(to.received).toHaveLength(2);
  await api.call('DELETE', `/v1/webhook-endpoints/${id}`);
  await to.close();
  await poster.close();
});

it('after a rotation, events are signed by both secrets, and then by the new one alone', async () => {
  const to = await receiver();
  const poster = createPoster(webhookAddressRules(['127.0.0.0/8']));
  const { id, secret } = (await make({ url: to.url, events: ['order.completed'] })).body;
  const { secret: newSecret } = (await api.post(`/v1/webhook-endpoints/${id}/rotate-secret`, {})).body;
  const day = 24 * 3600_000;
  const append = (position: number) =>
    api.store.timeline.append('port_rotation', 'order', position, [
      { at: new Date().toISOString(), actor: 'portsms', type: 'order.completed', detail: 'd' },
    ]);
  await append(0);
  await publish(poster);
  const [during] = to.received;
  if (!during) throw new Error('No event came.');
  expect(during.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
  for (const each of [secret, newSecret]) {
    expect(new Webhook(each).verify(during.body, during.headers)).toMatchObject({ type: 'order.completed' });
  }
  await append(1);
  await publish(poster, day + 1000);
  const [, after] = to.received;
  if (!after) throw new Error('No second event came.');
  expect(() => to.verify(newSecret, after)).not.toThrow();
  expect(() => to.verify(secret, after)).toThrow();
  expect(after.headers['webhook-signature']).not.toContain(' ');
  await api.call('DELETE', `/v1/webhook-endpoints/${id}`);
  await to.close();
  await poster.close();
});
