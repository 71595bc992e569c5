import express, { type Router } from 'express';
import type { Metrics } from '../metrics.ts';

/** A dependency that does not answer within this time is not ready. */
const patienceMs = 3_000;

/** For whoever watches the process. */
export function healthRoutes(dependencies: {
  /** What has to answer before requests can be served, by name. */
  readonly checks: Readonly<Record<string, () => Promise<unknown>>>;
  readonly metrics: Metrics;
}): Router {
  const { checks, metrics } = dependencies;
  const router = express.Router();

  router.get('/healthz', (_req, res) => {
    res.json({ status: 'alive' });
  });

  router.get('/readyz', async (_req, res) => {
    const answers = await Promise.all(
      Object.entries(checks).map(
        async ([name, check]) => [name, (await answersInTime(check)) ? 'ready' : 'not-ready'] as const,
      ),
    );
    const ready = answers.every(([, state]) => state === 'ready');
    res
      .status(ready ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ status: ready ? 'ready' : 'not-ready', checks: Object.fromEntries(answers) });
  });

  router.get('/metrics', async (_req, res) => {
    res.type(metrics.contentType).send(await metrics.text());
  });

  return router;
}

/** @returns whether it answered well and in time. */
async function answersInTime(check: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  try {
    return await Promise.race([check().then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
