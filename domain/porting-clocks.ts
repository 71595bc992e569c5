import { type ActivationHours, activationWindow } from './activation-window.ts';
import type { BusinessCalendar } from './calendar/business-calendar.ts';
import { calendarOf } from './calendar/calendars.ts';
import type { Place } from './calendar/place.ts';
import { atWallClock } from './calendar/wall-clock.ts';
import type { Activation } from './lifecycle/activation.ts';
import type { OrderClocks } from './lifecycle/order-clocks.ts';
import type { PhoneNumberType } from './phone-number.ts';
import { type PortingTimer, type TimerClock, timerOf } from './porting-timers.ts';

/** What a carrier's configuration says in place of what we know of its adapter. */
export interface CarrierClockSettings {
  readonly activationHours?: ActivationHours;
  /** A changed order (SUPP) or another date is taken until so many hours before the agreed date. */
  readonly supplementCutOffHours?: number;
  /** A cancellation is taken until so many hours before the agreed date. */
  readonly cancelCutOffHours?: number;
}

/** What the clocks of an order depend on. */
export interface ClockFacts {
  /** ISO 3166 alpha-2, of the numbers. */
  readonly country: string;
  /** Of the service address: a state, province or nation, by which zone and holidays are found (domain/calendar/place.ts). */
  readonly region?: string;
  readonly type: PhoneNumberType;
  /** One line on the account, and nothing special: what regulators call a simple port. */
  readonly simple: boolean;
  /** From a wireless carrier. */
  readonly wireless: boolean;
  /** The gaining carrier's. */
  readonly adapter: string;
  readonly activation: Activation;
  readonly now: Date;
  readonly submittedAt?: Date;
  readonly focAt?: Date;
  readonly activatedAt?: Date;
  readonly conflictSince?: Date;
  readonly overrides?: CarrierClockSettings;
}

const hourMs = 3600_000;

/**
 * The moments that an order is measured by (domain/facts/porting-timers.json). They predict and advise: what the gaining carrier
 * accepts it accepts. Concurrence is reckoned from the submission, the earliest moment at which its timers can start.
 */
export function orderClocks(facts: ClockFacts): OrderClocks {
  const { now, submittedAt, focAt, activatedAt, conflictSince } = facts;
  const timer = (clock: TimerClock) => timerOf(clock, facts);
  const after = (from: Date | undefined, clock: TimerClock) => {
    const found = timer(clock);
    return from && found && elapsed(found, from, facts);
  };
  return asText({
    answerDueAt: after(submittedAt, 'answer'),
    concurrence: concurrenceOf(facts),
    earliestFocAt: after(now, 'earliestFoc'),
    latestFocAt: after(now, 'latestFoc'),
    ...cutOffs(facts),
    ...activationOf(facts),
    deadAt: after(focAt, 'dead'),
    conflictResolvableAt: after(conflictSince, 'conflictResolvable'),
    conflictExpiresAt: after(conflictSince, 'conflictExpires'),
    snapBackUntil: after(activatedAt, 'snapBack'),
  });
}

function concurrenceOf(facts: ClockFacts): OrderClocks['concurrence'] {
  const timer = timerOf('concurrence', facts);
  if (!timer?.timers || !facts.submittedAt) return undefined;
  const first = elapsed(timer, facts.submittedAt, facts);
  const final = elapsed(timer, first, facts);
  return { timers: timer.timers, firstDueAt: first.toISOString(), finalDueAt: final.toISOString() };
}

function cutOffs(facts: ClockFacts): { supplementUntil?: Date; cancelUntil?: Date } {
  const { focAt, overrides = {} } = facts;
  const before = (clock: TimerClock, configured: number | undefined) => {
    const hours = configured ?? timerOf(clock, facts)?.amount;
    return focAt && hours !== undefined ? new Date(focAt.getTime() - hours * hourMs) : undefined;
  };
  return {
    supplementUntil: before('supplementCutOff', overrides.supplementCutOffHours),
    cancelUntil: before('cancelCutOff', overrides.cancelCutOffHours),
  };
}

function activationOf(facts: ClockFacts): { activationOpensAt?: Date; activationClosesAt?: Date } {
  const { activation, focAt, now, overrides } = facts;
  if (activation !== 'on-demand' || !focAt) return {};
  const timer = timerOf('activationHours', facts);
  const hours = overrides?.activationHours ?? timer?.hours ?? 'always';
  const { opensAt, closesAt } = activationWindow(hours, focAt, now, timer?.onDateOnly ?? false);
  return { activationOpensAt: opensAt, activationClosesAt: closesAt };
}

/** When a timer that starts then has run out. */
function elapsed(timer: PortingTimer, from: Date, place: Place): Date {
  const { amount = 0, unit = 'hours' } = timer;
  switch (unit) {
    case 'hours':
      return new Date(from.getTime() + amount * hourMs);
    case 'days':
      return new Date(from.getTime() + amount * 24 * hourMs);
    case 'business-hours':
      return calendarOf(timer.calendar ?? 'local', place).addHours(from, amount);
    case 'business-days':
      return businessDays(timer, amount, from, calendarOf(timer.calendar ?? 'local', place));
  }
}

function businessDays({ receivedBy, at }: PortingTimer, amount: number, from: Date, calendar: BusinessCalendar): Date {
  if (at === undefined) return calendar.addDays(from, amount);
  const { zone, to } = calendar.hours;
  const day = calendar.dateOf(from);
  const inTime = calendar.isBusinessDay(day) && from < atWallClock(day, { hour: receivedBy ?? to }, zone);
  const received = inTime ? day : calendar.businessDayAfter(day);
  const due = calendar.businessDaysAfter(received, amount);
  return atWallClock(due, { hour: at === 'end-of-day' ? 24 : 0 }, zone);
}

/** RFC 3339, and nothing where there is nothing: it is carried in a workflow's state. */
function asText(clocks: { [Name in keyof OrderClocks]: Date | OrderClocks[Name] }): OrderClocks {
  return Object.fromEntries(
    Object.entries(clocks)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  );
}
