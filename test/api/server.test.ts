import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, it } from 'vitest';
import { close, listen } from '../../api/server.ts';

it('makes requests and answers as Express wants them, so that it has nothing to change about them', async () => {
  const app = express();
  const seen: unknown[][] = [];
  app.post('/', (req, res) => {
    seen.push([Object.getPrototypeOf(req), Object.getPrototypeOf(res)]);
    res.status(202).json({ ip: req.ip, is: req.is('text/plain') });
  });
  const server = await listen(app, 0);
  server.prependListener('request', (req, res) => seen.push([Object.getPrototypeOf(req), Object.getPrototypeOf(res)]));
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'x' });
  expect([response.status, await response.json()]).toEqual([202, { ip: expect.any(String), is: 'text/plain' }]);
  const [before, during] = seen;
  expect(before?.[0]).toBe(during?.[0]);
  expect(before?.[1]).toBe(during?.[1]);
  await close(server, 100);
});
