import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { routeOf } from './route-name.ts';

/**
 * Logs every answered request: method, route template, status, duration, id. Never the address, which can hold a number, nor
 * query, headers or body (invariant 9). The id is answered as X-Request-Id.
 */
export function logRequests(logger: Logger): RequestHandler {
  return pinoHttp<Request, Response>({
    logger,
    genReqId: (_req, res) => {
      const id = randomUUID();
      res.setHeader('X-Request-Id', id);
      return id;
    },
    // Nothing is bound to the request's own logger, and what stands in a line is chosen here alone.
    quietReqLogger: true,
    serializers: { req: () => undefined, res: () => undefined },
    customAttributeKeys: { reqId: 'requestId', responseTime: 'ms' },
    customProps: (req, res) => ({ method: req.method, route: routeOf(req), status: res.statusCode }),
    customSuccessMessage: () => 'answered',
    customErrorMessage: () => 'answered',
    customErrorObject: (req, res, _error, value: { responseTime?: number }) => ({
      requestId: req.id,
      method: req.method,
      route: routeOf(req),
      status: res.statusCode,
      ms: value.responseTime,
    }),
    customLogLevel: (_req, res, error) => (error || res.statusCode >= 500 ? 'warn' : 'debug'),
  });
}
