import { afterEach, expect, it } from 'vitest';
import { portabilityAnswer } from '../../api/schemas/portability-checks.ts';
import { CarrierUnavailable } from '../../carriers/errors.ts';
import { type PortabilityRecord, PortabilityUnavailable } from '../../npdb/portability-database.ts';
import { numbers, type Serving, serve } from './serving.ts';

let api: Serving;
afterEach(() => api.stop());

const record: PortabilityRecord = {
  ported: true,
  lrn: '+12025550000',
  spid: '1234',
  carrierName: 'Alpha Telecom',
  type: 'mobile',
  source: 'enum',
  at: '2027-01-01T00:00:00.000Z',
};
const check = async (phoneNumbers: readonly string[], more: object = {}) =>
  portabilityAnswer.parse((await api.post('/v1/portability-checks', { phoneNumbers, ...more })).body);

it('says of each number who has it, whether it can be ported, and what that takes', async () => {
  api = await serve(() => ({ lookUps: { lookUp: async () => record } }));
  const { gainingCarrier, data } = await check([numbers.own, 'not a number', numbers.foreign]);
  expect(gainingCarrier).toBe('beta');
  expect(data[0]).toMatchObject({
    phoneNumber: numbers.own,
    valid: true,
    country: 'US',
    type: 'mobile',
    portable: true,
    messagingCapable: true,
    losingCarrier: { id: 'alpha', spid: '1234', name: 'Alpha Telecom' },
    ported: true,
    lrn: '+12025550000',
    lookUp: { source: 'enum' },
    rejections: [],
    unanswered: [],
  });
  expect(data[0]?.neededFields.map(({ field }) => field)).toContain('subscriber.pin');
  expect(data[1]).toMatchObject({ valid: false, portable: false, rejections: [{ code: 'phone-number-malformed' }] });
  expect(data[2]).toMatchObject({ phoneNumber: numbers.foreign, valid: true });
});

it('predicts a rejection and how to avoid it', async () => {
  api = await serve(() => ({ lookUps: { lookUp: async () => ({ ...record, spid: '5678' }) } }));
  await api.store.numberClaims.claim([api.store.vault.numberKey(numbers.second)], 'port_1');
  const { data } = await check([numbers.own, numbers.second]);
  expect(data[0]).toMatchObject({ portable: false });
  expect(data[1]?.rejections.map(({ code }) => code)).toContain('port-already-open');
  for (const { rejections } of data) for (const each of rejections) expect(each.fix).not.toBe('');
});

it('tells who carries the texts, which may be another than the one of voice', async () => {
  api = await serve(() => ({
    lookUps: { lookUp: async () => ({ ...record, spid: '9999', carrierName: 'Elsewhere' }) },
  }));
  await api.register(numbers.own, 'alpha');
  const { data } = await check([numbers.own, numbers.second]);
  expect(data[0]).toMatchObject({
    losingCarrier: { spid: '9999', name: 'Elsewhere' },
    smsProvider: { id: 'alpha', source: 'own-record' },
    portable: true,
    rejections: [{ code: 'texts-hosted-elsewhere', certain: false }],
  });
  expect(data[1]).not.toHaveProperty('smsProvider');
});

it('tells the documents that it takes, and what only some carriers want', async () => {
  api = await serve(() => ({ lookUps: { lookUp: async () => record } }));
  const { data } = await check([numbers.own], { portType: 'partial' });
  expect(data[0]?.neededDocuments).toMatchObject([
    { document: 'loa', need: 'likely', certain: false },
    { document: 'invoice', need: 'likely', certain: false },
  ]);
  const needed = new Map(data[0]?.neededFields.map((each) => [each.field, each]));
  expect(needed.get('subscriber.pin')).toMatchObject({ need: 'always', certain: true });
  expect(needed.get('subscriber.entityName')).toMatchObject({ need: 'sometimes', certain: false });
});

it('reckons the dates, and by what they are reckoned', async () => {
  api = await serve(() => ({ lookUps: { lookUp: async () => ({ ...record, type: 'fixed' as const }) } }));
  const soon = new Date(Date.now() + 60_000).toISOString();
  const { data, timers } = await check([numbers.own, numbers.second], { region: 'IL', requestedFocAt: soon });
  const [first] = data;
  const days = (Date.parse(first?.earliestFocAt ?? '') - Date.now()) / (24 * 3600_000);
  // Four business days, by 47 CFR 52.35(d): over a weekend, and at most over some holidays.
  expect(days).toBeGreaterThan(2.9);
  expect(days).toBeLessThan(12);
  expect(first?.rejections).toMatchObject([
    { code: 'requested-date-too-near', field: 'requestedFocAt', certain: false },
  ]);
  expect(first?.portable).toBe(true);
  expect(first?.timers).toContain('earliest-us');
  expect(timers.map(({ id }) => id).toSorted()).toEqual(first?.timers.toSorted());
  expect(timers.find(({ id }) => id === 'earliest-us')).toMatchObject({
    amount: 4,
    unit: 'business-days',
    confidence: 'R',
  });
});

it("shows the carrier's own reason beside what it means", async () => {
  api = await serve(({ carriers }) => {
    const porting = carriers.get('beta')?.porting;
    const reasons = new Map([
      [numbers.own as string, 'Number is frozen'],
      [numbers.second as string, 'E_17'],
    ]);
    if (porting)
      porting.checkPortability = async (asked) =>
        asked.map((phoneNumber) => ({ phoneNumber, portable: false, reason: reasons.get(phoneNumber) }));
    return { lookUps: { lookUp: async () => undefined } };
  });
  const { data } = await check([numbers.own, numbers.second]);
  expect(data).toMatchObject([
    { portable: false, carrierReason: 'Number is frozen', rejections: [{ code: 'number-frozen' }] },
    { portable: false, carrierReason: 'E_17', rejections: [{ code: 'number-not-portable' }] },
  ]);
});

it('says why numbers cannot be in one order', async () => {
  const spids = new Map([
    [numbers.own as string, '1234'],
    [numbers.second as string, '9999'],
  ]);
  api = await serve(() => ({
    lookUps: { lookUp: async (phoneNumber: string) => ({ ...record, spid: spids.get(phoneNumber) }) },
  }));
  expect((await check([numbers.own])).asOneOrder).toEqual([]);
  expect((await check([numbers.own, numbers.second])).asOneOrder.map(({ code }) => code)).toEqual([
    'mixed-losing-carriers',
  ]);
});

it('says who did not answer instead of guessing', async () => {
  api = await serve(({ carriers }) => {
    const porting = carriers.get('beta')?.porting;
    if (porting) porting.checkPortability = () => Promise.reject(new CarrierUnavailable('No connection.'));
    return { lookUps: { lookUp: () => Promise.reject(new PortabilityUnavailable('No answer in 500 ms.')) } };
  });
  const { data } = await check([numbers.own]);
  expect(data).toMatchObject([{ valid: true, portable: null, unanswered: ['carrier', 'database'] }]);
});

it('asks the carrier that is named, if it ports', async () => {
  api = await serve();
  expect((await check([numbers.own], { gainingCarrier: 'beta' })).gainingCarrier).toBe('beta');
  const post = (gainingCarrier: string) =>
    api.post('/v1/portability-checks', { phoneNumbers: [numbers.own], gainingCarrier });
  expect((await post('alpha')).body.code).toBe('carrier-cannot-port');
  expect((await post('gamma')).body.code).toBe('unknown-carrier');
  expect((await api.post('/v1/portability-checks', { phoneNumbers: Array(101).fill(numbers.own) })).status).toBe(422);
});
