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
