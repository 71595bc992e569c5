import { once } from 'node:events';
import { type AddressInfo, connect, type Server } from 'node:net';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closesWhenRead } from '../../api/closing.ts';

let server: Server;
beforeEach(async () => {
  const app = express().use(closesWhenRead);
  app.post('/refused', (_req, res) => void res.status(413).json({ code: 'too-large' }));
  app.post('/taken', express.text({ limit: '20mb' }), (req, res) => void res.json({ length: req.body.length }));
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => void server.close());

/** Sends all, looks for the answer only then, and waits for the other side to close. */
async function send(path: string, version: string, bytes: number): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  const head = `POST ${path} HTTP/${version}\r\nHost: x\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${bytes}\r\n\r\n`;
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject).write(head + 'x'.repeat(bytes), (error) => (error ? reject(error) : resolve()));
  });
  let answer = '';
  socket.setEncoding('utf8').on('data', (part) => {
    answer += part;
  });
  await once(socket.resume(), 'close');
  return answer;
}

describe.each(['1.0', '1.1'])('a sender by HTTP/%s that wants its connection closed', (version) => {
  it('sees why its large body is refused, also when it looks only at the end', async () => {
    expect(await send('/refused', version, 12 * 1024 * 1024)).toMatch(/^HTTP\/1\.1 413 [\s\S]*too-large/);
  });

  it('gets what it asked for, and the connection is closed', async () => {
    expect(await send('/taken', version, 100)).toMatch(/^HTTP\/1\.1 200 [\s\S]*{"length":100}/);
  });
});
