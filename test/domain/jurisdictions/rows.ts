import { DateTime } from 'luxon';
import type { ConsentLevel, ContentRule } from '../../../domain/jurisdictions/row.ts';

/** Hours by the clocks on the wall, like `9-20.5`; null: closed. */
export type Hours = readonly [number, number] | null;
export interface Expected {
  readonly code: string;
  readonly number: string;
  readonly zone: string;
  readonly weekday: Hours;
  readonly saturday: Hours;
  readonly sunday: Hours;
  /** A holiday on a weekday, and the hours then. */
  readonly holiday: readonly [string, Hours];
  /** A level of consent by which the hours bind; where none is named, every one. */
  readonly consent?: ConsentLevel;
  /** The least that marketing needs there; in the whole of the US it is written. */
  readonly least: ConsentLevel;
  /** So many texts in 24 hours. */
  readonly cap?: number;
  readonly content?: readonly ContentRule[];
}

const daily = (from: number, to: number) => ({
  weekday: [from, to] as const,
  saturday: [from, to] as const,
  sunday: [from, to] as const,
});
const notSundays = (from: number, to: number) => ({ ...daily(from, to), sunday: null });
/** 4 July 2028 is a Tuesday, 25 December 2026 a Friday. */
const july4 = (hours: Hours) => ['2028-07-04', hours] as const;
const christmas = (hours: Hours) => ['2026-12-25', hours] as const;
export const written = 'express-written' as const;
/** What most laws want in the text. */
const named = ['sender-named', 'opt-out'] as const;
export const eastern = 'America/New_York';

