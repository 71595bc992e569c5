import type { Request } from 'express';

/**
 * The template of the route that took a request, e.g. `/v1/numbers/:e164`: the only name under which logs and metrics know it,
 * since the address itself can hold a number (invariant 9).
 */
export function routeOf(req: Request): string {
  const path: unknown = req.route?.path;
  return typeof path === 'string' ? path : 'none';
}
