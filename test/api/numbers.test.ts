import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numberAnswer, numberPage } from '../../api/schemas/numbers.ts';
import { numbers, type Serving, serve } from './serving.ts';

let api: Serving;
beforeAll(async () => {
  api = await serve();
});
afterAll(() => api.stop());

const put = (phoneNumber: string, body: object) => api.call('PUT', `/v1/numbers/${phoneNumber}`, body);

describe('registering a number', () => {
  it('creates its record, changes it, and counts the versions', async () => {
    const created = await put(numbers.own, { carrier: 'alpha' });
    expect(created.status).toBe(201);
    expect(numberAnswer.parse(created.body)).toMatchObject({
      phoneNumber: numbers.own,
      own: true,
      country: 'US',
      routing: { state: 'settled', carrier: 'alpha' },
      history: [],
    });
    await put(numbers.second, { carrier: 'alpha' });
    const changed = await put(numbers.own, { carrier: 'beta', standbySender: numbers.second });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ routing: { carrier: 'beta' }, standbySender: numbers.second });
    expect(await api.store.numbers.find(api.store.vault.numberKey(numbers.own))).toMatchObject({ version: 2 });
  });

  it('takes the standby sender away when none is named', async () => {
    expect((await put(numbers.own, { carrier: 'beta' })).body).not.toHaveProperty('standbySender');
    const stored = await api.store.numbers.find(api.store.vault.numberKey(numbers.own));
    expect(stored).not.toHaveProperty('standbyKey');
  });

  it('keeps brand and contact until they are changed or removed; a contact is one', async () => {
    const told = { brand: 'Northwind', contact: 'help@northwind.example' };
    expect((await put(numbers.own, { carrier: 'beta', ...told })).body).toMatchObject(told);
    expect((await put(numbers.own, { carrier: 'beta' })).body).toMatchObject(told);
    expect((await put(numbers.own, { carrier: 'beta', contact: null })).body).not.toHaveProperty('contact');
    const refused = await put(numbers.own, { carrier: 'beta', contact: 'just call' });
    expect(refused.body).toMatchObject({ code: 'invalid-request', errors: [{ path: 'contact' }] });
  });

  it('refuses itself as its standby sender, an unknown carrier, and a number in another form', async () => {
    expect((await put(numbers.own, { carrier: 'beta', standbySender: numbers.own })).body.code).toBe(
      'standby-not-owned',
    );
    expect((await put(numbers.own, { carrier: 'gamma' })).body).toMatchObject({
      code: 'unknown-carrier',
      detail: expect.stringContaining('alpha, beta'),
    });
    expect((await put('12025550143', { carrier: 'beta' })).body).toMatchObject({
      code: 'phone-number-malformed',
      errors: [{ path: 'e164' }],
    });
  });

  it('leaves a number alone while its port is open or its routing uncertain (invariants 1, 7)', async () => {
    const key = api.store.vault.numberKey(numbers.own);
    await api.store.numberClaims.claim([key], 'port_1');
    expect((await put(numbers.own, { carrier: 'alpha' })).body.code).toBe('number-has-open-port');
    expect((await api.get(`/v1/numbers/${numbers.own}`)).body.openPort).toBe('port_1');
    await api.store.numberClaims.release([key], 'port_1');
    const { version = 0 } = (await api.store.numbers.find(key)) ?? {};
    const since = new Date();
    await api.store.numbers.change(key, version, {
      routing: { state: 'uncertain', portId: 'port_1', losing: 'beta', gaining: 'alpha', since, activated: false },
    });
    expect((await put(numbers.own, { carrier: 'alpha' })).status).toBe(409);
    expect((await api.get(`/v1/numbers/${numbers.own}`)).body.routing).toEqual({
      state: 'uncertain',
      losingCarrier: 'beta',
      gainingCarrier: 'alpha',
      portId: 'port_1',
      since: since.toISOString(),
    });
  });
});

describe('reading numbers', () => {
  it('shows what the portability database said last, and when; also of a foreign number', async () => {
    const key = api.store.vault.numberKey(numbers.british);
    const at = new Date('2027-01-01T00:00:00Z');
    await api.store.numbers.insert({
      _id: key,
      number: api.store.vault.seal(numbers.british),
      own: false,
      routing: { state: 'settled' },
      version: 1,
      history: [],
      lookUp: { ported: true, spid: '1234', source: 'enum', at },
      registeredAt: at,
    });
    expect((await api.get(`/v1/numbers/${encodeURIComponent(numbers.british)}`)).body).toMatchObject({
      own: false,
      lookUp: { ported: true, spid: '1234', source: 'enum', at: at.toISOString() },
    });
  });

  it('lists own numbers only, page by page', async () => {
    await put(numbers.foreign, { carrier: 'alpha' });
    const first = numberPage.parse((await api.get('/v1/numbers?limit=2')).body);
    const second = numberPage.parse((await api.get(`/v1/numbers?limit=2&cursor=${first.nextCursor}`)).body);
    const listed = [...first.data, ...second.data].map(({ phoneNumber }) => phoneNumber);
    expect(listed.sort()).toEqual([numbers.own, numbers.second, numbers.foreign].sort());
  });
});

it('lists the numbers whose record is not as the world has it', async () => {
  await put('+12025550151', { carrier: 'beta' });
  const key = api.store.vault.numberKey('+12025550151');
  const at = new Date('2026-06-10T15:00:00Z');
  const drift = { kind: 'database-names-other', seenAt: at, detail: ['spid 9999'] } as const;
  await api.store.numbers.saveCheck(key, { at, dueAt: new Date(at.getTime() + 3600_000), drift });
  const { body } = await api.get('/v1/numbers?drift=true');
  expect(numberPage.parse(body).data).toMatchObject([
    {
      phoneNumber: '+12025550151',
      checkedAt: at.toISOString(),
      drift: { kind: 'database-names-other', seenAt: at.toISOString(), detail: ['spid 9999'] },
    },
  ]);
  expect((await api.get('/v1/numbers?drift=maybe')).body.code).toBe('invalid-request');
  // Whoever mends the record has it compared at once.
  await put('+12025550151', { carrier: 'alpha' });
  const due = await api.store.numbers.findDueForCheck(new Date(), 100);
  expect(due.map(({ _id }) => _id)).toContain(key);
});
