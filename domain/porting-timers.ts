import type { CalendarName } from './calendar/calendars.ts';
import type { Confidence } from './delivery-codes.ts';
import rows from './facts/porting-timers.json' with { type: 'json' };
import type { PhoneNumberType } from './phone-number.ts';

/** What a timer is for; `advice` starts no clock of an order, and is shown. */
export type TimerClock =
  | 'answer'
  | 'concurrence'
  | 'earliestFoc'
  | 'latestFoc'
  | 'supplementCutOff'
  | 'cancelCutOff'
  | 'activationHours'
  | 'dead'
  | 'conflictResolvable'
  | 'conflictExpires'
  | 'snapBack'
  | 'advice';

/** `hours` and `days` pass always, the others in a calendar's business hours only. */
export type TimerUnit = 'hours' | 'days' | 'business-hours' | 'business-days';

/** One timer of the trade: for whom, how long, and where that is from. What isn't given holds for all. */
export interface PortingTimer {
  readonly id: string;
  readonly clock: TimerClock;
  /** ISO 3166 alpha-2. */
  readonly countries?: readonly string[];
  readonly types?: readonly PhoneNumberType[];
  readonly simple?: boolean;
  readonly wireless?: boolean;
  /** Of the gaining carrier: the row is that carrier's own limit. */
  readonly adapters?: readonly string[];
  readonly amount?: number;
  readonly unit?: TimerUnit;
  readonly calendar?: CalendarName;
  /** Hour of the calendar's clock until which a request counts as received on that business day. */
  readonly receivedBy?: number;
  /** The local midnight at which the time begins or ends, where it isn't the time of day of the request. */
  readonly at?: 'start-of-day' | 'end-of-day';
  /** NPAC's name of a concurrence timer. */
  readonly timers?: 'long' | 'medium' | 'short';
  /** On-demand hours of the wall clock. */
  readonly hours?: { readonly zone: string; readonly from: number; readonly to: number };
  /** On-demand activation is possible on the agreed date only. */
  readonly onDateOnly?: boolean;
  readonly meaning: string;
  readonly source: string;
  readonly verifiedAt: string;
  /** Read at the source, known in the trade, uncertain. */
  readonly confidence: Confidence;
}

/** By which timers are chosen. */
export interface TimerSubject {
  readonly country: string;
  readonly type: PhoneNumberType;
  readonly simple: boolean;
  readonly wireless: boolean;
  /** The gaining carrier's; absent when nobody knows yet who gains. */
  readonly adapter?: string;
}

// That the rows have this form is proven by test/domain/porting-timers.test.ts.
export const portingTimers = rows.rows as readonly PortingTimer[];

/** Every timer that holds for such a port: of each clock the first row that fits, and all advice. */
export function timersOf(subject: TimerSubject): PortingTimer[] {
  const seen = new Set<TimerClock>();
  return portingTimers.filter((timer) => {
    if (!fits(timer, subject) || seen.has(timer.clock)) return false;
    if (timer.clock !== 'advice') seen.add(timer.clock);
    return true;
  });
}

/** The timer behind one clock of such a port. */
export function timerOf(clock: TimerClock, subject: TimerSubject): PortingTimer | undefined {
  return portingTimers.find((timer) => timer.clock === clock && fits(timer, subject));
}

function fits(timer: PortingTimer, { country, type, simple, wireless, adapter }: TimerSubject): boolean {
  const { countries, types, adapters } = timer;
  return (
    (countries?.includes(country) ?? true) &&
    (types?.includes(type) ?? true) &&
    (timer.simple ?? simple) === simple &&
    (timer.wireless ?? wireless) === wireless &&
    (adapters === undefined || (adapter !== undefined && adapters.includes(adapter)))
  );
}
