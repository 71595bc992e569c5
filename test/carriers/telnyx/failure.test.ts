import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { CarrierRefused, CarrierUnavailable } from '../../../carriers/errors.ts';
import { telnyxClient } from '../../../carriers/telnyx/client.ts';
import { asCarrierError, readFailure } from '../../../carriers/telnyx/failure.ts';

async function failureAt(baseUrl: string) {
  const client = telnyxClient({ baseUrl, apiKey: 'k', timeoutMs: 200 });
  return client.messages.send({ from: '+12025550100', to: '+12025550199', text: 'hi' }).then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function answering(status: number, body: string, headers: Record<string, string> = {}) {
  let requests = 0;
  const server = createServer((_, response) => {
    requests++;
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const error = await failureAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return { error, requests };
}

describe('readFailure', () => {
  it('knows that nothing was sent when no connection was made', async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    for (const host of ['127.0.0.1', 'localhost']) {
      expect(readFailure(await failureAt(`http://${host}:${port}/v2`))).toMatchObject({ kind: 'unreachable' });
    }
    expect(readFailure(await failureAt('http://carrier.invalid/v2'))).toMatchObject({ kind: 'unreachable' });
  });

  it('does not know when the connection was lost after the request (invariant 5)', async () => {
    const server = createTcpServer((socket) => socket.on('data', () => socket.resetAndDestroy()).on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const failure = readFailure(await failureAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`));
    await new Promise((resolve) => server.close(resolve));
    expect(failure).toMatchObject({ kind: 'uncertain' });
  });

  it('does not know when there was no answer in time, and asks only once', async () => {
    let connections = 0;
    const server = createTcpServer((socket) => {
      connections++;
      socket.on('error', () => {}).resume();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const failure = readFailure(await failureAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`));
    await new Promise((resolve) => server.close(resolve));
    expect(failure).toMatchObject({ kind: 'uncertain' });
    expect(connections).toBe(1);
  });

  it.each([
    [500, '{"errors":[{"code":"10007"}]}', { kind: 'uncertain', reason: 'the carrier answered HTTP 500' }],
    [503, 'Service Unavailable', { kind: 'uncertain' }],
    [408, '', { kind: 'uncertain' }],
    [
      400,
      '{"errors":[{"code":"40305","title":"Invalid from","detail":"+12025550100"}]}',
      { kind: 'refused', code: '40305', title: 'Invalid from' },
    ],
    [422, '{"errors":[{"code":10015}]}', { kind: 'refused', code: '10015' }],
    [403, '<html>no</html>', { kind: 'refused', code: 'http-403' }],
    [409, '{"errors":[]}', { kind: 'refused', code: 'http-409' }],
  ])('reads HTTP %i with %o, asked once', async (status, body, failure) => {
    const { error, requests } = await answering(status, body, { 'content-type': 'application/json' });
    expect(readFailure(error)).toMatchObject(failure);
    expect(requests).toBe(1);
  });

  it.each([
    ['3', 3_000, 3_000],
    [new Date(Date.now() + 5_000).toUTCString(), 3_000, 5_000],
    [undefined, 1_000, 1_000],
    ['soon', 1_000, 1_000],
  ])('honours Retry-After %s', async (header, least, most) => {
    const { error } = await answering(429, '{}', header ? { 'retry-after': header } : {});
    const failure = readFailure(error);
    expect(failure).toMatchObject({ kind: 'refused', code: 'http-429' });
    const ms = failure.kind === 'refused' ? failure.retryAfterMs : undefined;
    expect(ms).toBeGreaterThanOrEqual(least);
    expect(ms).toBeLessThanOrEqual(most);
  });

  it('makes errors without the words of the carrier, which may name a number (invariant 9)', async () => {
    const refused = await answering(422, '{"errors":[{"code":"1","title":"t +12025550100","detail":"+12025550100"}]}');
    const error = asCarrierError(refused.error, 'telnyx', 'submit the order');
    expect(error).toBeInstanceOf(CarrierRefused);
    expect(error.message).toBe('Carrier telnyx refused to submit the order (code 1).');
    const limited = await answering(429, '{}');
    expect(asCarrierError(limited.error, 'telnyx', 'x')).toBeInstanceOf(CarrierUnavailable);
    const broken = await answering(502, '');
    expect(asCarrierError(broken.error, 'telnyx', 'x')).toBeInstanceOf(CarrierUnavailable);
  });
});
