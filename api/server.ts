import { createServer, IncomingMessage, type Server, type ServerOptions, ServerResponse } from 'node:http';
import type { Express } from 'express';

/** Longer than the keep-alive of usual proxies, so that a reused connection is not closed under a request. */
const keepAliveMs = 65_000;
/** The head of a request that has not arrived by then never will; its body: api/arrival.ts. */
const headersMs = 30_000;

/**
 * Serves HTTP.
 * @param port 0 takes a free one
 * @throws Error when the port is taken
 */
export function listen(app: Express, port: number): Promise<Server> {
  const times = { keepAliveTimeout: keepAliveMs, headersTimeout: headersMs, requestTimeout: 0 };
  const server = createServer({ ...times, ...classesFor(app) }, app);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

/**
 * What requests and answers are made as. Express gives each of them another prototype when it comes, upon which V8 knows nothing any more of
 * what it had learnt about such objects: that was nearly half of what a small request cost. These have the right one from the first.
 */
function classesFor(app: Express): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  class ApiRequest extends IncomingMessage {}
  class ApiResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
  const { request, response } = app as unknown as { readonly request: object; readonly response: object };
  Object.setPrototypeOf(ApiRequest.prototype, request);
  Object.setPrototypeOf(ApiResponse.prototype, response);
  Object.assign(app, { request: ApiRequest.prototype, response: ApiResponse.prototype });
  return { IncomingMessage: ApiRequest, ServerResponse: ApiResponse };
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
