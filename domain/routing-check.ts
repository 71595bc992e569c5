import type { DriftKind } from './routing-drift.ts';

const minuteMs = 60_000;
/** A number that has just moved is compared with the world so soon; milliseconds. */
export const firstCheckMs = 10 * minuteMs;
const ordinaryMs = 24 * 60 * minuteMs;
/** While something is wrong it is looked at this often. */
const driftingMs = 60 * minuteMs;

/**
 * When a number is to be compared with the database and its carrier again. After a move the looks come at growing distances, each
 * half as long as the move is ago: about ten in the first two days, in which a snap-back or a database that falls back would show.
 * @param movedAt the end of its last move
 * @returns milliseconds from now
 */
export function nextCheckMs(now: Date, movedAt: Date | undefined, drift: DriftKind | undefined): number {
  const sinceMove = movedAt ? Math.max(0, now.getTime() - movedAt.getTime()) : ordinaryMs * 2;
  const pause = Math.min(ordinaryMs, Math.max(firstCheckMs, sinceMove / 2));
  return drift ? Math.min(driftingMs, pause) : pause;
}
