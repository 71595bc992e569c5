import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BusinessCalendar, type BusinessHours } from '../../../domain/calendar/business-calendar.ts';
import { calendarOf } from '../../../domain/calendar/calendars.ts';
import { atWallClock } from '../../../domain/calendar/wall-clock.ts';

const at = (text: string) => new Date(text);
const illinois = calendarOf('local', { country: 'US', region: 'IL' });
const around = (hours: Partial<BusinessHours>) =>
  new BusinessCalendar({ zone: 'America/New_York', weekdays: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 24, ...hours });

describe('opening hours', () => {
  it.each([
    ['before opening', '2026-06-01T12:59:59Z', false],
    ['at opening', '2026-06-01T13:00:00Z', true],
    ['just before closing', '2026-06-01T21:59:59Z', true],
    ['at closing', '2026-06-01T22:00:00Z', false],
    ['on Saturday', '2026-06-06T15:00:00Z', false],
    ['on Independence Day, kept on Friday', '2026-07-03T15:00:00Z', false],
    ['in winter, an hour later by UTC', '2026-12-01T13:59:59Z', false],
    ['in winter, at opening', '2026-12-01T14:00:00Z', true],
  ])('%s', (_, moment, open) => {
    expect(illinois.isOpen(at(moment))).toBe(open);
  });

  it.each([
    ['inside', '2026-06-01T15:00:00Z', '2026-06-01T15:00:00Z'],
    ['before', '2026-06-01T03:00:00Z', '2026-06-01T13:00:00Z'],
    ['at closing on Friday', '2026-06-05T22:00:00Z', '2026-06-08T13:00:00Z'],
    ['over Thanksgiving', '2026-11-25T23:00:00Z', '2026-11-27T14:00:00Z'],
    ['over the year end', '2026-12-31T23:00:00Z', '2027-01-04T14:00:00Z'],
  ])('open next, asked %s', (_, moment, next) => {
    expect(illinois.nextOpening(at(moment))).toEqual(at(next));
  });

  it('cannot be none', () => {
    expect(() => around({ weekdays: [] })).toThrow('never open');
    expect(() => around({ from: 9, to: 9 })).toThrow('never open');
    expect(() => around({ to: 25 })).toThrow('never open');
  });
});

describe('business hours pass', () => {
  it.each([
    ['within a day', '2026-06-01T13:00:00Z', 3, '2026-06-01T16:00:00Z'],
    ['until closing, not until the next opening', '2026-06-01T13:00:00Z', 9, '2026-06-01T22:00:00Z'],
    ['over night', '2026-06-01T21:00:00Z', 2, '2026-06-02T14:00:00Z'],
    ['over a weekend', '2026-06-05T21:00:00Z', 2, '2026-06-08T14:00:00Z'],
    ['from the opening when asked at night', '2026-06-02T05:00:00Z', 1, '2026-06-02T14:00:00Z'],
    ['over Memorial Day', '2026-05-22T21:00:00Z', 2, '2026-05-26T14:00:00Z'],
    ['over the clocks set forward (8 March)', '2026-03-06T22:00:00Z', 2, '2026-03-09T14:00:00Z'],
    ['over the clocks set back (1 November)', '2026-10-30T21:00:00Z', 2, '2026-11-02T15:00:00Z'],
    ['over a year end', '2026-12-31T22:00:00Z', 2, '2027-01-04T15:00:00Z'],
    ['none at all', '2026-06-01T15:00:00Z', 0, '2026-06-01T15:00:00Z'],
    ['none, asked at night', '2026-06-01T05:00:00Z', 0, '2026-06-01T13:00:00Z'],
  ])('%s', (_, from, hours, due) => {
    expect(illinois.addHours(at(from), hours)).toEqual(at(due));
  });

  it('on the days when the clocks change, as they are: 23 and 25 hours', () => {
    const always = around({});
    expect(always.addHours(at('2026-03-08T05:00:00Z'), 23)).toEqual(at('2026-03-09T04:00:00Z'));
    expect(always.addHours(at('2026-11-01T04:00:00Z'), 25)).toEqual(at('2026-11-02T05:00:00Z'));
    const early = around({ from: 1, to: 4 });
    expect(early.addHours(at('2026-03-08T06:00:00Z'), 2.5)).toEqual(at('2026-03-09T05:30:00Z'));
    expect(early.addHours(at('2026-11-01T05:00:00Z'), 4)).toEqual(at('2026-11-01T09:00:00Z'));
  });
});

