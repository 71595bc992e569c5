import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { simulatorPorts } from '../../embedded/simulator-ports.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('the simulator keeps its ports from start to start, until one of them is taken', async () => {
  const dataDir = temporaryFolder();
  const first = await simulatorPorts(dataDir);
  expect(Object.keys(first.smpp)).toEqual(['alpha', 'beta', 'gamma']);
  expect(new Set(Object.values(first.smpp)).size).toBe(3);
  expect(await simulatorPorts(dataDir)).toEqual(first);

  const socket = createSocket('udp4').bind(first.dns, '127.0.0.1');
  onTestFinished(() => void socket.close());
  await once(socket, 'listening');
  expect((await simulatorPorts(dataDir)).dns).not.toBe(first.dns);
});
