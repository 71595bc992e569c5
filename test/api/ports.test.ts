import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startForgottenPorts } from '../../api/port-acceptance.ts';
import { Problem } from '../../api/problem.ts';
import { carrierEvent } from '../../api/schemas/carrier-events.ts';
import { port, portAccepted, portChanged, portPage } from '../../api/schemas/ports.ts';
import { timeline } from '../../api/schemas/timeline.ts';
import { newCutover } from '../../domain/lifecycle/cutover.ts';
import { apiKey, numbers, portBody, type Serving, serve } from './serving.ts';

let api: Serving;
beforeEach(async () => {
  api = await serve();
});
afterEach(() => api.stop());

const keyOf = (phoneNumber: string) => api.store.vault.numberKey(phoneNumber);
const order = (change: object = {}, headers?: Record<string, string>) =>
  api.post('/v1/ports', { ...portBody, ...change }, headers);

describe('ordering a port', () => {
  it('answers 202 when its process has started; the process knows ids only (invariants 3, 9)', async () => {
    const answer = await order({ phoneNumbers: [numbers.own, numbers.second] });
    expect(answer.status).toBe(202);
    const { id, links } = portAccepted.parse(answer.body);
    expect(links).toEqual({
      self: `/v1/ports/${id}`,
      timeline: `/v1/ports/${id}/timeline`,
      workflow: `http://localhost:8233/namespaces/default/workflows/${id}`,
    });
    expect(api.recorded.ports).toEqual([
      {
        portId: id,
        gainingCarrier: 'beta',
        losingCarrier: 'alpha',
        messagingPlan: 'move',
        activation: 'automatic',
        numberKeys: [keyOf(numbers.own), keyOf(numbers.second)],
        marginMs: 900_000,
        proofDeadlineMs: 72 * 3600_000,
      },
    ]);
  });

  it('puts the numbers, the consent of each and the request on record before that', async () => {
    const { id } = (await order({ metadata: { ticket: 7 } })).body;
    expect((await api.get(`/v1/numbers/${numbers.own}`)).body).toMatchObject({
      own: true,
      country: 'US',
      routing: { state: 'settled', carrier: 'alpha' },
    });
    const consents = (await api.get(`/v1/consents?phoneNumber=${encodeURIComponent(numbers.own)}`)).body.data;
    expect(consents).toMatchObject([{ type: 'granted', basis: 'porting', portId: id, evidence: { act: 'signature' } }]);
    const stored = await api.store.ports.find(id);
    expect(JSON.parse(api.store.vault.open(stored?.request as never))).toEqual({ subscriber: portBody.subscriber });
    expect(port.parse((await api.get(`/v1/ports/${id}`)).body).metadata).toEqual({ ticket: 7 });
  });

  it('takes the losing carrier from the record of the numbers when none is named, and a foreign number as ours', async () => {
    await api.register(numbers.own, 'alpha');
    const { losingCarrier, ...unnamed } = portBody;
    expect((await api.post('/v1/ports', unnamed)).status).toBe(202);
    expect(api.recorded.ports).toMatchObject([{ losingCarrier }]);

    const key = keyOf(numbers.foreign);
    const routing = { state: 'settled' } as const;
    const number = api.store.vault.seal(numbers.foreign);
    await api.store.numbers.insert({
      _id: key,
      number,
      own: false,
      routing,
      version: 1,
      history: [],
      registeredAt: new Date(),
    });
    expect((await order({ phoneNumbers: [numbers.foreign] })).status).toBe(202);
    expect(await api.store.numbers.find(key)).toMatchObject({ own: true, routing: { carrier: 'alpha' }, version: 2 });
  });

  it('starts one process for the same Idempotency-Key, also when it comes many times at once (invariant 4)', async () => {
    const headers = { 'idempotency-key': 'port-once' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => order({}, headers)));
    const accepted = answers.filter(({ status }) => status === 202);
    expect(accepted.length).toBeGreaterThan(0);
    for (const { status, body } of answers) if (status !== 202) expect(body.code).toBe('request-in-progress');
    const again = await order({}, headers);
    expect(again.body).toEqual(accepted[0]?.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(api.recorded.ports).toHaveLength(1);
    expect((await api.contents()).ports).toBe(1);
    expect((await order({ portType: 'partial' }, headers)).body.code).toBe('idempotency-key-reused');
  });

  it('goes on where it was cut off when it is sent again: stored, but not started', async () => {
    const headers = { 'idempotency-key': 'cut-off' };
    api.recorded.failure = new Problem('engine-unavailable', 'The port has not begun.');
    expect((await order({}, headers)).body.code).toBe('engine-unavailable');
    api.recorded.failure = undefined;
    const answer = await order({}, headers);
    expect(answer.status).toBe(202);
    expect(api.recorded.ports).toMatchObject([{ portId: answer.body.id }]);
    expect((await api.contents()).ports).toBe(1);
    expect((await order({ portType: 'partial' }, headers)).body.code).toBe('idempotency-key-reused');
  });

  it('is started by a sweep when its caller never comes back (invariant 3)', async () => {
    api.recorded.failure = new Problem('engine-unavailable', 'The port has not begun.');
    expect((await order({})).body.code).toBe('engine-unavailable');
    api.recorded.failure = undefined;
    const sweep = (now: Date) =>
      startForgottenPorts(
        { store: api.store, portProcess: api.recorded.portProcess, marginMs: 1, proofDeadlineMs: 2 },
        now,
      );
    await sweep(new Date());
    expect(api.recorded.ports, 'a start of just now is under way').toHaveLength(0);
    await sweep(new Date(Date.now() + 20_000));
    expect(api.recorded.ports).toMatchObject([{ marginMs: 1, proofDeadlineMs: 2, gainingCarrier: 'beta' }]);
  });

  it('names the numbers that have an open port by their place, not by their digits (invariants 7, 9)', async () => {
    await api.store.numberClaims.claim([keyOf(numbers.second)], 'port_other');
    const answer = await order({ phoneNumbers: [numbers.own, numbers.second] });
    expect(answer.body).toMatchObject({ code: 'number-has-open-port', errors: [{ path: 'phoneNumbers.1' }] });
    expect(JSON.stringify(answer.body)).not.toContain('555');
  });

  it.each([
    ['a number twice', { phoneNumbers: [numbers.own, numbers.own] }, 'phoneNumbers'],
    ['no number', { phoneNumbers: [] }, 'phoneNumbers'],
    ['no consent', { consent: undefined }, 'consent'],
    [
      'no account number',
      { subscriber: { ...portBody.subscriber, accountNumber: undefined } },
      'subscriber.accountNumber',
    ],
    ['a date that is none', { requestedFocAt: 'soon' }, 'requestedFocAt'],
    ['a date in no time of ours', { requestedFocAt: '9999-12-31T00:00:00Z' }, 'requestedFocAt'],
    [
      'a consent of the year 0',
      { consent: { ...portBody.consent, capturedAt: '0000-01-01T00:00:00Z' } },
      'consent.capturedAt',
    ],
    [
      'a consent to come',
      { consent: { ...portBody.consent, capturedAt: '2099-01-01T00:00:00Z' } },
      'consent.capturedAt',
    ],
  ])('refuses %s', async (_what, change, path) => {
    const answer = await order(change);
    expect(answer.body).toMatchObject({ code: 'invalid-request', errors: [{ path }] });
    expect(await api.contents()).toMatchObject({ ports: 0, numbers: 0, consents: 0 });
    expect(api.recorded.ports).toEqual([]);
  });

  it('refuses a losing carrier that does not have the number', async () => {
    await api.register(numbers.own, 'beta');
    const answer = await order({ losingCarrier: 'alpha' });
    expect(answer.body).toMatchObject({ code: 'invalid-request', errors: [{ path: 'losingCarrier' }] });
    expect(api.recorded.ports).toEqual([]);
  });

  it('refuses a supplement that changes nothing', async () => {
    const { id } = (await order({})).body;
    for (const nothing of [{}, { subscriber: {} }, { subscriber: { serviceAddress: {} } }]) {
      expect((await api.post(`/v1/ports/${id}/supplement`, nothing)).body.code).toBe('invalid-request');
    }
    expect(api.recorded.updates).toEqual([]);
  });

  it('names the malformed number by its place', async () => {
    const answer = await order({ phoneNumbers: [numbers.own, '0800 123'] });
    expect(answer.body).toMatchObject({ code: 'phone-number-malformed', errors: [{ path: 'phoneNumbers.1' }] });
  });
});

