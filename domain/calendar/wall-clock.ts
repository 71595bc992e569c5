import { DateTime } from 'luxon';

/** A time of day, as a clock on the wall shows it. */
export interface WallTime {
  readonly hour: number;
  readonly minute?: number;
  readonly second?: number;
  readonly millisecond?: number;
}

/**
 * The instant at which the clocks of a zone show a time on a day. When they are set back and show it twice: the first. When they are set
 * forward and never show it: the instant at which they are. So a later time of day is never an earlier instant.
 * @param isoDate the day, like 2026-03-08
 * @param time up to 24:00, the end of the day
 */
export function atWallClock(isoDate: string, time: WallTime, zone: string): Date {
  const { hour, minute = 0, second = 0, millisecond = 0 } = time;
  const [year, month, day] = isoDate.split('-').map(Number);
  if (hour === 24) return new Date(DateTime.fromISO(isoDate, { zone }).plus({ days: 1 }).startOf('day').toMillis());
  const shown = DateTime.fromObject({ year, month, day, hour, minute, second, millisecond }, { zone });
  if (shown.hour === hour && shown.minute === minute) {
    return new Date(Math.min(...shown.getPossibleOffsets().map((each) => each.toMillis())));
  }
  return new Date(clockChange(shown.toMillis(), zone));
}

/** When the clocks were set forward, within the hours before an instant. */
function clockChange(before: number, zone: string): number {
  const offset = (ms: number) => DateTime.fromMillis(ms, { zone }).offset;
  const after = offset(before);
  let low = before - 3 * 3600_000;
  let high = before;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offset(middle) === after) high = middle;
    else low = middle;
  }
  return high;
}
