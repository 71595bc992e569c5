import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { collectDefaultMetrics, Registry } from 'prom-client';

/** The worker's own registry: parts of the worker register their counters in it. */
export function createWorkerMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** A port of this machine that nobody uses now: for the metrics of Temporal's SDK, which only it can serve. */
export async function freePort(): Promise<number> {
  const server = createSocketServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/**
 * Serves `/metrics` for Prometheus: what is in the registry, and below it what Temporal's SDK says of itself.
 * @param sdkPort where the SDK serves its own
 * @returns closes it
 */
export async function serveMetrics(registry: Registry, port: number, sdkPort: number): Promise<() => Promise<void>> {
  const server = createServer(async (request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    const [own, sdk] = await Promise.all([registry.metrics(), metricsOfSdk(sdkPort)]);
    response.writeHead(200, { 'content-type': registry.contentType }).end(`${own}\n${sdk}`);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, resolve));
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}

/** Nothing, while the SDK has nothing to say. */
async function metricsOfSdk(port: number): Promise<string> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(2000) });
    return answer.ok ? await answer.text() : '';
  } catch {
    return '';
  }
}