describe('business days pass', () => {
  it.each([
    ['by the same time of day', '2026-06-01T15:00:00Z', 4, '2026-06-05T15:00:00Z'],
    ['over a weekend', '2026-06-05T15:00:00Z', 1, '2026-06-08T15:00:00Z'],
    ['over Thanksgiving', '2026-11-25T16:00:00Z', 1, '2026-11-27T16:00:00Z'],
    ['over the clocks set forward', '2026-03-06T16:00:00Z', 1, '2026-03-09T15:00:00Z'],
    ['over the clocks set back', '2026-10-30T15:00:00Z', 1, '2026-11-02T16:00:00Z'],
    ['over Christmas and the year end', '2026-12-24T16:00:00Z', 5, '2027-01-04T16:00:00Z'],
    ['from Monday when asked on Saturday', '2026-06-06T15:00:00Z', 1, '2026-06-09T13:00:00Z'],
    ['from the next day when asked after closing', '2026-06-01T23:00:00Z', 1, '2026-06-03T13:00:00Z'],
  ])('%s', (_, from, days, due) => {
    expect(illinois.addDays(at(from), days)).toEqual(at(due));
  });
});

describe('a wall clock', () => {
  it.each([
    ['that skips the time', '2026-03-08', { hour: 2, minute: 30 }, 'America/New_York', '2026-03-08T07:00:00Z'],
    ['that shows it twice', '2026-11-01', { hour: 1, minute: 30 }, 'America/New_York', '2026-11-01T05:30:00Z'],
    ['that skips midnight', '2026-09-06', { hour: 0 }, 'America/Santiago', '2026-09-06T04:00:00Z'],
    [
      'that is set by half an hour',
      '2026-10-04',
      { hour: 2, minute: 15 },
      'Australia/Lord_Howe',
      '2026-10-03T15:30:00Z',
    ],
    ['at the end of the day', '2026-12-31', { hour: 24 }, 'Asia/Kolkata', '2026-12-31T18:30:00Z'],
  ])('%s', (_, day, time, zone, instant) => {
    expect(atWallClock(day, time, zone)).toEqual(at(instant));
  });
});

describe('whatever the calendar', () => {
  const zone = fc.constantFrom('America/New_York', 'Europe/London', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC');
  const calendar = fc
    .record({
      zone,
      weekdays: fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
      span: fc.uniqueArray(fc.integer({ min: 0, max: 24 }), { minLength: 2, maxLength: 2 }),
      holidays: fc.constantFrom(undefined, { country: 'US' }, { country: 'GB', region: 'SCT' }, { country: 'IN' }),
    })
    .map(({ span, ...rest }) => new BusinessCalendar({ ...rest, from: Math.min(...span), to: Math.max(...span) }));
  // The weeks of both clock changes, of Thanksgiving and of the year end are in it.
  const moment = fc.date({ min: at('2026-02-20T00:00:00Z'), max: at('2027-04-10T00:00:00Z'), noInvalidDate: true });
  const hours = fc.double({ min: 0, max: 60, noNaN: true });
  const days = fc.integer({ min: 0, max: 12 });
  const isInside = (each: BusinessCalendar, date: Date) =>
    each.isOpen(date) ||
    (each.isOpen(new Date(date.getTime() - 1)) && +each.closing(each.dateOf(new Date(date.getTime() - 1))) === +date);

  it('hours end within opening hours or at closing time, never before they began', () => {
    fc.assert(
      fc.property(calendar, moment, hours, (each, from, amount) => {
        const due = each.addHours(from, amount);
        expect(isInside(each, due)).toBe(true);
        expect(due.getTime() - from.getTime()).toBeGreaterThanOrEqual(Math.round(amount * 3600_000));
      }),
      { numRuns: 400 },
    );
  });

  it('days end within opening hours, on a business day', () => {
    fc.assert(
      fc.property(calendar, moment, days, (each, from, amount) => {
        const due = each.addDays(from, amount);
        expect(each.isBusinessDay(each.dateOf(due))).toBe(true);
        expect(each.isOpen(due)).toBe(true);
        expect(due.getTime()).toBeGreaterThanOrEqual(from.getTime());
      }),
      { numRuns: 400 },
    );
  });

  it('who asks later is never due earlier, and more is never due earlier than less', () => {
    fc.assert(
      fc.property(calendar, moment, moment, hours, hours, days, (each, one, other, less, more, some) => {
        const [first, second] = one <= other ? [one, other] : [other, one];
        const [few, many] = less <= more ? [less, more] : [more, less];
        expect(+each.addHours(first, few)).toBeLessThanOrEqual(+each.addHours(second, few));
        expect(+each.addHours(first, few)).toBeLessThanOrEqual(+each.addHours(first, many));
        expect(+each.addDays(first, some)).toBeLessThanOrEqual(+each.addDays(second, some));
        expect(+each.addDays(first, some)).toBeLessThanOrEqual(+each.addDays(first, some + 1));
      }),
      { numRuns: 400 },
    );
  });

  it('hours one after the other are hours at once, unless the first ended at closing time', () => {
    fc.assert(
      fc.property(
        calendar,
        moment,
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 20 }),
        (each, from, a, b) => {
          const step = each.addHours(from, a);
          if (each.isOpen(step)) expect(each.addHours(step, b)).toEqual(each.addHours(from, a + b));
        },
      ),
      { numRuns: 300 },
    );
  });
});
