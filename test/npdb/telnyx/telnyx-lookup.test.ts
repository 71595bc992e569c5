import { afterEach, describe, expect, it } from 'vitest';
import { PortabilityUnavailable } from '../../../npdb/portability-database.ts';
import { TelnyxLookup } from '../../../npdb/telnyx/telnyx-lookup.ts';
import { type Route, startTelnyxApi } from '../../carriers/telnyx/telnyx-api.ts';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop();
});

async function lookup(route: Route) {
  const api = await startTelnyxApi(route);
  open.push(api);
  return { api, database: new TelnyxLookup({ baseUrl: api.baseUrl, apiKey: 'k', timeoutMs: 300 }) };
}

const data = (more: object) => () => ({
  status: 200,
  body: { data: { country_code: 'US', phone_number: '+12025550199', ...more } },
});

describe('TelnyxLookup', () => {
  it('asks for the carrier of one number', async () => {
    const { api, database } = await lookup(
      data({
        carrier: { name: 'Example Wireless', type: 'mobile' },
        portability: { lrn: '2025550100', ported_status: 'Y', spid: '1234', spid_carrier_name: 'Example Wireless 2' },
      }),
    );
    expect(await database.lookUp('+12025550199')).toEqual({
      ported: true,
      lrn: '+12025550100',
      spid: '1234',
      carrierName: 'Example Wireless 2',
      type: 'mobile',
      source: 'telnyx',
      at: expect.any(String),
    });
    expect(api.requests).toMatchObject([{ method: 'GET', path: '/v2/number_lookup/+12025550199' }]);
    expect(api.requests[0]?.query.get('type')).toBe('carrier');
  });

  it.each([
    [
      'not ported, of no known type',
      { portability: { ported_status: 'N', spid: '9', lrn: '' }, carrier: { type: 'fixed line or mobile' } },
      { ported: false, spid: '9' },
    ],
    [
      'known by its carrier alone',
      { carrier: { name: 'Orange', type: 'fixed line' } },
      { ported: false, carrierName: 'Orange', type: 'fixed' },
    ],
    [
      'on a mobile network with a code',
      { carrier: { name: 'Example', type: 'mobile', mobile_country_code: '310', mobile_network_code: '410' } },
      { ported: false, carrierName: 'Example', type: 'mobile', mccMnc: '310410' },
    ],
    [
      'on a network whose code is not whole',
      { carrier: { name: 'Example', mobile_country_code: 310, mobile_network_code: '' } },
      { ported: false, carrierName: 'Example' },
    ],
    [
      'with a global routing number',
      { country_code: 'FR', portability: { ported_status: 'Y', lrn: '+33123456789' } },
      { ported: true, lrn: '+33123456789' },
    ],
  ])('reads a number that is %s', async (_, answered, record) => {
    const { database } = await lookup(data(answered));
    expect(await database.lookUp('+12025550199')).toEqual({ ...record, source: 'telnyx', at: expect.any(String) });
  });

  it('does not know a number that is in no database', async () => {
    expect(await (await lookup(() => undefined)).database.lookUp('+12025550199')).toBeUndefined();
    expect(await (await lookup(data({}))).database.lookUp('+12025550199')).toBeUndefined();
  });

  it.each([
    ['it fails', () => ({ status: 500 })],
    ['it does not accept the key', () => ({ status: 401, body: { errors: [{ code: '10009' }] } })],
    ['there are too many requests', () => ({ status: 429, body: {} })],
  ])('is unavailable when %s, and does not name the number (invariant 9)', async (_, route) => {
    const { database } = await lookup(route);
    const looking = database.lookUp('+12025550199');
    await expect(looking).rejects.toBeInstanceOf(PortabilityUnavailable);
    await expect(looking).rejects.not.toThrow(/2025550/);
  });
});
