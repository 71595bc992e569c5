import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { comment, commentList } from '../../api/schemas/comments.ts';
import type { Carrier, CarrierSettings } from '../../carriers/carrier.ts';
import { numbers, portBody, type Serving, serve } from './serving.ts';

let api: Serving;
let port = '';
beforeEach(async () => {
  api = await serve();
  port = (await api.post('/v1/ports', portBody)).body.id;
});
afterEach(() => api.stop());

const write = (body: object, headers?: Record<string, string>) =>
  api.post(`/v1/ports/${port}/comments`, { text: 'Please ask Ada Example.', ...body }, headers);
const list = async () => commentList.parse((await api.get(`/v1/ports/${port}/comments`)).body).data;
const steps = async () => (await api.get(`/v1/ports/${port}/timeline`)).body.data;
const submitted = () => api.store.ports.project(port, 1, { status: 'submitted', carrierOrderId: 'order-1' });

/** Gives a carrier comments on orders, or contacts. */
function change(id: string, parts: { comments?: true; support?: CarrierSettings['support'] }): void {
  const carrier = api.carriers.get(id) as Carrier;
  api.carriers.set(id, {
    ...carrier,
    settings: { ...carrier.settings, ...(parts.support && { support: parts.support }) },
    ...(parts.comments && { porting: { ...carrier.porting, comments: {} } as never }),
  });
}

describe('writing to a carrier', () => {
  it('is on record before it is answered, and its sending has begun (invariant 3)', async () => {
    change('beta', { comments: true });
    await submitted();
    const answer = await write({});
    expect(answer.status).toBe(202);
    expect(comment.parse(answer.body)).toMatchObject({
      carrier: 'beta',
      direction: 'to-carrier',
      author: 'caller',
      channel: 'api',
      state: 'waiting',
      text: 'Please ask Ada Example.',
    });
    expect(api.recorded.signals).toEqual([`correspondence ${port}`]);
    expect(await list()).toEqual([answer.body]);
    expect(await steps()).toEqual([
      expect.objectContaining({
        actor: 'caller',
        type: 'comment.written',
        detail: 'To beta, as a comment on its order.',
      }),
    ]);
  });

  it('goes by mail where there are no comments, and by hand where there is no mail', async () => {
    change('beta', { support: { email: 'help@beta.example', escalation: [] } });
    expect((await write({})).body).toMatchObject({ channel: 'mail', state: 'waiting' });
    change('beta', { support: { ticketUrl: 'https://beta.example/tickets', escalation: [] } });
    const byHand = await write({});
    expect(byHand.body).toMatchObject({
      channel: 'by-hand',
      state: 'by-hand',
      contact: { ticketUrl: 'https://beta.example/tickets' },
    });
    expect(api.recorded.signals, 'only the mail is sent by us').toHaveLength(1);
    expect(await list()).toHaveLength(2);
  });

  it('goes to the losing carrier when it is one of ours', async () => {
    change('alpha', { support: { email: 'help@alpha.example', escalation: [] } });
    expect((await write({ carrier: 'losing' })).body).toMatchObject({ carrier: 'alpha', channel: 'mail' });
    const { losingCarrier, ...unnamed } = portBody;
    const other = (await api.post('/v1/ports', { ...unnamed, phoneNumbers: [numbers.second] })).body.id;
    const answer = await api.post(`/v1/ports/${other}/comments`, { text: 'Hello', carrier: 'losing' });
    expect(answer.body.code).toBe('unknown-carrier');
    expect(losingCarrier).toBe('alpha');
  });

  it('says it once under the same Idempotency-Key, also when the engine was away (invariant 4)', async () => {
    change('beta', { support: { email: 'help@beta.example', escalation: [] } });
    api.recorded.failure = new Error('away');
    const headers = { 'idempotency-key': 'say-once' };
    expect((await write({}, headers)).body.code).toBe('engine-unavailable');
    api.recorded.failure = undefined;
    const answer = await write({}, headers);
    expect(answer.status).toBe(202);
    expect((await write({}, headers)).body).toEqual(answer.body);
    expect(await list()).toHaveLength(1);
    expect(await steps()).toHaveLength(1);
  });

  it('puts an answer on record that came in another way', async () => {
    const at = '2026-10-01T10:00:00.000Z';
    const answer = await write({ from: 'carrier', text: 'On Monday, says Bo.', at });
    expect(answer.body).toMatchObject({ direction: 'from-carrier', author: 'carrier', state: 'received', at });
    expect(api.recorded.signals).toEqual([]);
    expect(await steps()).toMatchObject([{ actor: 'caller', type: 'comment.entered' }]);
    expect(JSON.stringify(await steps())).not.toContain('Bo');
  });

  it.each([
    ['nothing', { text: ' ' }, 'text'],
    ['a time for what is sent now', { at: '2026-10-01T10:00:00Z' }, 'at'],
    ['an answer of tomorrow', { from: 'carrier', at: '2199-01-01T00:00:00Z' }, 'at'],
    ['another carrier', { carrier: 'gamma' }, 'carrier'],
  ])('refuses %s', async (_what, body, path) => {
    change('beta', { support: { email: 'help@beta.example', escalation: [] } });
    expect((await write(body)).body).toMatchObject({ code: 'invalid-request', errors: [{ path }] });
    expect(await list()).toEqual([]);
    expect(await steps()).toEqual([]);
  });
});

describe('reading', () => {
  it('shows both directions, oldest first, with what failed and whom to call', async () => {
    change('beta', { support: { escalation: [{ afterHours: 4, phone: '+15125550100', name: 'Bo' }] } });
    const seal = api.store.vault.seal;
    const base = { portId: port, carrier: 'beta', attempts: 1, stateSince: new Date() };
    await api.store.comments.insert({
      ...base,
      _id: 'cmt_2',
      direction: 'to-carrier',
      author: 'portsms',
      channel: 'by-hand',
      state: 'by-hand',
      text: seal('Please look.'),
      at: new Date('2026-11-26T11:00:00Z'),
      escalation: { reason: 'foc-missed', level: 1 },
    });
    await api.store.comments.insert({
      ...base,
      _id: 'cmt_1',
      direction: 'to-carrier',
      author: 'caller',
      channel: 'mail',
      state: 'waiting',
      failure: 'smtp-452',
      text: seal('Hello'),
      at: new Date('2026-11-26T10:00:00Z'),
      dueAt: new Date('2026-11-26T10:05:00Z'),
    });
    expect(await list()).toMatchObject([
      { id: 'cmt_1', text: 'Hello', failure: 'smtp-452', nextAttemptAt: '2026-11-26T10:05:00.000Z' },
      { id: 'cmt_2', escalation: { reason: 'foc-missed', level: 1 }, contact: { phone: '+15125550100', name: 'Bo' } },
    ]);
    expect((await api.get('/v1/ports/port_0/comments')).body.code).toBe('unknown-port');
  });
});
