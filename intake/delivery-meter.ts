import { Counter, Histogram, type Registry } from 'prom-client';
import type { MessageKind } from '../domain/message.ts';

/** What this process sees of texts as it happens, for Prometheus. Labels say nothing of whose they are (invariant 9). */
export interface DeliveryMeter {
  /** A carrier answered a segment, or didn't. */
  answered(carrier: string, outcome: 'accepted' | 'rejected' | 'ambiguous' | 'unsent'): void;
  /** A receipt was applied to its text. */
  receipt(carrier: string, state: string): void;
  /** An attempt failed. @param code ours */
  failed(carrier: string, code: string, deliveryClass: string): void;
  /** A text was claimed for its first submission, so long after it was accepted. */
  waited(kind: MessageKind, ms: number): void;
}

export const noMeter: DeliveryMeter = {
  answered: () => undefined,
  receipt: () => undefined,
  failed: () => undefined,
  waited: () => undefined,
};

/** @param registry that of the process, once */
export function createDeliveryMeter(registry: Registry): DeliveryMeter {
  const registers = [registry];
  const answers = new Counter({
    name: 'portsms_segment_answers_total',
    help: 'Segments that were written to a carrier, by what it answered.',
    labelNames: ['carrier', 'outcome'] as const,
    registers,
  });
  const receipts = new Counter({
    name: 'portsms_receipts_total',
    help: 'Receipts that were applied to their texts, by their state (SMPP 3.4 §5.2.28).',
    labelNames: ['carrier', 'state'] as const,
    registers,
  });
  const failures = new Counter({
    name: 'portsms_attempt_failures_total',
    help: 'Attempts that failed, by our code and its class.',
    labelNames: ['carrier', 'code', 'class'] as const,
    registers,
  });
  const waits = new Histogram({
    name: 'portsms_submission_wait_seconds',
    help: 'Time from the acceptance of a text to its first submission.',
    labelNames: ['kind'] as const,
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 14_400],
    registers,
  });
  return {
    answered: (carrier, outcome) => answers.inc({ carrier, outcome }),
    receipt: (carrier, state) => receipts.inc({ carrier, state }),
    failed: (carrier, code, deliveryClass) => failures.inc({ carrier, code, class: deliveryClass }),
    waited: (kind, ms) => waits.observe({ kind }, ms / 1000),
  };
}
