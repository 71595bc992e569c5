import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import express from 'express';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJson } from '../../api/json-body.ts';
import { problemHandler } from '../../api/problem.ts';
import { close, listen } from '../../api/server.ts';

let server: Server;
let port: number;
beforeAll(async () => {
  const app = express();
  app.post(
    '/',
    readJson(100_000),
    (req, res) => void res.json(req.body === undefined ? 'no body' : { read: req.body }),
  );
  app.use(problemHandler(pino({ enabled: false })));
  server = await listen(app, 0);
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => close(server, 100));

async function post(body: string | Buffer, headers: Record<string, string> = {}) {
  const all = { 'content-type': 'application/json', ...headers };
  const sent = typeof body === 'string' ? body : new Uint8Array(body);
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers: all, body: sent });
  const answer = (await response.json()) as { code?: string; read?: unknown };
  return [response.status, answer.code ?? answer.read ?? answer];
}

const told = { text: 'Grüße 👋' };
const json = JSON.stringify(told);

describe('a body is read, whichever way it comes:', () => {
  it.each<[string, string | Buffer, Record<string, string>]>([
    ['as it is', json, {}],
    ['with its charset', json, { 'content-type': 'application/json; charset=UTF-8' }],
    ['with a byte order mark', `\uFEFF${json}`, {}],
    ['compressed', gzipSync(json), { 'content-encoding': 'gzip' }],
    ['in UTF-16', Buffer.from(json, 'utf16le'), { 'content-type': 'application/json; charset=utf-16le' }],
  ])('%s', async (_, body, headers) => {
    expect(await post(body, headers)).toEqual([200, told]);
  });

  it('in many pieces, characters cut through', async () => {
    const bytes = Buffer.from(json);
    const socket = connect(port, '127.0.0.1').setNoDelay();
    const head = ['POST / HTTP/1.1', 'Host: x', 'Connection: close', 'Content-Type: application/json'];
    socket.write(`${head.join('\r\n')}\r\nContent-Length: ${bytes.length}\r\n\r\n`);
    for (const byte of bytes) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      socket.write(Buffer.from([byte]));
    }
    let answer = '';
    for await (const part of socket) answer += part;
    expect(answer).toContain(JSON.stringify({ read: told }));
  });

  it('larger than what counts as small', async () => {
    const long = { text: 'x'.repeat(90_000) };
    expect(await post(JSON.stringify(long))).toEqual([200, long]);
  });
});

describe('a body is turned down, with the same words whichever way it is read:', () => {
  it.each(['{"text": ', '"text"', 'null', '4', '[1,]'])('%s', async (body) => {
    const compressed = await post(gzipSync(body), { 'content-encoding': 'gzip' });
    expect([await post(body), compressed]).toEqual([
      [400, 'malformed-json'],
      [400, 'malformed-json'],
    ]);
  });

  it('larger than may be', async () => {
    expect(await post(JSON.stringify({ text: 'x'.repeat(100_000) }))).toEqual([413, 'body-too-large']);
  });

  it('of another type: it is left unread', async () => {
    expect(await post(json, { 'content-type': 'text/plain' })).toEqual([200, 'no body']);
  });
});
