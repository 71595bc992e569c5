import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { recipientMetrics } from '../../worker/recipient-metrics.ts';

test('the share of texts verified, look-ups and the time that they add can be read', async () => {
  const registry = new Registry();
  const meter = recipientMetrics(registry);
  meter.texts('fresh', 3);
  meter.texts('verified', 1);
  meter.lookUp('answered', 4);
  meter.lookUp('late', 300);
  meter.added(301);
  const text = await registry.metrics();
  expect(text).toContain('portsms_recipient_checks_total{check="fresh"} 3');
  expect(text).toContain('portsms_recipient_look_up_seconds_count{outcome="late"} 1');
  expect(text).toContain('portsms_recipient_look_up_seconds_bucket{le="0.005",outcome="answered"} 1');
  expect(text).toContain('portsms_recipient_added_seconds_sum 0.301');
});
