import { describe, expect, it } from 'vitest';
import { BreakerWindow, carrierFailed, closedBreaker, opened } from '../../domain/breaker.ts';

const minute = 60_000;

function windowOf(samples: readonly [count: number, failed: boolean, ms?: number][], at = 1000): BreakerWindow {
  const window = new BreakerWindow();
  for (const [count, failed, ms = 10] of samples) {
    for (let each = 0; each < count; each++) window.add({ failed, ms }, at);
  }
  return window;
}

describe('a carrier counts as out of order', () => {
  it.each([
    [
      'when more than half failed',
      windowOf([
        [11, true],
        [9, false],
      ]),
      'failing',
    ],
    [
      'not when half failed',
      windowOf([
        [10, true],
        [10, false],
      ]),
      undefined,
    ],
    ['not by fewer than 20 texts', windowOf([[19, true]]), undefined],
    [
      'when its p95 is above 10 s',
      windowOf([
        [18, false],
        [2, false, 10_001],
      ]),
      'slow',
    ],
    [
      'not when one of 20 is',
      windowOf([
        [19, false],
        [1, false, 10_001],
      ]),
      undefined,
    ],
    ['not at exactly 10 s', windowOf([[20, false, 10_000]]), undefined],
  ] as const)('%s', (_, window, verdict) => expect(window.verdict(2000)).toBe(verdict));

  it('for a minute at most: what is older says nothing', () => {
    const window = windowOf([[30, true]]);
    expect(window.verdict(minute)).toBe('failing');
    expect(window.verdict(minute + 1000)).toBeUndefined();
  });
});

describe('what an answer says of its carrier', () => {
  it.each([
    ['accepted', undefined, false],
    ['ambiguous', undefined, true],
    ['unsent', undefined, undefined],
    ['rejected', 'system', true],
    ['rejected', 'ambiguous', true],
    ['rejected', 'throttled', undefined],
    // The recipient's, the sender's or the text's fault.
    ['rejected', 'permanent', false],
    ['rejected', 'recipient-temporary', false],
    ['rejected', 'opt-out', false],
    ['rejected', 'spam', false],
    ['rejected', 'sender-fault', false],
  ] as const)('%s %s → failed: %s', (outcome, deliveryClass, failed) =>
    expect(carrierFailed(outcome, deliveryClass)).toBe(failed),
  );
});

it('the pause doubles from 30 s to 10 minutes while the carrier does not recover', () => {
  const now = new Date(0);
  let state = closedBreaker;
  const pauses: (number | undefined)[] = [];
  for (let each = 0; each < 7; each++) {
    state = opened(state, 'failing', now);
    pauses.push(state.until && state.until.getTime() / 1000);
  }
  expect(pauses).toEqual([30, 60, 120, 240, 480, 600, 600]);
});
