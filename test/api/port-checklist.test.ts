import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portChecklist } from '../../api/schemas/port-checklist.ts';
import { port as portAnswer } from '../../api/schemas/ports.ts';
import { numbers, portBody, type Serving, serve } from './serving.ts';

let api: Serving;
let portId = '';
beforeAll(async () => {
  api = await serve();
  portId = (await api.post('/v1/ports', portBody)).body.id;
});
afterAll(() => api.stop());

const mark = (item: string, body: object) => api.call('PUT', `/v1/ports/${portId}/checklist/${item}`, body);
const checklist = async () => portAnswer.parse((await api.get(`/v1/ports/${portId}`)).body).checklist;
const steps = async () => (await api.store.timeline.list(portId)).filter(({ type }) => type === 'port.checklist');

describe('the checklist of a port', () => {
  it('shows what is to be done, and what needs nobody to say so', async () => {
    expect(await checklist()).toMatchObject({
      open: ['voice-route', 'emergency-address', 'sms-settings', 'campaign', 'standby-sender'],
    });
    expect((await checklist())?.items.find(({ item }) => item === 'opt-outs')).toMatchObject({
      state: 'done',
      by: 'portsms',
    });
    await api.register(numbers.second);
    const own = await api.store.numbers.find(api.store.vault.numberKey(numbers.own));
    await api.store.numbers.change(own?._id ?? '', own?.version ?? 0, {
      standbyKey: api.store.vault.numberKey(numbers.second),
    });
    expect((await checklist())?.open).not.toContain('standby-sender');
  });

  it('takes what people say, who and when, with its step; said twice it is one step', async () => {
    const answer = await mark('campaign', { state: 'done', reference: 'C4711' });
    expect(answer.status).toBe(200);
    expect(portChecklist.parse(answer.body).items.find(({ item }) => item === 'campaign')).toMatchObject({
      state: 'done',
      by: 'caller',
      at: expect.any(String),
      reference: 'C4711',
    });
    await mark('campaign', { state: 'done', reference: 'C4711' });
    await mark('voice-route', { state: 'not-applicable' });
    await mark('campaign', { state: 'open' });
    expect((await checklist())?.open).toContain('campaign');
    expect(await steps()).toMatchObject([
      { actor: 'caller', detail: 'campaign: done (C4711).' },
      { actor: 'caller', detail: 'voice-route: not-applicable.' },
      { actor: 'caller', detail: 'campaign: open.' },
    ]);
  });

  it('lets only one of two win who say something at the same time', async () => {
    const answers = await Promise.all([
      mark('sms-settings', { state: 'done' }),
      mark('sms-settings', { state: 'not-applicable' }),
    ]);
    const statuses = answers.map(({ status }) => status).toSorted();
    expect([
      [200, 200],
      [200, 409],
    ]).toContainEqual(statuses);
    const told = (await steps()).filter(({ detail }) => detail.startsWith('sms-settings'));
    expect(told).toHaveLength(statuses.filter((status) => status === 200).length);
  });

  it('warns from the margin on, and no more when all is done', async () => {
    expect(await checklist()).not.toHaveProperty('warning');
    const focAt = new Date(Date.now() + 600_000).toISOString();
    await api.store.ports.project(portId, 1, { status: 'foc-confirmed', focAt });
    expect((await checklist())?.warning).toContain('campaign');
    for (const item of (await checklist())?.open ?? []) await mark(item, { state: 'done' });
    expect(await checklist()).not.toHaveProperty('warning');
    expect((await checklist())?.open).toEqual([]);
  });

  it('refuses a state that there is none of, and a reference that could hold anything', async () => {
    expect((await mark('campaign', { state: 'almost' })).body.code).toBe('invalid-request');
    expect((await mark('campaign', { state: 'done', reference: 'call Ann at 5' })).body.code).toBe('invalid-request');
  });
});
