import { DateTime } from 'luxon';
import { atWallClock } from './calendar/wall-clock.ts';

/** Hours in which a carrier activates on demand; `from` and `to` are hours of the zone's wall clock, `to` up to 24. */
export type ActivationHours = 'always' | { readonly zone: string; readonly from: number; readonly to: number };

export interface ActivationWindow {
  readonly opensAt: Date;
  /** Absent when it stays open. */
  readonly closesAt?: Date;
}

/**
 * The window in which an order may be activated on demand next, or that is open now: never before its agreed date.
 * @param onDateOnly there is one window only, that of the agreed date: it is given even when it has passed
 */
export function activationWindow(
  hours: ActivationHours,
  focAt: Date,
  now: Date,
  onDateOnly: boolean,
): ActivationWindow {
  if (hours === 'always') return { opensAt: focAt };
  const { zone, from, to } = hours;
  for (let day = DateTime.fromJSDate(focAt, { zone }); ; day = day.plus({ days: 1 })) {
    const date = day.toISODate() ?? '';
    const opens = atWallClock(date, { hour: from }, zone);
    const closes = atWallClock(date, { hour: to }, zone);
    // A date after the hours of its day is meant for those of the next.
    if (closes <= focAt || (closes <= now && !onDateOnly)) continue;
    return { opensAt: opens < focAt ? focAt : opens, closesAt: closes };
  }
}
