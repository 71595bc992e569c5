import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../config/config.ts';
import { freePorts } from '../../embedded/free-ports.ts';
import { SERVICE_NAMES } from '../../embedded/launch.ts';
import { checkPorts } from '../../embedded/port-check.ts';

async function configuration(changes: Record<string, string> = {}) {
  const names = ['PORT', 'SIMULATOR_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'MONGODB_PORT'];
  const ports = await freePorts(names.length);
  return loadConfig({ ...Object.fromEntries(names.map((name, i) => [name, `${ports[i]}`])), ...changes });
}

function occupy(host: string | undefined): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen({ port: 0, host }, () => resolve((server.address() as { port: number }).port));
    onTestFinished(() => void server.close());
  });
}

test('free ports pass', async () => {
  await checkPorts(await configuration(), SERVICE_NAMES);
});

test.each([
  ['on the loopback address', '127.0.0.1'],
  ['on all addresses', undefined],
])('a port that is taken %s is one line with its variable', async (_, host) => {
  const port = await occupy(host);
  await expect(checkPorts(await configuration({ MONGODB_PORT: `${port}` }), SERVICE_NAMES)).rejects.toThrow(
    new RegExp(`^Port ${port} \\(MONGODB_PORT\\) is taken by another program: .*MONGODB_URI.*$`),
  );
});

test('a port of a part that is not started may be taken', async () => {
  const port = await occupy('127.0.0.1');
  await checkPorts(await configuration({ MONGODB_PORT: `${port}` }), ['temporal', 'api']);
});

test('two parts that want one port are told so', async () => {
  const [port] = await freePorts(1);
  const config = await configuration({ PORT: `${port}`, TEMPORAL_UI_PORT: `${port}` });
  await expect(checkPorts(config, SERVICE_NAMES)).rejects.toThrow(
    `Port ${port} is wanted twice, by PORT and TEMPORAL_UI_PORT: set one of them to another port.`,
  );
});
