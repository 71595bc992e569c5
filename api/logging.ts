import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { routeOf } from './route-name.ts';

declare module 'express-serve-static-core' {
  interface Request {
    /** Answered as X-Request-Id, and in every problem. */
    id: string;
  }
}

/**
 * Logs every answered request: method, route template, status, duration, id. Never the address, which can hold a number, nor
 * query, headers or body (invariant 9). The id is answered as X-Request-Id.
 */
export function logRequests(logger: Logger): RequestHandler {
  return (req, res, next) => {
    const begun = performance.now();
    req.id = randomUUID();
    res.setHeader('X-Request-Id', req.id);
    res.once('close', () => {
      const level = res.errored || res.statusCode >= 500 ? 'warn' : 'debug';
      if (!logger.isLevelEnabled(level)) return;
      const ms = Math.round(performance.now() - begun);
      logger[level](
        { requestId: req.id, method: req.method, route: routeOf(req), status: res.statusCode, ms },
        'answered',
      );
    });
    next();
  };
}
