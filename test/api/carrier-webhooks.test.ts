import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numbers, type Serving, serve } from './serving.ts';

let api: Serving;
beforeAll(async () => {
  api = await serve();
});
afterAll(() => api.stop());

const news = (eventId: string) => ({
  type: 'order',
  eventId,
  at: '2027-01-01T00:00:00Z',
  raw: '{}',
  carrierOrderId: 'order-1',
  name: 'porting_order.status_changed',
});
const tell = (events: unknown[], headers: Record<string, string> = {}) =>
  api.post('/webhooks/carriers/beta', { secret: 'right', events }, { authorization: '', ...headers });

describe('a webhook of a carrier', () => {
  it('needs no API key; it is stored, and then answered (invariant 3)', async () => {
    const { receive } = api.intake;
    let storedBefore = -1;
    api.intake.receive = async (...told) => {
      const known = await receive(...told);
      storedBefore = (await api.contents()).carrierEvents ?? 0;
      return known;
    };
    const answer = await tell([news('e1'), news('e2')]);
    expect(answer).toMatchObject({ status: 200, body: { received: 2 } });
    expect(storedBefore).toBe(2);
    api.intake.receive = receive;
  });

  it('is stored once when it is sent again, and starts nothing (invariant 3)', async () => {
    await api.intake.idle();
    const signals = api.recorded.signals.length;
    const before = await api.contents();
    expect(await tell([news('e1')])).toMatchObject({ status: 200, body: { received: 1 } });
    await api.intake.idle();
    expect(await api.contents()).toEqual(before);
    expect(api.recorded.signals.length).toBe(signals);
    expect(api.recorded.started).toEqual([]);
  });

  it('is read as bytes, whatever type it claims to have', async () => {
    expect((await tell([news('e3')], { 'content-type': 'text/plain' })).status).toBe(200);
    const none = await api.call('POST', '/webhooks/carriers/beta', undefined, { authorization: '' });
    expect(none.body.code).toBe('webhook-malformed');
  });

  it('is a POST', async () => {
    const answer = await api.get('/webhooks/carriers/beta', { authorization: '' });
    expect(answer).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } });
    expect(answer.headers.get('allow')).toBe('POST');
  });

  it('of an unknown carrier is 404; one over the limit 413', async () => {
    expect((await api.post('/webhooks/carriers/gamma', {})).body).toMatchObject({
      code: 'unknown-carrier',
      status: 404,
    });
    const large = await api.post('/webhooks/carriers/beta', { padding: 'x'.repeat(70_000) });
    expect(large.body.code).toBe('body-too-large');
  });

  it('is answered with an error when it could not be stored, so that the carrier sends it again', async () => {
    const { store } = api.store.carrierEvents;
    api.store.carrierEvents.store = () => Promise.reject(new Error('The disk is full.'));
    expect((await tell([news('e4')])).status).toBe(503);
    api.store.carrierEvents.store = store;
    expect((await tell([news('e4')])).status).toBe(200);
  });

  it('that brings a text keeps it sealed (invariant 9)', async () => {
    const inbound = {
      type: 'inbound',
      eventId: 'e5',
      at: '2027-01-01T00:00:00Z',
      raw: `from ${numbers.foreign}`,
      from: numbers.foreign,
      to: numbers.own,
      text: 'Where is my parcel?',
    };
    expect((await tell([inbound])).status).toBe(200);
    await api.intake.idle();
    const listed = await api.get('/v1/messages?direction=inbound');
    expect(listed.body.data).toMatchObject([{ from: numbers.foreign, to: numbers.own, text: 'Where is my parcel?' }]);
  });
});
