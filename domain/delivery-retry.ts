const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** An event is tried again for so long after its first attempt. */
export const giveUpAfterMs = 72 * hour;

/** What is waited after each attempt that failed; after the last one of these again and again. */
const pauses = [5 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute, hour, 2 * hour, 4 * hour, 6 * hour];
/** So that what failed together is not tried again together. */
const jitter = 0.2;

/**
 * How long to wait before the next attempt, in milliseconds.
 * @param failures in a row so far, from 1
 * @param random from 0 to 1
 */
export function retryPauseMs(failures: number, random: number): number {
  const pause = pauses[Math.min(failures, pauses.length) - 1] ?? 0;
  return Math.round(pause * (1 + jitter * (2 * random - 1)));
}
