import type { DeliveryClass } from './delivery-codes.ts';
import facts from './facts/delivery-classes.json' with { type: 'json' };

const planOf = new Map(facts.rows.map((row) => [row.class, row]));

export interface RetryLimits {
  /** What the carrier asked for (`Retry-After`). */
  readonly retryAfterMs?: number;
  /** How long the text is still valid. */
  readonly remainingMs: number;
}

/**
 * How long to wait before a text is tried again, by the class of its failure (facts/delivery-classes.json).
 *
 * Waits have full jitter: anything between nothing and the listed wait, so that texts that failed together do not return
 * together. A wait that is longer than the validity is drawn from the validity instead; what the carrier asked for is never
 * cut short, the jitter is added to it.
 * @param attempt tries so far, the failed one included: 1 after the first
 * @param random in [0, 1)
 * @returns milliseconds, less than `remainingMs`; undefined when the text is not to be tried again
 */
export function retryDelayMs(
  deliveryClass: DeliveryClass,
  attempt: number,
  random: number,
  limits: RetryLimits,
): number | undefined {
  const plan = planOf.get(deliveryClass);
  if (!plan || limits.remainingMs < facts.leastRemainingMs) return undefined;
  const wait = plan.waitsMs[attempt - 1] ?? (plan.repeatLast ? plan.waitsMs.at(-1) : undefined);
  if (wait === undefined) return undefined;
  const asked = plan.honoursRetryAfter ? Math.max(0, limits.retryAfterMs ?? 0) : 0;
  if (asked >= limits.remainingMs) return undefined;
  return Math.floor(asked + random * Math.min(wait, limits.remainingMs - asked));
}
