import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  messagingOrder,
  messagingOrderAccepted,
  messagingOrderChanged,
  messagingOrderPage,
} from '../../api/schemas/messaging-orders.ts';
import { startForgottenRemovals } from '../../api/text-removal-acceptance.ts';
import { newCutover } from '../../domain/lifecycle/cutover.ts';
import { enablement, numbers, portBody, type RecordedHosting, removal, type Serving, serve } from './serving.ts';

let api: Serving;
beforeEach(async () => {
  api = await serve();
});
afterEach(() => api.stop());

const keyOf = (phoneNumber: string) => api.store.vault.numberKey(phoneNumber);
const order = (body: object, headers?: Record<string, string>) => api.post('/v1/messaging-orders', body, headers);
const hosting = () => api.carriers.get('delta')?.hosting as unknown as RecordedHosting;
const read = async (id: string) => messagingOrder.parse((await api.get(`/v1/messaging-orders/${id}`)).body);

describe('enabling texts', () => {
  it('is a port of texts: its process is that of a port, and it knows ids only (invariants 3, 9)', async () => {
    const answer = await order(enablement);
    expect(answer.status).toBe(202);
    const { id, action, links } = messagingOrderAccepted.parse(answer.body);
    expect([action, links.self]).toEqual(['enable', `/v1/messaging-orders/${id}`]);
    expect(api.recorded.ports).toMatchObject([
      {
        portId: id,
        gainingCarrier: 'delta',
        losingCarrier: 'alpha',
        messagingPlan: 'messaging-only',
        activation: 'automatic',
        numberKeys: [keyOf(numbers.own)],
      },
    ]);
    expect(await read(id)).toMatchObject({ carrier: 'delta', losingCarrier: 'alpha', numbers: [{ texts: 'losing' }] });
    expect((await api.get(`/v1/ports/${id}`)).body.numbers).toMatchObject([{ voice: 'unaffected' }]);
  });

  it('is what POST /v1/ports does with that plan, too', async () => {
    const plan = { ...portBody, gainingCarrier: 'delta', messagingPlan: 'messaging-only' };
    const { status, body } = await api.post('/v1/ports', plan);
    expect(status).toBe(202);
    expect(await read(body.id)).toMatchObject({ action: 'enable', carrier: 'delta' });
  });

  it.each([
    ['requestedFocAt', { requestedFocAt: '2099-01-01T00:00:00Z' }],
    ['activation', { activation: 'on-demand' }],
  ])('has no %s', async (path, change) => {
    const plan = { ...portBody, gainingCarrier: 'delta', messagingPlan: 'messaging-only', ...change };
    const { status, body } = await api.post('/v1/ports', plan);
    expect([status, body.code, body.errors[0].path]).toEqual([422, 'invalid-request', path]);
    expect(api.recorded.ports).toEqual([]);
  });

  it('shows where each number stands', async () => {
    const { id } = (await order({ ...enablement, phoneNumbers: [numbers.own, numbers.second] })).body;
    const cutover = { ...newCutover('messaging-only'), messaging: 'uncertain', outboundProven: true } as const;
    await api.store.ports.projectCutover(id, keyOf(numbers.second), 1, cutover);
    await api.store.ports.project(id, 1, { status: 'activating', carrierOrderId: 'h-1', carrierState: 'provisioning' });
    expect(await read(id)).toMatchObject({
      status: 'activating',
      carrierState: 'provisioning',
      numbers: [
        { phoneNumber: numbers.own, texts: 'losing', outboundProven: false },
        { phoneNumber: numbers.second, texts: 'uncertain', outboundProven: true },
      ],
    });
  });

  it('is cancelled by its process', async () => {
    const { id } = (await order(enablement)).body;
    const answer = await api.post(`/v1/messaging-orders/${id}/cancel`, { reason: 'other' });
    expect(messagingOrderChanged.parse(answer.body).id).toBe(id);
    expect(api.recorded.updates).toMatchObject([{ name: 'cancel', portId: id, details: 'other' }]);
  });
});

describe('codes that show whose the numbers are', () => {
  async function atCarrier() {
    const { id } = (await order({ ...enablement, phoneNumbers: [numbers.own, numbers.second] })).body;
    await api.store.ports.project(id, 1, { status: 'submitted', carrierOrderId: 'h-1' });
    return `/v1/messaging-orders/${id}`;
  }

  it('go to all numbers of the order or to some, and come back; neither stands in the timeline (invariant 9)', async () => {
    const path = await atCarrier();
    expect((await api.post(`${path}/verification-codes`, { by: 'call' })).body.data).toHaveLength(2);
    const some = { by: 'sms', phoneNumbers: [numbers.second] };
    expect((await api.post(`${path}/verification-codes`, some)).body.data).toEqual([
      { phoneNumber: numbers.second, sent: true },
    ]);
    const codes = [
      { phoneNumber: numbers.own, code: '12345' },
      { phoneNumber: numbers.second, code: '99999' },
    ];
    expect(
      (await api.post(`${path}/verifications`, { codes })).body.data.map(
        (each: { verified: boolean }) => each.verified,
      ),
    ).toEqual([true, false]);
    expect(hosting().asked).toEqual([
      ['send', 'h-1', [numbers.own, numbers.second], 'call'],
      ['send', 'h-1', [numbers.second], 'sms'],
      ['check', 'h-1', 2],
    ]);
    const steps = (await api.get(`${path}/timeline`)).body.data;
    expect(steps.map((each: { type: string }) => each.type)).toEqual([
      'texts.codes-sent',
      'texts.codes-sent',
      'texts.codes-checked',
    ]);
    expect(JSON.stringify(await api.store.timeline.list(path.split('/').at(-1) ?? ''))).not.toMatch(
      /12345|99999|2025550/,
    );
  });

  it('are for the numbers of the order alone', async () => {
    const path = await atCarrier();
    const wrong = [
      await api.post(`${path}/verification-codes`, { by: 'sms', phoneNumbers: [numbers.foreign] }),
      await api.post(`${path}/verifications`, { codes: [{ phoneNumber: numbers.foreign, code: '1' }] }),
    ];
    expect(wrong.map(({ body }) => [body.code, body.errors[0].path])).toEqual([
      ['invalid-request', 'phoneNumbers.0'],
      ['invalid-request', 'codes.0'],
    ]);
    expect(hosting().asked).toEqual([]);
  });
});

