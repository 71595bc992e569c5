import { Counter, Histogram, type Registry } from 'prom-client';
import type { RecipientMeter } from '../activities/recipients.ts';

/** What Prometheus reads about the verification of recipients: the share of texts verified, look-ups by outcome, the time that they add. */
export function recipientMetrics(registry: Registry): RecipientMeter {
  const registers = [registry];
  const texts = new Counter({
    name: 'portsms_recipient_checks_total',
    help: 'Texts admitted, by how well the number of their recipient was known.',
    labelNames: ['check'] as const,
    registers,
  });
  const lookUps = new Histogram({
    name: 'portsms_recipient_look_up_seconds',
    help: 'Look-ups of recipients in the portability database, by outcome.',
    labelNames: ['outcome'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1],
    registers,
  });
  const added = new Histogram({
    name: 'portsms_recipient_added_seconds',
    help: 'Time that look-ups added to the admission of a bulk, or of a lone text.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2],
    registers,
  });
  return {
    lookUp: (outcome, ms) => lookUps.observe({ outcome }, ms / 1000),
    added: (ms) => added.observe(ms / 1000),
    texts: (check, count) => texts.inc({ check }, count),
  };
}
