import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DeliveryClass, deliveryClasses } from '../../domain/delivery-codes.ts';
import { retryDelayMs } from '../../domain/retry.ts';

const day = 86_400_000;
const minute = 60_000;

describe('retryDelayMs', () => {
  it.each<[DeliveryClass, number, number | undefined]>([
    ['recipient-temporary', 1, 1 * minute],
    ['recipient-temporary', 2, 5 * minute],
    ['recipient-temporary', 3, 30 * minute],
    ['recipient-temporary', 4, undefined],
    ['port-related', 1, 0],
    ['port-related', 2, 30_000],
    ['port-related', 4, 10 * minute],
    ['port-related', 5, undefined],
    ['unknown', 1, 5 * minute],
    ['unknown', 2, undefined],
    ['throttled', 1, 1_000],
    ['throttled', 3, 4_000],
    ['throttled', 99, 512_000],
    ['system', 1, 2_000],
    ['system', 8, 256_000],
    ['system', 9, undefined],
  ])('%s after try %i waits at most %s ms', (deliveryClass, attempt, most) => {
    const limits = { remainingMs: day };
    const nearlyAll = retryDelayMs(deliveryClass, attempt, 1 - Number.EPSILON, limits);
    if (most === undefined) expect(nearlyAll).toBeUndefined();
    else {
      expect(nearlyAll).toBeGreaterThanOrEqual(Math.max(0, most - 1));
      expect(nearlyAll).toBeLessThanOrEqual(most);
      expect(retryDelayMs(deliveryClass, attempt, 0, limits)).toBe(0);
    }
  });

  it('never cuts short what the carrier asked for', () => {
    expect(retryDelayMs('throttled', 1, 0, { remainingMs: day, retryAfterMs: 7_000 })).toBe(7_000);
    expect(retryDelayMs('throttled', 1, 0.5, { remainingMs: day, retryAfterMs: 7_000 })).toBe(7_500);
    expect(retryDelayMs('system', 1, 0, { remainingMs: day, retryAfterMs: 7_000 })).toBe(7_000);
    expect(retryDelayMs('throttled', 1, 0, { remainingMs: 7_000, retryAfterMs: 7_000 })).toBeUndefined();
  });

  it('draws a wait longer than the validity from the validity', () => {
    expect(retryDelayMs('recipient-temporary', 3, 0.5, { remainingMs: 2 * minute })).toBe(minute);
  });

  it.each<DeliveryClass>(['spam', 'permanent', 'opt-out', 'sender-fault', 'ambiguous', 'expired'])(
    'never tries %s again (invariant 5: submitting is never repeated blindly)',
    (deliveryClass) => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 100 }),
          fc.nat(day),
          fc.nat(day),
          (attempt, remainingMs, retryAfterMs) => {
            expect(retryDelayMs(deliveryClass, attempt, 0, { remainingMs, retryAfterMs })).toBeUndefined();
          },
        ),
      );
    },
  );

  it('waits never less than nothing, and always ends within the validity', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...deliveryClasses),
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: -day, max: 7 * day }),
        fc.option(fc.integer({ min: -1000, max: day }), { nil: undefined }),
        (deliveryClass, attempt, random, remainingMs, retryAfterMs) => {
          const delay = retryDelayMs(deliveryClass, attempt, random, {
            remainingMs,
            ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
          });
          if (delay === undefined) return;
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThan(remainingMs);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
