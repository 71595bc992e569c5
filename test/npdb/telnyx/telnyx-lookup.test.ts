import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
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

  it.each([
    ['does not answer', () => undefined, /no answer \(ETIMEDOUT\)/],
    ['hangs up', (response: ServerResponse) => response.destroy(), /no answer \(ECONNRESET\)/],
    [
      'begins to answer and hangs up',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"data":', () => response.destroy());
      },
      /no answer \(ECONNRESET\)/,
    ],
    [
      'stops in the middle of its answer',
      (response: ServerResponse) => void response.writeHead(200, { 'content-length': '100' }).write('{"data":'),
      /no answer \(ETIMEDOUT\)/,
    ],
    ['answers with something else', (response: ServerResponse) => response.end('<html>'), /HTTP 200/],
  ])('is unavailable when it %s', async (_, answer, problem) => {
    const { baseUrl } = await serve(answer);
    const looking = new TelnyxLookup({ baseUrl, apiKey: 'k', timeoutMs: 100 }).lookUp('+12025550199');
    await expect(looking).rejects.toBeInstanceOf(PortabilityUnavailable);
    await expect(looking).rejects.toThrow(problem);
  });

  it('is unavailable when nobody listens', async () => {
    const { baseUrl, stop } = await serve(() => undefined);
    await stop();
    const looking = new TelnyxLookup({ baseUrl, apiKey: 'k', timeoutMs: 300 }).lookUp('+12025550199');
    await expect(looking).rejects.toThrow('Telnyx number lookup: no answer (ECONNREFUSED).');
  });

  it('asks about many numbers over one connection, with its key', async () => {
    const { baseUrl, requests, sockets } = await serve((response) => response.end('{"data":{"carrier":{"name":"A"}}}'));
    const database = new TelnyxLookup({ baseUrl: `${baseUrl}/`, apiKey: 'the-key', timeoutMs: 300 });
    for (let turn = 0; turn < 5; turn++)
      expect(await database.lookUp('+12025550199')).toMatchObject({ carrierName: 'A' });
    expect(requests).toHaveLength(5);
    expect(requests.every(({ headers }) => headers.authorization === 'Bearer the-key')).toBe(true);
    expect(requests.every(({ url }) => url === '/v2/number_lookup/+12025550199?type=carrier')).toBe(true);
    expect(sockets.size).toBe(1);
  });
});

/** A server that does whatever a test wants. */
async function serve(answer: (response: ServerResponse) => unknown) {
  const requests: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    requests.push(request);
    sockets.add(request.socket);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  open.push({ stop });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`, requests, sockets, stop };
}
