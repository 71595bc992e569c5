import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portOut, portOutChanged, portOutPage } from '../../api/schemas/port-outs.ts';
import { samplePortOut } from '../store/samples.ts';
import { numbers, type Serving, serve } from './serving.ts';

let api: Serving;
beforeAll(async () => {
  api = await serve();
});
afterAll(() => api.stop());

async function stored(rest: Parameters<typeof samplePortOut>[2] = {}) {
  const document = samplePortOut(api.store.vault, [numbers.own], { carrier: 'beta', ...rest });
  await api.store.portOuts.insert(document);
  return document;
}

describe('reading port-outs', () => {
  it('shows what was found, what it waits for, and what is left of the time to answer', async () => {
    const waiting = {
      what: 'a person',
      since: '2027-01-01T00:00:00.000Z',
      until: '2027-01-02T00:00:00.000Z',
      next: 'x',
    };
    const { _id: id, answerDueAt } = await stored({ waiting });
    const shown = portOut.parse((await api.get(`/v1/port-outs/${id}`)).body);
    expect(shown).toMatchObject({
      status: 'awaiting-decision',
      phoneNumbers: [numbers.own],
      carrier: 'beta',
      subscriberName: 'Ada Byron',
      answerDueAt,
      byDefault: { decision: 'reject', code: '1001' },
      findings: [{ code: 'unverified', weight: 'suspect', phoneNumber: numbers.own, meaning: expect.any(String) }],
      rejections: [{ code: '1001', reasonRequired: true }, { code: '1002' }],
      waiting,
      links: { workflow: expect.stringContaining(id) },
    });
    expect(shown.secondsToAnswer).toBeGreaterThan(23 * 3600);
    expect(shown.secondsToAnswer).toBeLessThanOrEqual(24 * 3600);
  });

  it('counts down to nothing, and no more when it is answered', async () => {
    const late = await stored({ answerDueAt: '2026-01-01T00:00:00.000Z' });
    expect((await api.get(`/v1/port-outs/${late._id}`)).body.secondsToAnswer).toBe(0);
    const answered = await stored({ status: 'authorized' });
    expect((await api.get(`/v1/port-outs/${answered._id}`)).body).not.toHaveProperty('secondsToAnswer');
  });

  it('lists them, newest first, by status and page by page', async () => {
    const cancelled = [await stored({ status: 'cancelled' }), await stored({ status: 'cancelled' })];
    const first = portOutPage.parse((await api.get('/v1/port-outs?status=cancelled&limit=1')).body);
    const rest = await api.get(`/v1/port-outs?status=cancelled&limit=1&cursor=${first.nextCursor}`);
    const listed = [...first.data, ...portOutPage.parse(rest.body).data].map(({ id }) => id);
    expect(listed.sort()).toEqual(cancelled.map(({ _id }) => _id).sort());
    expect((await api.get('/v1/port-outs?status=lost')).status).toBe(422);
  });

  it('shows its timeline as JSON and CSV', async () => {
    const { _id: id } = await stored();
    const step = {
      at: '2027-01-01T00:00:00.000Z',
      actor: 'carrier',
      type: 'port-out.received',
      detail: 'Asked.',
    } as const;
    await api.store.timeline.append(id, 'port-out', 0, [step]);
    expect((await api.get(`/v1/port-outs/${id}/timeline`)).body).toMatchObject({ data: [step], nextCursor: null });
    expect((await api.get(`/v1/port-outs/${id}/timeline?format=csv`)).body).toContain('port-out.received');
    expect((await api.get('/v1/port-outs/pout_0/timeline')).body.code).toBe('unknown-port-out');
  });
});

