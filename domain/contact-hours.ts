import { DateTime } from 'luxon';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** When people at a carrier's support are there. */
export interface ContactHours {
  /** IANA, e.g. `America/Chicago`. */
  readonly zone: string;
  readonly days: readonly Weekday[];
  /** `HH:MM` of their clocks; `to` is after `from`, at most `24:00`. */
  readonly from: string;
  readonly to: string;
}

/** The first moment at or after `now` at which somebody is there. Clock changes are the zone's. */
export function whenReachable(hours: ContactHours, now: Date): Date {
  const there = DateTime.fromJSDate(now, { zone: hours.zone });
  // The ninth day is for today's weekday when it is over already, and another one for a clock change.
  for (let days = 0; days <= 8; days++) {
    const day = there.startOf('day').plus({ days });
    if (!hours.days.includes(weekdays[day.weekday - 1] ?? 'mon')) continue;
    const opens = atClock(day, hours.from);
    if (there < opens) return opens.toJSDate();
    if (there < atClock(day, hours.to)) return now;
  }
  return now;
}

/** That time of the day by the clock on the wall, which a change of clocks moves. */
function atClock(day: DateTime, clock: string): DateTime {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour === 24 ? day.plus({ days: 1 }) : day.set({ hour, minute });
}
