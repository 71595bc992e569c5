import { expect, it } from 'vitest';
import { type ContactHours, whenReachable } from '../../domain/contact-hours.ts';

const chicago: ContactHours = {
  zone: 'America/Chicago',
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '08:00',
  to: '17:00',
};

it.each([
  ['within them, now', '2026-11-25T15:00:00Z', '2026-11-25T15:00:00Z'],
  ['before them, when they begin', '2026-11-25T13:59:00Z', '2026-11-25T14:00:00Z'],
  ['at their end, the next day', '2026-11-25T23:00:00Z', '2026-11-26T14:00:00Z'],
  ['on Friday evening, on Monday', '2026-11-27T23:30:00Z', '2026-11-30T14:00:00Z'],
  ['over the change of clocks in spring', '2027-03-13T12:00:00Z', '2027-03-15T13:00:00Z'],
  ['over the change of clocks in autumn', '2026-10-31T12:00:00Z', '2026-11-02T14:00:00Z'],
  ['by the day there, not here', '2026-11-30T03:00:00Z', '2026-11-30T14:00:00Z'],
])('%s', (_when, now, expected) => {
  expect(whenReachable(chicago, new Date(now)).toISOString()).toBe(new Date(expected).toISOString());
});

it('knows a team that is there one day of the week, and one that is there until midnight', () => {
  const mondays: ContactHours = { zone: 'Europe/London', days: ['mon'], from: '09:00', to: '09:30' };
  const late = new Date('2026-11-30T09:30:00Z');
  expect(whenReachable(mondays, late).toISOString()).toBe('2026-12-07T09:00:00.000Z');
  const always: ContactHours = { zone: 'UTC', days: ['mon'], from: '00:00', to: '24:00' };
  const lastMinute = new Date('2026-11-30T23:59:59Z');
  expect(whenReachable(always, lastMinute)).toEqual(lastMinute);
});