describe('deciding', () => {
  const last = () => api.recorded.updates.at(-1);

  it('authorizes, the same request the same way', async () => {
    const { _id: id } = await stored();
    const answer = await api.post(`/v1/port-outs/${id}/authorize`, {}, { 'idempotency-key': 'go' });
    expect(portOutChanged.parse(answer.body).id).toBe(id);
    const again = await api.post(`/v1/port-outs/${id}/authorize`, {}, { 'idempotency-key': 'go' });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(api.recorded.updates.filter(({ portId }) => portId === id)).toHaveLength(1);
    expect((await api.post(`/v1/port-outs/${id}/authorize`, { code: '1' })).status).toBe(422);
  });

  it('rejects with a code; the words stay in the store (invariant 9)', async () => {
    const { _id: id } = await stored();
    expect((await api.post(`/v1/port-outs/${id}/reject`, { code: '1001', reason: 'Ada has called us.' })).status).toBe(
      200,
    );
    expect(last()).toMatchObject({ name: 'reject', portId: id, details: '1001' });
    expect(JSON.stringify(api.recorded.updates)).not.toContain('Ada');
    const { note } = (await api.store.portOuts.find(id)) ?? {};
    expect(note && api.store.vault.open(note.words)).toBe('Ada has called us.');
    expect((await api.post(`/v1/port-outs/${id}/reject`, {})).body.errors).toMatchObject([{ path: 'code' }]);
  });

  it('what is answered already is left to the process, so that a repetition learns what became of it', async () => {
    const { _id: id } = await stored({ status: 'rejecting', rejections: [] });
    expect((await api.post(`/v1/port-outs/${id}/reject`, { code: '1002' })).status).toBe(200);
    expect(last()).toMatchObject({ portId: id });
    expect((await api.store.portOuts.find(id))?.note).toBeUndefined();
  });
});

describe('protecting a number', () => {
  const put = (body: object) => api.call('PUT', `/v1/numbers/${numbers.second}`, { carrier: 'beta', ...body });
  const account = { accountNumber: 'A-77123', pin: '271828', postalCode: '62701' };

  it('locks it and registers its account, of which only is shown that it is there', async () => {
    const { body, status } = await put({
      portOutLock: true,
      portOutAccount: account,
      simChangedAt: '2026-01-01T00:00:00Z',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      portOutLock: true,
      portOutAccount: { accountNumber: true, pin: true, postalCode: true, setAt: expect.any(String) },
      simChangedAt: '2026-01-01T00:00:00.000Z',
    });
    expect(JSON.stringify([body, api.lines])).not.toMatch(/77123|271828|62701/);
  });

  it('what is left out stays, null removes, a new account replaces all of the old one', async () => {
    expect((await put({})).body).toMatchObject({ portOutLock: true, portOutAccount: { pin: true } });
    expect((await put({ portOutLock: false, portOutAccount: { pin: '1' } })).body).toMatchObject({
      portOutLock: false,
      portOutAccount: { accountNumber: false, pin: true },
    });
    expect((await put({ portOutAccount: null })).body).not.toHaveProperty('portOutAccount');
    expect((await put({ portOutAccount: {} })).status).toBe(422);
    expect((await put({ simChangedAt: '2199-01-01T00:00:00Z' })).body.errors).toMatchObject([{ path: 'simChangedAt' }]);
  });
});

it('a webhook about a port-out starts its process, and again for the same (invariant 3)', async () => {
  const event = {
    type: 'port-out',
    eventId: 'e-po',
    at: '2027-01-01T00:00:00Z',
    raw: '{}',
    carrierPortOutId: 'po-1',
    name: 'n',
  };
  for (const eventId of ['e-1', 'e-2']) {
    await api.post('/webhooks/carriers/beta', { secret: 'right', events: [{ ...event, eventId }] });
  }
  await api.intake.idle();
  const told = api.recorded.signals.filter((each) => each.startsWith('port-out'));
  const portOutId = api.store.vault.deriveId('pout', 'beta', 'po-1');
  const expected = `port-out ${JSON.stringify({ portOutId, carrier: 'beta', carrierPortOutId: 'po-1' })}`;
  expect(told).toEqual([expected, expected]);
  expect(await api.store.carrierEvents.findMany(['beta/e-1'])).toMatchObject([{ state: 'done' }]);
});