describe('reading ports', () => {
  it('shows voice and messaging of each number apart, what is waited for, and how long texts were uncertain', async () => {
    const { id } = (await order({ phoneNumbers: [numbers.own, numbers.second] })).body;
    const since = '2027-01-01T00:00:00.000Z';
    await api.store.ports.project(id, 3, {
      status: 'activating',
      since,
      carrierOrderId: 'order-9',
      carrierState: 'foc-date-confirmed',
      focAt: since,
      problems: [
        { code: 'PASSCODE_PIN_INVALID', message: 'The PIN is wrong. Get a new one.', field: 'subscriber.pin' },
      ],
      waiting: { what: 'proof', since, until: since, next: 'a person is asked' },
    });
    const uncertainSince = new Date(Date.now() - 5000).toISOString();
    const move = newCutover('move');
    await api.store.ports.projectCutover(id, keyOf(numbers.own), 1, {
      ...move,
      voice: 'active',
      messaging: 'uncertain',
      uncertainSince,
    });
    await api.store.ports.projectCutover(id, keyOf(numbers.second), 1, {
      ...move,
      voice: 'active',
      messaging: 'gaining',
      uncertainMs: 1200,
      outcome: 'ported',
    });

    const shown = port.parse((await api.get(`/v1/ports/${id}`)).body);
    expect(shown).toMatchObject({
      id,
      status: 'activating',
      carrierState: 'foc-date-confirmed',
      focAt: since,
      problems: [{ code: 'PASSCODE_PIN_INVALID', field: 'subscriber.pin' }],
      waiting: { what: 'proof', next: 'a person is asked' },
      numbers: [
        { phoneNumber: numbers.own, voice: 'active', messaging: 'uncertain' },
        { phoneNumber: numbers.second, voice: 'active', messaging: 'gaining', uncertainMs: 1200, outcome: 'ported' },
      ],
      counts: { numbers: 2, uncertain: 1, ported: 1, returned: 0 },
    });
    expect(shown.uncertainMs).toBeGreaterThanOrEqual(5000);
    expect(JSON.stringify(shown)).not.toContain('77123');
  });

  it('never shows an older saying of the process over a newer one (invariant 1)', async () => {
    const { id } = (await order()).body;
    await api.store.ports.project(id, 5, { status: 'foc-confirmed' });
    await api.store.ports.project(id, 4, { status: 'submitted' });
    expect((await api.get(`/v1/ports/${id}`)).body.status).toBe('foc-confirmed');
  });

  it('lists by status, page by page', async () => {
    const ids: string[] = [];
    for (const phoneNumber of [numbers.own, numbers.second, numbers.foreign]) {
      ids.push((await order({ phoneNumbers: [phoneNumber] })).body.id);
    }
    await api.store.ports.project(ids[1] ?? '', 1, { status: 'completed' });
    expect((await api.get('/v1/ports?status=completed')).body.data).toMatchObject([{ id: ids[1] }]);
    const first = portPage.parse((await api.get('/v1/ports?limit=2')).body);
    const second = portPage.parse((await api.get(`/v1/ports?limit=2&cursor=${first.nextCursor}`)).body);
    expect([...first.data, ...second.data].map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(second.nextCursor).toBeNull();
  });
});

describe('the timeline', () => {
  async function portWithSteps(): Promise<string> {
    const { id } = (await order()).body;
    await api.store.timeline.append(id, 'order', 0, [
      { at: '2027-01-01T00:00:00.000Z', actor: 'caller', type: 'port.requested', detail: 'A port was "requested".' },
      {
        at: '2027-01-02T00:00:00.000Z',
        actor: 'carrier',
        type: 'order.news',
        detail: 'It changed.',
        carrierEventId: '=1+1',
      },
    ]);
    await api.store.timeline.append(id, 'number', 0, [
      {
        at: '2027-01-03T00:00:00.000Z',
        actor: 'portsms',
        type: 'number.uncertain',
        detail: 'Texts wait.',
        numberKey: keyOf(numbers.own),
      },
    ]);
    return id;
  }

  it('says who did what and when, oldest first, with the numbers themselves', async () => {
    const id = await portWithSteps();
    const { data } = timeline.parse((await api.get(`/v1/ports/${id}/timeline`)).body);
    expect(data.map(({ type, phoneNumber }) => [type, phoneNumber])).toEqual([
      ['port.requested', undefined],
      ['order.news', undefined],
      ['number.uncertain', numbers.own],
    ]);
  });

  it('is CSV for who asks for it, by header or query, and no spreadsheet takes a cell for a formula', async () => {
    const id = await portWithSteps();
    const byHeader = await api.get(`/v1/ports/${id}/timeline`, { accept: 'text/csv' });
    const byQuery = await api.get(`/v1/ports/${id}/timeline?format=csv`);
    expect(byHeader.headers.get('content-type')).toMatch(/^text\/csv/);
    expect(byQuery.body).toBe(byHeader.body);
    const rows = parse(byHeader.body, { columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({ actor: 'caller', detail: 'A port was "requested".' });
    expect(rows[1]?.carrierEventId).toBe("'=1+1");
    expect(rows[2]?.phoneNumber).toBe(numbers.own);
    const { data } = timeline.parse((await api.get(`/v1/ports/${id}/timeline`)).body);
    // Both exports say the same of who, what, when, whence and of the chain.
    expect(rows.map(({ seq, hash, storedAt }) => [Number(seq), hash, storedAt])).toEqual(
      data.map(({ seq, hash, storedAt }) => [seq, hash, storedAt]),
    );
  });

  it('comes in pages, each of which begins where the one before ended', async () => {
    const id = await portWithSteps();
    const first = timeline.parse((await api.get(`/v1/ports/${id}/timeline?limit=2`)).body);
    const next = `/v1/ports/${id}/timeline?limit=2&cursor=${first.nextCursor}`;
    const second = timeline.parse((await api.get(next)).body);
    expect([...first.data, ...second.data].map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(second.data[0]?.previousHash).toBe(first.data[1]?.hash);
    expect(second.nextCursor).toBeNull();
    const wrong = await api.get(`/v1/ports/${id}/timeline?cursor=MTcuNQ`);
    expect(wrong.body).toMatchObject({ code: 'invalid-request', errors: [{ path: 'cursor' }] });
  });

  it('is a report in PDF, which says whether the chain is whole', async () => {
    const id = await portWithSteps();
    const response = await fetch(`${api.url}/v1/ports/${id}/timeline?format=pdf`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    expect(response.headers.get('content-type')).toBe('application/pdf');
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(bytes.subarray(-6).toString()).toContain('%%EOF');
  });

  it('leads to the raw payload of what a carrier said', async () => {
    const { id } = (await order()).body;
    const event = { type: 'order', eventId: 'e/1 ü', at: '2027-01-02T00:00:00.000Z', carrierOrderId: 'o', name: 'n' };
    await api.intake.receive('beta', [{ ...event, raw: '{"name":"Ada Example"}' } as never]);
    await api.store.timeline.append(id, 'order', 0, [
      {
        at: '2027-01-02T00:00:00.000Z',
        actor: 'carrier',
        by: { carrier: 'beta' },
        type: 'order.news',
        detail: 'It changed.',
        carrierEventId: 'beta/e/1 ü',
      },
    ]);
    const { data } = timeline.parse((await api.get(`/v1/ports/${id}/timeline`)).body);
    expect(data[0]).toMatchObject({ by: { carrier: 'beta' }, carrierEventId: 'beta/e/1 ü' });
    const raw = await api.get(data[0]?.rawPayload ?? '');
    expect(carrierEvent.parse(raw.body)).toMatchObject({
      id: 'beta/e/1 ü',
      carrier: 'beta',
      type: 'order',
      raw: '{"name":"Ada Example"}',
    });
    // It is kept as long as the timeline that refers to it (invariant 2).
    expect(raw.body.forgetAt).toBeUndefined();
  });
});

describe('a draft', () => {
  const draft = (rest: object = {}) =>
    api.post('/v1/ports', { draft: true, phoneNumbers: [numbers.own], gainingCarrier: 'beta', ...rest });

  it('keeps what is known, names what is missing, and orders nothing', async () => {
    const answer = await draft({ subscriber: { name: 'Ada Example', serviceAddress: { city: 'Springfield' } } });
    const { id, status, missing } = portAccepted.parse(answer.body);
    expect(status).toBe('draft');
    expect(missing?.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['subscriber.accountNumber', 'subscriber.serviceAddress.street', 'consent']),
    );
    expect(api.recorded.ports).toMatchObject([{ portId: id, draft: true, gainingCarrier: 'beta' }]);
    expect(await api.contents()).toMatchObject({ ports: 1, numbers: 0, consents: 0 });
    const shown = port.parse((await api.get(`/v1/ports/${id}`)).body);
    expect(shown).toMatchObject({ status: 'draft', actions: ['submit', 'supplement', 'cancel'] });
    expect(shown.missing).toEqual(missing);
    for (const { message } of missing ?? []) expect(message).toBe('Is missing.');
  });

  it('has no letter of authorisation before its subscriber is known', async () => {
    const { id } = (await draft()).body;
    const answer = await api.post(`/v1/ports/${id}/documents/loa`, {
      signature: { name: 'Ada Example', method: 'typed' },
    });
    expect(answer.body).toMatchObject({ code: 'draft-incomplete', errors: [{ path: 'subscriber' }] });
  });

  it('refuses what is wrong at once', async () => {
    expect((await draft({ subscriber: { accountNumber: '' } })).body).toMatchObject({
      code: 'invalid-request',
      errors: [{ path: 'subscriber.accountNumber' }],
    });
    expect((await draft({ gainingCarrier: 'gamma' })).body.code).toBe('unknown-carrier');
    expect(await api.contents()).toMatchObject({ ports: 0 });
  });

  it('is completed by PUT or a supplement, and becomes a port when it is submitted', async () => {
    const { id } = (await draft({ subscriber: { name: 'Ada Example', accountNumber: 'A-1' } })).body;
    const { phoneNumbers: _, gainingCarrier: __, consent, ...rest } = portBody;
    expect((await api.call('PUT', `/v1/ports/${id}`, rest)).status).toBe(200);
    const answer = await api.post(`/v1/ports/${id}/submit`, {});
    expect(answer.body).toMatchObject({ code: 'draft-incomplete', errors: [{ path: 'consent' }] });
    expect((await api.call('PUT', `/v1/ports/${id}`, { consent })).status).toBe(200);
    expect((await api.post(`/v1/ports/${id}/supplement`, { subscriber: { pin: '9999' } })).status).toBe(200);
    expect(port.parse((await api.get(`/v1/ports/${id}`)).body).missing).toEqual([]);
    expect((await api.post(`/v1/ports/${id}/submit`, {})).status).toBe(200);
    expect(api.recorded.updates.map(({ name }) => name)).toEqual(['supplement', 'supplement', 'supplement', 'submit']);
    expect(api.recorded.updates.at(-1)?.details).toEqual({
      gainingCarrier: 'beta',
      losingCarrier: 'alpha',
      messagingPlan: 'move',
      activation: 'automatic',
      numberKeys: [keyOf(numbers.own)],
    });
    const stored = await api.store.ports.find(id);
    expect(JSON.parse(api.store.vault.open(stored?.request as never)).subscriber).toEqual({
      ...portBody.subscriber,
      pin: '9999',
    });
    expect(await api.contents()).toMatchObject({ numbers: 1, consents: 1 });
  });

  it('that was submitted is none any more', async () => {
    const { id } = (await draft()).body;
    await api.store.ports.project(id, 1, { status: 'checking' });
    expect((await api.call('PUT', `/v1/ports/${id}`, { portType: 'partial' })).body.code).toBe('order-not-a-draft');
  });
});

describe('what people do to a port', () => {
  it('what is too late is turned down, stands in the timeline, and leaves the data as it was', async () => {
    const { id } = (await order()).body;
    const past = '2026-01-01T00:00:00.000Z';
    await api.store.ports.project(id, 1, { status: 'foc-confirmed', clocks: { supplementUntil: past } });
    const before = await api.store.ports.find(id);
    const answer = await api.post(`/v1/ports/${id}/supplement`, { subscriber: { pin: '9999' } });
    expect(answer.body.code).toBe('supplement-too-late');
    expect(await api.store.ports.find(id)).toEqual(before);
    const { data } = timeline.parse((await api.get(`/v1/ports/${id}/timeline`)).body);
    expect(data).toMatchObject([
      {
        actor: 'caller',
        type: 'order.supplement-too-late',
        detail: `A supplement was asked for, and turned down: A changed order (SUPP) was taken by the carrier until ${past}.`,
      },
    ]);
  });

  it('what the process turns down stands in the timeline with what was asked and why; what to do next is for the caller', async () => {
    const { id } = (await order()).body;
    await api.store.ports.project(id, 1, { status: 'foc-confirmed' });
    const reason = 'Another date was taken by the carrier until 2026-01-01T00:00:00.000Z.';
    api.recorded.failure = new Problem('reschedule-too-late', `${reason} Read the port.`, { reason });
    const answer = await api.post(`/v1/ports/${id}/reschedule`, { requestedFocAt: '2099-01-01T01:00:00+01:00' });
    expect(answer.body).toMatchObject({ code: 'reschedule-too-late', detail: `${reason} Read the port.` });
    const { data } = timeline.parse((await api.get(`/v1/ports/${id}/timeline`)).body);
    expect(data.map(({ detail }) => detail)).toEqual([
      `The date 2099-01-01T00:00:00.000Z was asked for, and turned down: ${reason}`,
    ]);
  });

  it('a supplement that the process refuses leaves the data as it was', async () => {
    const { id } = (await order()).body;
    await api.store.ports.project(id, 1, { status: 'exception' });
    const before = await api.store.ports.find(id);
    api.recorded.failure = new Problem('order-not-supplementable', 'This order is cancelled.');
    await api.post(`/v1/ports/${id}/supplement`, { subscriber: { pin: '9999' } });
    expect((await api.store.ports.find(id))?.request).toEqual(before?.request);
  });

  it('another date, a snap-back and its answer reach the process without anything personal (invariant 9)', async () => {
    const { id } = (await order()).body;
    await api.post(`/v1/ports/${id}/reschedule`, { requestedFocAt: '2030-01-01T10:00:00+01:00' });
    await api.post(`/v1/ports/${id}/snap-back`, { reason: 'texts-do-not-arrive' });
    await api.post(`/v1/ports/${id}/snap-back-answer`, { answer: 'refused' });
    expect(api.recorded.updates).toMatchObject([
      { name: 'reschedule', details: '2030-01-01T09:00:00.000Z' },
      { name: 'snapBack', details: { reason: 'texts-do-not-arrive', whenEnded: 'snap-back-not-possible' } },
      { name: 'answerSnapBack', details: 'refused' },
    ]);
    expect((await api.post(`/v1/ports/${id}/snap-back`, { reason: 'Ada wants it' })).body.code).toBe('invalid-request');
  });

  it('a port whose numbers another port has meanwhile cannot be asked back (invariant 7)', async () => {
    const { id } = (await order()).body;
    await api.store.numberClaims.claim([keyOf(numbers.own)], 'port_next');
    expect((await api.post(`/v1/ports/${id}/snap-back`, { reason: 'disputed' })).body.code).toBe(
      'number-has-open-port',
    );
    expect(api.recorded.updates).toEqual([]);
  });

  it('is shown with the port: its clocks, and what can be done now', async () => {
    const { id } = (await order()).body;
    const later = '2099-01-01T00:00:00.000Z';
    const clocks = { cancelUntil: later, supplementUntil: '2026-01-01T00:00:00.000Z' };
    await api.store.ports.project(id, 1, { status: 'foc-confirmed', focAt: later, clocks, escalatedAt: later });
    const shown = port.parse((await api.get(`/v1/ports/${id}`)).body);
    expect(shown).toMatchObject({ clocks, actions: ['cancel'], escalatedAt: later });
  });

  it('a supplement keeps what does not change, stores it sealed, and tells the process its revision only', async () => {
    const { id } = (await order()).body;
    await api.store.ports.project(id, 1, { status: 'exception' });
    const answer = await api.post(
      `/v1/ports/${id}/supplement`,
      { subscriber: { pin: '9999', serviceAddress: { postalCode: '62702' } } },
      { 'idempotency-key': 'supp-1' },
    );
    expect(portChanged.parse(answer.body)).toMatchObject({ id, status: 'submitted' });
    const stored = await api.store.ports.find(id);
    const { serviceAddress } = portBody.subscriber;
    expect(JSON.parse(api.store.vault.open(stored?.request as never)).subscriber).toEqual({
      ...portBody.subscriber,
      pin: '9999',
      serviceAddress: { ...serviceAddress, postalCode: '62702' },
    });
    expect(api.recorded.updates).toMatchObject([{ name: 'supplement', portId: id, details: 2 }]);
  });

  it('two supplements at the same time: one is told to look again', async () => {
    const { id } = (await order()).body;
    await api.store.ports.project(id, 1, { status: 'exception' });
    const { supplement } = api.store.ports;
    api.store.ports.supplement = async (portId, revision, request) => {
      await supplement(portId, revision, request);
      return supplement(portId, revision, request);
    };
    const answer = await api.post(`/v1/ports/${id}/supplement`, { newBillingNumber: numbers.second });
    expect(answer.body.code).toBe('changed-meanwhile');
    expect(api.recorded.updates).toEqual([]);
  });

  it('a cancellation names a reason of a list: free words could name people (invariant 9)', async () => {
    const { id } = (await order()).body;
    expect((await api.post(`/v1/ports/${id}/cancel`, { reason: 'Ada Example asked for it' })).status).toBe(422);
    expect((await api.post(`/v1/ports/${id}/cancel`, { reason: 'subscriber-request' })).status).toBe(200);
    expect(api.recorded.updates).toMatchObject([{ name: 'cancel', details: 'subscriber-request' }]);
  });

  it('needs no body where there is nothing to say', async () => {
    const { id } = (await order()).body;
    expect((await api.call('POST', `/v1/ports/${id}/cancel`)).status).toBe(200);
    expect((await api.call('POST', `/v1/ports/${id}/activate`)).status).toBe(200);
  });

  it('happens once for the same Idempotency-Key: a second time it is not asked, or asked under the same id', async () => {
    const { id } = (await order()).body;
    const headers = { 'idempotency-key': 'cancel-1' };
    api.recorded.failure = new Problem('engine-timeout', 'It may still happen.');
    expect((await api.post(`/v1/ports/${id}/cancel`, {}, headers)).status).toBe(503);
    api.recorded.failure = undefined;
    await api.post(`/v1/ports/${id}/cancel`, {}, headers);
    const again = await api.post(`/v1/ports/${id}/cancel`, {}, headers);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(api.recorded.updates).toHaveLength(1);
    await api.post(`/v1/ports/${id}/cancel`, {});
    expect(new Set(api.recorded.updates.map(({ updateId }) => updateId)).size).toBe(2);
  });
});
