import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import calendars from '../../domain/facts/porting-calendars.json' with { type: 'json' };
import { portingTimers, timersOf } from '../../domain/porting-timers.ts';

const known = {
  source: z.string().min(3),
  verifiedAt: z.string().regex(/^2026(-\d\d-\d\d)?$/),
  confidence: z.enum(['R', 'K', 'U']),
  meaning: z.string().regex(/\.$/),
};
const hour = z.number().min(0).max(24);
const timer = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]+$/),
    clock: z.enum([
      'answer',
      'concurrence',
      'earliestFoc',
      'latestFoc',
      'supplementCutOff',
      'cancelCutOff',
      'activationHours',
      'dead',
      'conflictResolvable',
      'conflictExpires',
      'snapBack',
      'advice',
    ]),
    countries: z.array(z.string().regex(/^[A-Z]{2}$/)).optional(),
    types: z.array(z.enum(['mobile', 'fixed', 'fixed-or-mobile', 'toll-free', 'voip'])).optional(),
    simple: z.boolean().optional(),
    wireless: z.boolean().optional(),
    adapters: z.array(z.enum(['telnyx', 'bandwidth', 'twilio'])).optional(),
    amount: z.number().min(0).optional(),
    unit: z.enum(['hours', 'days', 'business-hours', 'business-days']).optional(),
    calendar: z.enum(['local', 'npac-region', 'npac-wireline', 'npac-simple', 'npac-wireless']).optional(),
    receivedBy: hour.optional(),
    at: z.enum(['start-of-day', 'end-of-day']).optional(),
    timers: z.enum(['long', 'medium', 'short']).optional(),
    hours: z.strictObject({ zone: z.string(), from: hour, to: hour }).optional(),
    onDateOnly: z.boolean().optional(),
    ...known,
  })
  .refine((row) => (row.amount === undefined) === (row.unit === undefined), 'An amount has a unit.')
  .refine((row) => (row.clock === 'activationHours') === (row.hours !== undefined), 'Hours are for activation.')
  .refine((row) => (row.clock === 'concurrence') === (row.timers !== undefined), 'Concurrence has a name.')
  .refine((row) => row.clock === 'advice' || row.hours || row.amount !== undefined, 'A clock has an amount.')
  .refine((row) => row.at === undefined || row.unit === 'business-days', 'Midnights are for business days.')
  .refine(
    (row) => row.clock === 'advice' || !row.unit?.startsWith('business') || row.calendar !== undefined,
    'Business time has a calendar.',
  );
const calendar = z.strictObject({
  name: z.string(),
  countries: z.array(z.string()).optional(),
  zone: z.enum(['place', 'npac']),
  weekdays: z.array(z.int().min(1).max(7)).min(1),
  from: hour,
  to: hour,
  ...known,
});

describe('the timers of the trade', () => {
  it.each(portingTimers.map((row) => [row.id, row] as const))('%s has its form, source and date', (_, row) => {
    expect(timer.parse(row)).toEqual(row);
  });

  it('have names of their own', () => {
    const ids = portingTimers.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  it('run in calendars that have their form, source and date', () => {
    for (const row of calendars.rows) expect(calendar.parse(row)).toEqual(row);
    const names = calendars.rows.map(({ name }) => name);
    for (const row of portingTimers) if (row.calendar) expect(names).toContain(row.calendar);
  });

  it('none is hidden behind another of its clock that always fits first', () => {
    const all = (row: (typeof portingTimers)[number]) => ({
      countries: row.countries ?? ['US', 'GB', 'AU'],
      types: row.types ?? (['mobile', 'fixed', 'fixed-or-mobile', 'toll-free', 'voip'] as const),
      adapters: row.adapters ?? ['telnyx', 'bandwidth', 'twilio'],
      simple: row.simple === undefined ? [true, false] : [row.simple],
      wireless: row.wireless === undefined ? [true, false] : [row.wireless],
    });
    for (const row of portingTimers) {
      const { countries, types, adapters, simple, wireless } = all(row);
      const reached = countries.some((country) =>
        types.some((type) =>
          adapters.some((adapter) =>
            simple.some((one) =>
              wireless.some((radio) =>
                timersOf({ country, type, adapter, simple: one, wireless: radio }).some(({ id }) => id === row.id),
              ),
            ),
          ),
        ),
      );
      expect([row.id, reached]).toEqual([row.id, true]);
    }
  });
});

describe('timersOf', () => {
  const clocks = (subject: Parameters<typeof timersOf>[0]) =>
    Object.fromEntries(timersOf(subject).flatMap(({ clock, id }) => (clock === 'advice' ? [] : [[clock, id]])));

  it('gives one timer of each clock', () => {
    expect(
      clocks({ country: 'US', type: 'fixed-or-mobile', simple: true, wireless: false, adapter: 'bandwidth' }),
    ).toEqual({
      answer: 'answer-us-simple',
      concurrence: 'concurrence-medium',
      earliestFoc: 'earliest-us-simple',
      latestFoc: 'latest-bandwidth',
      supplementCutOff: 'supplement-bandwidth',
      activationHours: 'activation-bandwidth',
      dead: 'dead-bandwidth',
      conflictResolvable: 'conflict-resolvable',
      conflictExpires: 'conflict-expires',
      snapBack: 'snap-back',
    });
  });

  it('knows no concurrence outside of the NPAC, nor for toll-free numbers', () => {
    expect(clocks({ country: 'GB', type: 'mobile', simple: true, wireless: true })).toEqual({
      answer: 'answer-gb-mobile',
      earliestFoc: 'earliest-gb-mobile',
      snapBack: 'snap-back',
    });
    expect(clocks({ country: 'US', type: 'toll-free', simple: true, wireless: false })).toEqual({
      answer: 'answer-toll-free',
      earliestFoc: 'earliest-toll-free',
      snapBack: 'snap-back',
    });
  });
});
