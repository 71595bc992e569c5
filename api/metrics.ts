import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { routeOf } from './route-name.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** What Prometheus reads: the process itself, and how long requests take, by route template and status. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'portsms_http_request_duration_seconds',
    help: 'Time from the request to the end of its answer, by route template.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });

  return {
    contentType: registry.contentType,
    registry,
    text: () => registry.metrics(),

    /** Measures every request that passes. */
    measure: ((req, res, next) => {
      const stop = requests.startTimer();
      res.once('close', () => stop({ method: req.method, route: routeOf(req), status: res.statusCode }));
      next();
    }) satisfies RequestHandler,

    /** Shows how many accepted texts have no workflow yet. */
    watchUnstarted(count: () => number): void {
      new Gauge({
        name: 'portsms_messages_waiting_for_start',
        help: 'Texts accepted by this process whose workflow has not been started yet.',
        registers: [registry],
        collect() {
          this.set(count());
        },
      });
    },
  };
}
