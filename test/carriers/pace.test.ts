import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pace } from '../../carriers/pace.ts';

describe('Pace', () => {
  it('lets through at most the rate and one burst in any second, whatever is taken and given back', () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 400 }),
      want: fc.integer({ min: 1, max: 50 }),
      back: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 500 }), fc.array(step, { maxLength: 100 }), (rate, steps) => {
        let now = 0;
        const pace = new Pace(rate, () => now);
        const taken: [at: number, tokens: number][] = [];
        for (const { waitMs, want, back } of steps) {
          now += waitMs;
          const tokens = Math.min(want, pace.available());
          pace.take(tokens);
          if (back) pace.giveBack(tokens);
          else taken.push([now, tokens]);
        }
        for (const [start] of taken) {
          const within = taken
            .filter(([at]) => at >= start && at < start + 1000)
            .reduce((sum, [, tokens]) => sum + tokens, 0);
          expect(within).toBeLessThanOrEqual(rate + pace.burst + 1e-6);
        }
      }),
    );
  });

  it('pays back what was taken beyond the burst', () => {
    let now = 0;
    const pace = new Pace(10, () => now);
    pace.take(21);
    expect(pace.msUntil(1)).toBeCloseTo(2_100);
    now = 2_000;
    expect(pace.available()).toBe(0);
    now = 2_100;
    expect(pace.available()).toBe(1);
  });

  it('gives nothing during a pause and no burst after it', () => {
    let now = 0;
    const pace = new Pace(100, () => now);
    pace.pause(1_000);
    now = 1_000;
    expect(pace.available()).toBe(0);
    now = 1_050;
    expect(pace.available()).toBe(5);
  });
});
