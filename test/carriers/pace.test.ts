import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pace } from '../../carriers/pace.ts';

/** One thing that happens to a limiter. */
const step = fc.record({
  waitMs: fc.integer({ min: 0, max: 700 }),
  want: fc.integer({ min: 1, max: 50 }),
  /** What becomes of what was taken, and how much later. */
  back: fc.boolean(),
  heldMs: fc.integer({ min: 0, max: 1500 }),
});

/** Most that was written in any second, windows being half open. */
function mostInAnySecond(written: readonly (readonly [at: number, tokens: number])[]): number {
  const within = written.map(([start]) =>
    written.filter(([at]) => at >= start && at < start + 1000).reduce((sum, [, tokens]) => sum + tokens, 0),
  );
  return Math.max(0, ...within);
}

describe('Pace', () => {
  it('never lets more than its rate through in any second, whatever is taken, kept, written and given back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.array(step, { maxLength: 80 }), (rate, steps) => {
        let now = 0;
        const pace = new Pace(rate, () => now);
        const open: { tokens: number; back: boolean; at: number }[] = [];
        const written: [at: number, tokens: number][] = [];
        const settle = () => {
          for (const taken of open.filter(({ at }) => at <= now)) {
            open.splice(open.indexOf(taken), 1);
            if (taken.back) pace.giveBack(taken.tokens);
            else {
              pace.spend(taken.tokens);
              written.push([now, taken.tokens]);
            }
          }
        };
        for (const { waitMs, want, back, heldMs } of steps) {
          now += waitMs;
          settle();
          const tokens = Math.min(want, pace.available());
          if (tokens === 0) continue;
          pace.take(tokens);
          open.push({ tokens, back, at: now + heldMs });
        }
        now += 2000;
        settle();
        expect(mostInAnySecond(written)).toBeLessThanOrEqual(rate);
      }),
    );
  });

  it('holds its rate while shares of it pass from one worker to another and back (invariant 8)', () => {
    const change = fc.record({ waitMs: fc.integer({ min: 0, max: 600 }), share: fc.integer({ min: 0, max: 4 }) });
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 400 }), fc.array(change, { maxLength: 40 }), (rate, changes) => {
        let now = 0;
        const clock = () => now;
        const workers = [new Pace(0, clock), new Pace(0, clock)] as const;
        const held: [number, number] = [0, 0];
        const spentAt = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
        const written: [at: number, tokens: number][] = [];
        const spendAll = () => {
          for (const [index, pace] of workers.entries()) {
            const tokens = pace.available();
            if (tokens === 0) continue;
            pace.take(tokens);
            pace.spend(tokens);
            spentAt[index] = now;
            written.push([now, tokens]);
          }
        };
        for (const [turn, { waitMs, share }] of changes.entries()) {
          for (const until = now + waitMs; now < until; now += 10) spendAll();
          const [giver, taker] = turn % 2 ? [1, 0] : [0, 1];
          // The giver uses less at once; the taker has it when what was written under the old share is a second ago.
          held[giver] = Math.min(held[giver] ?? 0, share);
          workers[giver]?.setRate((rate * (held[giver] ?? 0)) / 4);
          const from = (spentAt[giver] ?? 0) + 1000;
          while (now < from) {
            const other = workers[taker]?.available() ?? 0;
            workers[taker]?.take(other);
            workers[taker]?.spend(other);
            if (other > 0) {
              spentAt[taker] = now;
              written.push([now, other]);
            }
            now += 10;
          }
          held[taker] = 4 - (held[giver] ?? 0);
          workers[taker]?.setRate((rate * (held[taker] ?? 0)) / 4);
        }
        expect(mostInAnySecond(written)).toBeLessThanOrEqual(rate);
      }),
      { numRuns: 50 },
    );
  });

  it('reaches its rate in the long run', () => {
    let now = 0;
    const pace = new Pace(97, () => now);
    let sent = 0;
    for (; now < 60_000; now += 7) {
      const tokens = pace.available();
      pace.take(tokens);
      pace.spend(tokens);
      sent += tokens;
    }
    expect(sent).toBeGreaterThan(97 * 60 * 0.98);
    expect(sent).toBeLessThanOrEqual(97 * 60 + pace.burst);
  });

  it('lets one segment through in each two seconds at half a segment per second', () => {
    let now = 0;
    const pace = new Pace(0.5, () => now);
    const sentAt: number[] = [];
    for (; now <= 10_000; now += 50) {
      if (!pace.isReadyFor(1)) continue;
      pace.take(1);
      pace.spend(1);
      sentAt.push(now);
    }
    expect(sentAt).toEqual([0, 2000, 4000, 6000, 8000, 10_000]);
  });

  it('pays back what was taken beyond the burst', () => {
    let now = 0;
    const pace = new Pace(10, () => now);
    pace.take(21);
    pace.spend(21);
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

  it('gives nothing at a rate of 0, and begins without a burst when it has one', () => {
    let now = 0;
    const pace = new Pace(0, () => now);
    now = 10_000;
    expect([pace.available(), pace.isReadyFor(1)]).toEqual([0, false]);
    pace.setRate(100);
    expect(pace.available()).toBe(0);
    now = 10_100;
    expect(pace.available()).toBe(10);
  });
});
