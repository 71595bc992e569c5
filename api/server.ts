import { createServer, type RequestListener, type Server } from 'node:http';

/** Longer than the keep-alive of usual proxies, so that a reused connection is not closed under a request. */
const keepAliveMs = 65_000;
/** The head of a request that has not arrived by then never will; its body: api/arrival.ts. */
const headersMs = 30_000;

/**
 * Serves HTTP.
 * @param port 0 takes a free one
 * @throws Error when the port is taken
 */
export function listen(app: RequestListener, port: number): Promise<Server> {
  const server = createServer({ keepAliveTimeout: keepAliveMs, headersTimeout: headersMs, requestTimeout: 0 }, app);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

/** Takes no new requests, lets those that are under way end for at most `graceMs`, then cuts them off. */
export function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    // Of itself it would wait for every connection that is kept alive.
    server.closeIdleConnections();
  });
}
