import { DateTime } from 'luxon';
import { isHoliday } from './holidays.ts';
import type { Place } from './place.ts';
import { atWallClock } from './wall-clock.ts';

export interface BusinessHours {
  /** IANA zone by whose clocks the hours count. */
  readonly zone: string;
  /** Monday is 1, Sunday 7 (ISO 8601). */
  readonly weekdays: readonly number[];
  /** Hours of the wall clock, `to` up to 24. */
  readonly from: number;
  readonly to: number;
  /** Whose public holidays are no business days; absent: nobody's. */
  readonly holidays?: Place;
}

/** Longer than any row of days off; beyond it the calendar itself is wrong. */
const longestClosureDays = 60;

/** Opening hours over clock changes, weekends, holidays and year ends. A moment belongs to them from opening until before closing. */
export class BusinessCalendar {
  readonly hours: BusinessHours;

  constructor(hours: BusinessHours) {
    if (hours.weekdays.length === 0 || hours.from < 0 || hours.to > 24 || hours.from >= hours.to) {
      throw new RangeError(
        `Business hours from ${hours.from} to ${hours.to} on ${hours.weekdays.length} weekdays never open; check the calendar's row.`,
      );
    }
    this.hours = hours;
  }

  /** The day of the local calendar that a moment belongs to, like 2026-07-04. */
  dateOf(at: Date): string {
    return DateTime.fromJSDate(at, { zone: this.hours.zone }).toISODate() ?? '';
  }

  isBusinessDay(isoDate: string): boolean {
    const { weekdays, holidays } = this.hours;
    return weekdays.includes(DateTime.fromISO(isoDate).weekday) && !(holidays && isHoliday(holidays, isoDate));
  }

  isOpen(at: Date): boolean {
    const date = this.dateOf(at);
    return this.isBusinessDay(date) && at >= this.opening(date) && at < this.closing(date);
  }

  opening(isoDate: string): Date {
    return atWallClock(isoDate, { hour: this.hours.from }, this.hours.zone);
  }

  closing(isoDate: string): Date {
    return atWallClock(isoDate, { hour: this.hours.to }, this.hours.zone);
  }

  /** The moment itself if it is open then, else the first opening after it. */
  nextOpening(at: Date): Date {
    const date = this.dateOf(at);
    if (this.isBusinessDay(date) && at < this.closing(date)) {
      const opening = this.opening(date);
      return at < opening ? opening : at;
    }
    return this.opening(this.businessDayAfter(date));
  }

  /** The first business day after a day. */
  businessDayAfter(isoDate: string): string {
    let day = DateTime.fromISO(isoDate);
    for (let tried = 0; tried < longestClosureDays; tried += 1) {
      day = day.plus({ days: 1 });
      const date = day.toISODate() ?? '';
      if (this.isBusinessDay(date)) return date;
    }
    throw new RangeError(
      `No business day within ${longestClosureDays} days after ${isoDate}; check the calendar's row.`,
    );
  }

  /** So many business days after a day, which counts as day 0 even if it is none. */
  businessDaysAfter(isoDate: string, days: number): string {
    let date = isoDate;
    for (let passed = 0; passed < days; passed += 1) date = this.businessDayAfter(date);
    return date;
  }

  /** When so many hours of opening will have passed. What falls out at closing time ends then, not at the next opening. */
  addHours(at: Date, hours: number): Date {
    let open = this.nextOpening(at);
    let left = Math.round(hours * 3600_000);
    for (;;) {
      const closing = this.closing(this.dateOf(open));
      const today = closing.getTime() - open.getTime();
      if (left <= today) return new Date(open.getTime() + left);
      left -= today;
      open = this.nextOpening(closing);
    }
  }

  /** The same time of day so many business days later; what comes while it is closed counts from the next opening. */
  addDays(at: Date, days: number): Date {
    const open = this.nextOpening(at);
    if (days === 0) return open;
    const local = DateTime.fromJSDate(open, { zone: this.hours.zone });
    const { hour, minute, second, millisecond } = local;
    const target = this.businessDaysAfter(local.toISODate() ?? '', days);
    return atWallClock(target, { hour, minute, second, millisecond }, this.hours.zone);
  }
}
