import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createDeliveryMeter } from '../../intake/delivery-meter.ts';
import { createWorkerMetrics, freePort, serveMetrics } from '../../worker/metrics.ts';

test('a worker serves its own metrics and those of Temporal’s SDK under one address', async () => {
  const registry = createWorkerMetrics();
  const meter = createDeliveryMeter(registry);
  meter.answered('alpha', 'accepted');
  meter.receipt('alpha', 'DELIVRD');
  meter.failed('alpha', 'filtered', 'spam');
  meter.waited('otp', 700);
  const sdkPort = await freePort();
  const port = await freePort();
  const close = await serveMetrics(registry, port, sdkPort);
  const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

  expect(await read(), 'also while the SDK says nothing').toContain('process_cpu_seconds_total');
  const sdk = createServer((_request, response) => response.end('temporal_worker_start 1\n'));
  await new Promise<void>((resolve) => sdk.listen(sdkPort, '127.0.0.1', resolve));
  const text = await read();
  expect(text).toContain('temporal_worker_start 1');
  expect(text).toContain('portsms_segment_answers_total{carrier="alpha",outcome="accepted"} 1');
  expect(text).toContain('portsms_receipts_total{carrier="alpha",state="DELIVRD"} 1');
  expect(text).toContain('portsms_attempt_failures_total{carrier="alpha",code="filtered",class="spam"} 1');
  expect(text).toContain('portsms_submission_wait_seconds_bucket{le="1",kind="otp"} 1');
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);

  sdk.closeAllConnections();
  await Promise.all([close(), new Promise((resolve) => sdk.close(resolve))]);
});
