import fc from 'fast-check';
import { expect, it } from 'vitest';
import { giveUpAfterMs, retryPauseMs } from '../../domain/delivery-retry.ts';

it('waits ever longer, from some seconds to some hours, and a dozen attempts fit into the three days', () => {
  const pauses = Array.from({ length: 12 }, (_, i) => retryPauseMs(i + 1, 0.5));
  expect(pauses[0]).toBe(5000);
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  expect(pauses.at(-1)).toBe(6 * 3600_000);
  expect(pauses.reduce((a, b) => a + b)).toBeLessThan(giveUpAfterMs);
  expect(giveUpAfterMs).toBe(3 * 24 * 3600_000);
});

it('varies by a fifth, so that what failed together is not tried again together', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const [pause, middle] = [retryPauseMs(failures, random), retryPauseMs(failures, 0.5)];
      expect(pause).toBeGreaterThanOrEqual(Math.floor(middle * 0.8));
      expect(pause).toBeLessThanOrEqual(Math.ceil(middle * 1.2));
    }),
  );
});