/** Every row of the reference, by a number of the place; where a row adds to another one, both together. */
export const table: readonly Expected[] = [
  {
    code: 'US',
    least: written,
    number: '+14155550123',
    zone: 'America/Los_Angeles',
    ...daily(8, 21),
    holiday: july4([8, 21]),
  },
  {
    code: 'US-FL',
    least: written,
    cap: 3,
    number: '+13055550123',
    zone: eastern,
    ...daily(8, 20),
    holiday: july4([8, 20]),
  },
  {
    code: 'US-OK',
    least: written,
    cap: 3,
    number: '+14055550123',
    zone: 'America/Chicago',
    ...daily(8, 20),
    holiday: july4([8, 20]),
  },
  {
    code: 'US-MD',
    least: written,
    cap: 3,
    number: '+14105550123',
    zone: eastern,
    ...daily(8, 20),
    holiday: july4([8, 20]),
  },
  {
    code: 'US-WA',
    least: written,
    number: '+12065550123',
    zone: 'America/Los_Angeles',
    ...daily(8, 20),
    holiday: july4([8, 20]),
  },
  {
    code: 'US-TX',
    least: written,
    number: '+12145550123',
    zone: 'America/Chicago',
    ...daily(9, 21),
    sunday: [12, 21],
    holiday: july4([9, 21]),
  },
  {
    code: 'US-OR',
    least: written,
    cap: 3,
    number: '+15035550123',
    zone: 'America/Los_Angeles',
    ...daily(8, 20),
    holiday: july4([8, 20]),
  },
  {
    code: 'US-UT',
    least: written,
    number: '+18015550123',
    zone: 'America/Denver',
    ...notSundays(8, 21),
    holiday: july4(null),
    consent: 'implied',
  },
  { code: 'US-CT', least: written, number: '+18605550123', zone: eastern, ...daily(9, 20), holiday: july4([9, 20]) },
  { code: 'US-NJ', least: written, number: '+12015550123', zone: eastern, ...daily(8, 21), holiday: july4([8, 21]) },
  { code: 'US-VA', least: written, number: '+17035550123', zone: eastern, ...daily(8, 21), holiday: july4([8, 21]) },
  {
    code: 'US-RI',
    least: written,
    number: '+14015550123',
    zone: eastern,
    weekday: [9, 18],
    saturday: [10, 17],
    sunday: null,
    holiday: july4(null),
  },
  {
    code: 'US-LA',
    least: written,
    number: '+15045550123',
    zone: 'America/Chicago',
    ...notSundays(8, 20),
    holiday: july4(null),
  },
  {
    code: 'US-AL',
    least: written,
    number: '+12055550123',
    zone: 'America/Chicago',
    ...notSundays(8, 20),
    holiday: july4(null),
  },
  { code: 'US-KY', least: written, number: '+15025550123', zone: eastern, ...daily(10, 21), holiday: july4([10, 21]) },
  {
    code: 'US-MI',
    least: written,
    number: '+13135550123',
    zone: 'America/Detroit',
    ...daily(9, 21),
    holiday: july4([9, 21]),
  },
  {
    code: 'US-MN',
    least: written,
    number: '+16125550123',
    zone: 'America/Chicago',
    ...daily(9, 21),
    holiday: july4([9, 21]),
  },
  {
    code: 'US-NM',
    least: written,
    number: '+15055550123',
    zone: 'America/Denver',
    ...daily(9, 21),
    holiday: july4([9, 21]),
  },
  {
    code: 'US-NV',
    least: written,
    number: '+17025550123',
    zone: 'America/Los_Angeles',
    ...daily(9, 20),
    holiday: july4([9, 20]),
  },
  { code: 'US-MA', least: written, number: '+16175550123', zone: eastern, ...daily(8, 20), holiday: july4([8, 20]) },
  {
    code: 'CA',
    least: 'implied',
    content: named,
    number: '+14165550123',
    zone: 'America/Toronto',
    ...daily(8, 21),
    holiday: christmas([8, 21]),
  },
  {
    code: 'GB',
    least: 'implied',
    content: named,
    number: '+442079460300',
    zone: 'Europe/London',
    ...daily(8, 21),
    holiday: christmas([8, 21]),
  },
  {
    code: 'EU',
    least: 'implied',
    content: named,
    number: '+4915123456789',
    zone: 'Europe/Berlin',
    ...daily(8, 21),
    holiday: christmas([8, 21]),
  },
  {
    code: 'FR',
    least: 'express',
    content: named,
    number: '+33612345678',
    zone: 'Europe/Paris',
    ...notSundays(8, 20),
    holiday: christmas(null),
  },
  {
    code: 'IN',
    least: 'express',
    number: '+919876543210',
    zone: 'Asia/Kolkata',
    ...daily(10, 21),
    holiday: christmas([10, 21]),
  },
  {
    code: 'BR',
    least: 'express',
    number: '+5511912345678',
    zone: 'America/Sao_Paulo',
    weekday: [9, 18],
    saturday: [9, 13],
    sunday: null,
    holiday: christmas(null),
  },
  {
    code: 'AE',
    least: 'express',
    content: ['no-link', 'no-phone-number'],
    number: '+971501234567',
    zone: 'Asia/Dubai',
    ...daily(9, 18),
    holiday: christmas([9, 18]),
  },
];

/** A moment by the clocks on the wall of a zone. */
export const moment = (date: string, hour: number, zone: string, seconds = 0) =>
  DateTime.fromISO(date, { zone }).set({ hour }).plus({ seconds }).toJSDate();

/** Summer and winter; Wednesday, Saturday and Sunday of a week without holidays there. */
export const weeks = [
  ['2026-06-10', '2026-06-13', '2026-06-14'],
  ['2026-12-09', '2026-12-12', '2026-12-13'],
] as const;
/** The Sundays on which clocks change in the US and in Europe, both ways. */
const clockChanges = ['2027-03-14', '2026-11-01', '2027-03-28', '2026-10-25'];

/** Checks a row's hours on every kind of day: of each of the weeks, on its holiday, and when clocks change. */
export function checkDays(row: Expected, check: (date: string, hours: Hours) => void): void {
  for (const [wednesday, saturday, sunday] of weeks) {
    check(wednesday, row.weekday);
    check(saturday, row.saturday);
    check(sunday, row.sunday);
  }
  check(...row.holiday);
  for (const date of clockChanges) check(date, row.sunday);
}
