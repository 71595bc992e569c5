/**
 * What one process may use of a carrier's totals (invariant 8). A carrier's limits are divided into slots: its sessions, or equal parts of
 * a window of requests. Whoever holds some of them has that part of the rate.
 */
export interface Allotment {
  /** Slots that are held; 0: nothing may be written and no session is kept. */
  readonly slots: number;
  /**
   * Up to when, as milliseconds on this process's own clocks: the monotonic one (`performance.now()`), and the wall clock, because the first
   * stands still while a machine sleeps. Nothing is written after either.
   */
  readonly until: { readonly monotonic: number; readonly wall: number };
}

/** What a process has that nobody gave less: everything, for ever. */
export const forever: Allotment['until'] = {
  monotonic: Number.POSITIVE_INFINITY,
  wall: Number.POSITIVE_INFINITY,
};

/** Whether an allotment still holds. */
export function holdsNow({ monotonic, wall }: Allotment['until']): boolean {
  return performance.now() < monotonic && Date.now() < wall;
}

/** What a process has that holds nothing. */
export const nothing: Allotment = {
  slots: 0,
  until: { monotonic: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY },
};
