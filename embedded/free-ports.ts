import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';

/**
 * Where free ports are looked for: below those that Linux (32768 and up) and macOS (49152 and up) give to outgoing connections. A port
 * that the system itself chooses, as for `listen(0)`, may belong to somebody's connection by the time that our server wants it.
 */
const range = { first: 10_000, last: 32_767 } as const;

/** Ports on 127.0.0.1 that nothing listened on a moment ago, all different; at random, so that two who look at once find different ones. */
export function freePorts(count: number): Promise<number[]> {
  return notTaken(count, isTaken);
}

/** True when something listens on the port already, on the loopback address or on all. */
export async function isTaken(port: number): Promise<boolean> {
  // Both, since an address of its own and the wildcard may stand side by side on some systems.
  for (const host of ['127.0.0.1', undefined]) {
    try {
      await close(await listen(port, host));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return true;
      throw error;
    }
  }
  return false;
}

/** A UDP port on 127.0.0.1 that was free a moment ago. */
export async function freeUdpPort(): Promise<number> {
  const [port = 0] = await notTaken(1, isUdpTaken);
  return port;
}

/** True when the UDP port on 127.0.0.1 is in use. */
export async function isUdpTaken(port: number): Promise<boolean> {
  try {
    await closeSocket(await bind(port));
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return true;
    throw error;
  }
}

async function notTaken(count: number, taken: (port: number) => Promise<boolean>): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(range.first, range.last + 1);
    if (!found.has(port) && !(await taken(port))) found.add(port);
  }
  return [...found];
}

function listen(port: number, host: string | undefined): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function bind(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(port, '127.0.0.1', () => resolve(socket));
  });
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(() => resolve());
  });
}
