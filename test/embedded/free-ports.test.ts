import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePorts, freeUdpPort, isTaken } from '../../embedded/free-ports.ts';

/** The first port that this system gives to outgoing connections; macOS says 49152. */
async function firstOfConnections(): Promise<number> {
  const told = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '49152');
  return Number.parseInt(told, 10);
}

test('free ports are all different, and none that the system may give to a connection meanwhile', async () => {
  const ports = await freePorts(100);
  expect(new Set(ports).size).toBe(100);
  expect(Math.max(...ports, await freeUdpPort())).toBeLessThan(await firstOfConnections());
});

test('a port is taken from when something listens until it no longer does', async () => {
  const [port = 0] = await freePorts(1);
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  expect(await isTaken(port)).toBe(true);
  await new Promise((resolve) => server.close(resolve));
  expect(await isTaken(port)).toBe(false);
});