describe('removing texts', () => {
  it('starts its own process, with the consent on record before (invariants 3, 9)', async () => {
    const answer = await order({ ...removal, nextCarrier: 'alpha', metadata: { ticket: 7 } });
    expect(answer.status).toBe(202);
    const { id, action } = messagingOrderAccepted.parse(answer.body);
    expect(action).toBe('remove');
    expect(api.recorded.removals).toEqual([
      {
        removalId: id,
        carrier: 'delta',
        nextCarrier: 'alpha',
        numberKeys: [keyOf(numbers.own)],
        proofDeadlineMs: 72 * 3600_000,
      },
    ]);
    const consents = (await api.get(`/v1/consents?phoneNumber=${encodeURIComponent(numbers.own)}`)).body.data;
    expect(consents).toMatchObject([{ type: 'granted', basis: 'porting', portId: id }]);
    expect(await read(id)).toMatchObject({ carrier: 'delta', nextCarrier: 'alpha', metadata: { ticket: 7 } });
    expect(await api.store.numbers.find(keyOf(numbers.own))).toMatchObject({
      own: true,
      routing: { carrier: 'delta' },
    });
  });

  it('must be told where the texts go then, or that nobody carries them: it is not guessed', async () => {
    const { nextCarrier: _, ...silent } = removal;
    expect((await order(silent)).body.code).toBe('invalid-request');
    expect((await order({ ...removal, nextCarrier: 'gamma' })).body.code).toBe('unknown-carrier');
    expect((await order({ ...removal, nextCarrier: 'delta' })).body.code).toBe('gaining-is-losing');
    expect((await order({ ...removal, carrier: 'alpha' })).body.code).toBe('carrier-hosts-no-texts');
    expect(api.recorded.removals).toEqual([]);
  });

  it('says who carries the texts at each stage', async () => {
    const { id } = (await order({ ...removal, phoneNumbers: [numbers.own, numbers.second] })).body;
    const texts = async () => (await read(id)).numbers.map((each) => each.texts);
    const becomes = (counter: number, status: 'submitted' | 'failed') =>
      api.store.textRemovals.project(id, counter, { status, since: '2027-01-01T00:00:00Z', problems: [] });
    expect(await texts()).toEqual(['losing', 'losing']);
    await becomes(1, 'submitted');
    expect(await texts()).toEqual(['uncertain', 'uncertain']);
    await api.store.textRemovals.noteEnded(id, [keyOf(numbers.own)]);
    await becomes(2, 'failed');
    expect(await texts()).toEqual(['none', 'losing']);
  });

  it('shows the cutover to the next carrier', async () => {
    const { id } = (await order({ ...removal, nextCarrier: 'alpha' })).body;
    const cutover = { ...newCutover('messaging-only'), messaging: 'gaining', outcome: 'ported' } as const;
    await api.store.ports.projectCutover(id, keyOf(numbers.own), 5, cutover);
    await api.store.ports.projectCutover(id, keyOf(numbers.own), 4, newCutover('messaging-only'));
    expect((await read(id)).numbers).toMatchObject([{ texts: 'gaining' }]);
  });

  it('is one removal for the same Idempotency-Key (invariant 4), and is started again when it was cut off', async () => {
    const headers = { 'idempotency-key': 'once' };
    const answers = await Promise.all([order(removal, headers), order(removal, headers)]);
    const ids = answers.filter(({ status }) => status === 202).map(({ body }) => body.id);
    expect(new Set(ids).size).toBe(1);
    const started = api.recorded.removals.length;
    const dependencies = { store: api.store, textRemovalProcess: api.recorded.textRemovalProcess, proofDeadlineMs: 1 };
    await startForgottenRemovals(dependencies, new Date(Date.now() + 60_000));
    expect(api.recorded.removals).toHaveLength(started + 1);
  });

  it('is cancelled by its own process', async () => {
    const { id } = (await order(removal)).body;
    const { body } = await api.post(`/v1/messaging-orders/${id}/cancel`, {});
    expect(messagingOrderChanged.parse(body).status).toBe('cancelled');
    expect(api.recorded.updates).toMatchObject([{ name: 'cancel-removal', portId: id }]);
  });
});

describe('the list', () => {
  it('has both kinds, newest first, over pages; ordinary ports are not in it', async () => {
    const made: string[] = [];
    await api.post('/v1/ports', { ...portBody, phoneNumbers: ['+12025550150'] });
    for (let index = 0; index < 5; index++) {
      const body = { ...(index % 2 ? removal : enablement), phoneNumbers: [`+1202555016${index}`] };
      made.unshift((await order(body)).body.id);
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body }: { body: unknown } = await api.get(`/v1/messaging-orders?limit=2${cursor && `&cursor=${cursor}`}`);
      const page = messagingOrderPage.parse(body);
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(made);
  });
});
