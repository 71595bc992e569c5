import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderClocks } from '../../domain/lifecycle/order-clocks.ts';
import { type ClockFacts, orderClocks } from '../../domain/porting-clocks.ts';

const base: ClockFacts = {
  country: 'US',
  region: 'IL',
  type: 'fixed-or-mobile',
  simple: false,
  wireless: false,
  adapter: 'telnyx',
  activation: 'automatic',
  now: new Date('2026-06-01T15:00:00Z'),
};
const at = (text: string) => new Date(text);
const iso = (text: string) => at(text).toISOString();

describe('the earliest date', () => {
  const us = { country: 'US', region: 'IL' } as const;
  const nevada = { country: 'US', region: 'NV', simple: true } as const;
  const toronto = { country: 'CA', region: 'ON' } as const;
  const english = { country: 'GB', region: 'ENG' } as const;
  const french = { country: 'FR', region: undefined } as const;
  const indian = { country: 'IN', region: 'MH', type: 'mobile', wireless: true } as const;
  it.each<[string, Partial<ClockFacts>, string, string | undefined]>([
    // US, simple: 47 CFR 52.35(a).
    ['US simple, received by 13 h', { ...us, simple: true }, '2026-06-01T17:59:59Z', '2026-06-02T05:00:00Z'],
    ['US simple, received at 13 h', { ...us, simple: true }, '2026-06-01T18:00:00Z', '2026-06-03T05:00:00Z'],
    ['US simple, at night', { ...us, simple: true }, '2026-06-01T08:00:00Z', '2026-06-02T05:00:00Z'],
    ['US simple, Friday afternoon', { ...us, simple: true }, '2026-06-05T20:00:00Z', '2026-06-09T05:00:00Z'],
    ['US simple, before Thanksgiving', { ...us, simple: true }, '2026-11-25T20:00:00Z', '2026-11-28T06:00:00Z'],
    ['US simple, clocks set forward', { ...us, simple: true }, '2026-03-06T20:00:00Z', '2026-03-10T05:00:00Z'],
    ['US simple, clocks set back', { ...us, simple: true }, '2026-10-30T20:00:00Z', '2026-11-03T06:00:00Z'],
    ['US simple, on the West Coast by its own noon', nevada, '2026-06-01T19:59:59Z', '2026-06-02T07:00:00Z'],
    [
      'US simple, Michigan goes by Central',
      { ...us, region: 'MI', simple: true },
      '2026-06-01T17:30:00Z',
      '2026-06-02T05:00:00Z',
    ],
    ['US simple, year end', { ...us, simple: true }, '2026-12-31T20:00:00Z', '2027-01-05T06:00:00Z'],
    // US, non-simple: four business days, received by 15 h.
    ['US non-simple, received by 15 h', us, '2026-06-01T19:59:59Z', '2026-06-05T05:00:00Z'],
    ['US non-simple, received at 15 h', us, '2026-06-01T20:00:00Z', '2026-06-08T05:00:00Z'],
    ['US non-simple, over Independence Day', us, '2026-06-30T15:00:00Z', '2026-07-07T05:00:00Z'],
    ['US non-simple, over Christmas and New Year', us, '2026-12-28T16:00:00Z', '2027-01-04T06:00:00Z'],
    ['US wireless, at any time', { ...us, wireless: true }, '2026-06-06T23:00:00Z', '2026-06-07T01:30:00Z'],
    ['US wireless, clocks set forward', { ...us, wireless: true }, '2026-03-08T07:00:00Z', '2026-03-08T09:30:00Z'],
    ['US toll-free', { ...us, type: 'toll-free' }, '2026-06-05T15:00:00Z', '2026-06-09T15:00:00Z'],
    // CA: Telecom Decision CRTC 2005-72.
    ['CA, two business days', toronto, '2026-06-01T15:00:00Z', '2026-06-03T04:00:00Z'],
    ['CA, over Canada Day', toronto, '2026-06-30T15:00:00Z', '2026-07-03T04:00:00Z'],
    ['CA, over its Thanksgiving, after hours', toronto, '2026-10-08T22:00:00Z', '2026-10-14T04:00:00Z'],
    ['CA, clocks set forward', toronto, '2026-03-06T16:00:00Z', '2026-03-10T04:00:00Z'],
    ['CA, clocks set back', toronto, '2026-10-30T15:00:00Z', '2026-11-03T05:00:00Z'],
    ['CA wireless, 2.5 business hours', { ...toronto, wireless: true }, '2026-06-30T20:00:00Z', '2026-07-02T14:30:00Z'],
    ['CA, Quebec’s own holiday', { country: 'CA', region: 'QC' }, '2026-06-23T15:00:00Z', '2026-06-26T04:00:00Z'],
    // GB.
    [
      'GB mobile, next working day',
      { ...english, type: 'mobile', wireless: true },
      '2026-06-01T10:00:00Z',
      '2026-06-01T23:00:00Z',
    ],
    [
      'GB mobile, over a bank holiday',
      { ...english, type: 'mobile', wireless: true },
      '2026-08-28T10:00:00Z',
      '2026-08-31T23:00:00Z',
    ],
    [
      'GB mobile, the same in Scotland, which works',
      { country: 'GB', region: 'SCT', type: 'mobile', wireless: true },
      '2026-08-28T10:00:00Z',
      '2026-08-30T23:00:00Z',
    ],
    [
      'GB mobile, clocks set forward',
      { ...english, type: 'mobile', wireless: true },
      '2026-03-27T10:00:00Z',
      '2026-03-29T23:00:00Z',
    ],
    [
      'GB mobile, clocks set back',
      { ...english, type: 'mobile', wireless: true },
      '2026-10-23T10:00:00Z',
      '2026-10-26T00:00:00Z',
    ],
    ['GB single line', { ...english, type: 'fixed', simple: true }, '2026-06-01T10:00:00Z', '2026-06-04T23:00:00Z'],
    ['GB several lines, over Christmas', { ...english, type: 'fixed' }, '2026-12-22T10:00:00Z', '2027-01-05T00:00:00Z'],
    // EU.
    ['FR mobile', { ...french, type: 'mobile', wireless: true }, '2026-06-01T10:00:00Z', '2026-06-01T22:00:00Z'],
    [
      'FR over the national day',
      { ...french, type: 'mobile', wireless: true },
      '2026-07-13T10:00:00Z',
      '2026-07-14T22:00:00Z',
    ],
    ['FR clocks set forward', { ...french, type: 'fixed' }, '2026-03-27T10:00:00Z', '2026-03-29T22:00:00Z'],
    ['FR clocks set back', { ...french, type: 'fixed' }, '2026-10-23T10:00:00Z', '2026-10-25T23:00:00Z'],
    [
      'DE after hours on Friday',
      { country: 'DE', region: 'BY', type: 'mobile' },
      '2026-06-05T16:00:00Z',
      '2026-06-08T22:00:00Z',
    ],
    [
      'DE, Bavaria on Corpus Christi',
      { country: 'DE', region: 'BY', type: 'mobile' },
      '2026-06-03T10:00:00Z',
      '2026-06-04T22:00:00Z',
    ],
    [
      'DE, Berlin works then',
      { country: 'DE', region: 'BE', type: 'mobile' },
      '2026-06-03T10:00:00Z',
      '2026-06-03T22:00:00Z',
    ],
    // IN: no clock changes; Saturdays work.
    ['IN mobile', indian, '2026-06-05T06:00:00Z', '2026-06-09T06:00:00Z'],
    ['IN over Republic Day', indian, '2026-01-24T06:00:00Z', '2026-01-29T06:00:00Z'],
    [
      'where nobody has published any',
      { country: 'AU', region: undefined, type: 'mobile' },
      '2026-06-01T06:00:00Z',
      undefined,
    ],
  ])('%s', (_, over, now, earliest) => {
    expect(orderClocks({ ...base, ...over, now: at(now) }).earliestFocAt).toBe(earliest && iso(earliest));
  });
});

describe('the answer and the concurrence', () => {
  it.each<[string, Partial<ClockFacts>, string, Pick<OrderClocks, 'answerDueAt' | 'concurrence'>]>([
    [
      'long timers of a wireline port, over a weekend',
      {},
      '2026-06-05T20:00:00Z',
      {
        answerDueAt: iso('2026-06-08T20:00:00Z'),
        concurrence: {
          timers: 'long',
          firstDueAt: iso('2026-06-08T17:00:00Z'),
          finalDueAt: iso('2026-06-09T14:00:00Z'),
        },
      },
    ],
    [
      'medium timers of a simple port',
      { simple: true },
      '2026-06-01T15:00:00Z',
      {
        answerDueAt: iso('2026-06-01T19:00:00Z'),
        concurrence: {
          timers: 'medium',
          firstDueAt: iso('2026-06-01T18:00:00Z'),
          finalDueAt: iso('2026-06-01T21:00:00Z'),
        },
      },
    ],
    [
      'short timers of a wireless port, on a Sunday night',
      { wireless: true },
      '2026-06-08T01:30:00Z',
      {
        answerDueAt: iso('2026-06-08T02:00:00Z'),
        concurrence: {
          timers: 'short',
          firstDueAt: iso('2026-06-08T14:30:00Z'),
          finalDueAt: iso('2026-06-08T15:30:00Z'),
        },
      },
    ],
    [
      'toll-free: the RespOrg, and no NPAC',
      { type: 'toll-free' },
      '2026-06-05T15:00:00Z',
      { answerDueAt: iso('2026-06-09T15:00:00Z') },
    ],
    [
      'India: no NPAC',
      { country: 'IN', region: undefined, type: 'mobile' },
      '2026-06-05T06:00:00Z',
      { answerDueAt: iso('2026-06-09T06:00:00Z') },
    ],
  ])('%s', (_, over, submittedAt, expected) => {
    const { answerDueAt, concurrence } = orderClocks({ ...base, ...over, submittedAt: at(submittedAt) });
    expect({ answerDueAt, ...(concurrence && { concurrence }) }).toEqual(expected);
  });

  it('have no clock before the submission', () => {
    const clocks = orderClocks(base);
    expect(clocks).not.toHaveProperty('answerDueAt');
    expect(clocks).not.toHaveProperty('concurrence');
  });
});

describe('a carrier’s own limits', () => {
  const focAt = at('2026-06-10T15:00:00Z');

  it('are those of its adapter', () => {
    expect(orderClocks({ ...base, focAt })).toMatchObject({ cancelUntil: iso('2026-06-08T15:00:00Z') });
    expect(orderClocks({ ...base, focAt })).not.toHaveProperty('supplementUntil');
    expect(orderClocks({ ...base, focAt, adapter: 'bandwidth' })).toMatchObject({
      supplementUntil: iso('2026-06-09T15:00:00Z'),
      deadAt: iso('2026-06-25T15:00:00Z'),
      latestFocAt: iso('2026-07-01T15:00:00Z'),
    });
    expect(orderClocks({ ...base, focAt, adapter: 'bandwidth' })).not.toHaveProperty('cancelUntil');
  });

  it('unless its configuration has others', () => {
    const overrides = { supplementCutOffHours: 72, cancelCutOffHours: 0.5 };
    expect(orderClocks({ ...base, focAt, overrides })).toMatchObject({
      supplementUntil: iso('2026-06-07T15:00:00Z'),
      cancelUntil: iso('2026-06-10T14:30:00Z'),
    });
  });

  it('have no clock before a date is agreed, and none that nobody knows of', () => {
    expect(orderClocks({ ...base, adapter: 'test' })).toEqual({ earliestFocAt: iso('2026-06-05T05:00:00Z') });
  });
});

describe('on-demand activation', () => {
  const onDemand = { ...base, activation: 'on-demand' as const };
  const windowOf = (over: Partial<ClockFacts>) => {
    const { activationOpensAt, activationClosesAt } = orderClocks({ ...onDemand, ...over });
    return [activationOpensAt, activationClosesAt];
  };
  const early = at('2026-06-01T15:00:00Z');

  it.each<[string, Partial<ClockFacts>, string, string | undefined]>([
    [
      'Telnyx US, 6–20 h Central',
      { focAt: at('2026-06-10T05:00:00Z') },
      '2026-06-10T11:00:00Z',
      '2026-06-11T01:00:00Z',
    ],
    ['not before the date', { focAt: at('2026-06-10T15:00:00Z') }, '2026-06-10T15:00:00Z', '2026-06-11T01:00:00Z'],
    [
      'a date after hours: the next day',
      { focAt: at('2026-06-10T02:00:00Z') },
      '2026-06-10T11:00:00Z',
      '2026-06-11T01:00:00Z',
    ],
    [
      'Telnyx CA, 8–15 h Central',
      { country: 'CA', region: 'ON', focAt: at('2026-06-10T05:00:00Z') },
      '2026-06-10T13:00:00Z',
      '2026-06-10T20:00:00Z',
    ],
    ['in winter', { focAt: at('2026-12-10T06:00:00Z') }, '2026-12-10T12:00:00Z', '2026-12-11T02:00:00Z'],
    [
      'on the day the clocks are set forward',
      { focAt: at('2026-03-08T06:00:00Z') },
      '2026-03-08T11:00:00Z',
      '2026-03-09T01:00:00Z',
    ],
    [
      'on the day the clocks are set back',
      { focAt: at('2026-11-01T05:00:00Z') },
      '2026-11-01T12:00:00Z',
      '2026-11-02T02:00:00Z',
    ],
    [
      'Telnyx, when the day is over: that day only',
      { focAt: at('2026-06-10T15:00:00Z'), now: at('2026-06-12T15:00:00Z') },
      '2026-06-10T15:00:00Z',
      '2026-06-11T01:00:00Z',
    ],
    [
      'Bandwidth, when the day is over: the next',
      { adapter: 'bandwidth', focAt: at('2026-06-10T15:00:00Z'), now: at('2026-06-11T03:00:00Z') },
      '2026-06-11T10:00:00Z',
      '2026-06-12T02:00:00Z',
    ],
    [
      'Bandwidth, toll-free',
      { adapter: 'bandwidth', type: 'toll-free', focAt: at('2026-06-10T05:00:00Z') },
      '2026-06-10T12:00:00Z',
      '2026-06-10T22:00:00Z',
    ],
    [
      'a carrier without hours',
      { adapter: 'test', focAt: at('2026-06-10T05:00:00Z') },
      '2026-06-10T05:00:00Z',
      undefined,
    ],
    [
      'configured: always',
      { overrides: { activationHours: 'always' }, focAt: at('2026-06-10T05:00:00Z') },
      '2026-06-10T05:00:00Z',
      undefined,
    ],
    [
      'configured: hours',
      { overrides: { activationHours: { zone: 'Europe/Paris', from: 9, to: 12 } }, focAt: at('2026-06-10T05:00:00Z') },
      '2026-06-10T07:00:00Z',
      '2026-06-10T10:00:00Z',
    ],
  ])('%s', (_, over, opens, closes) => {
    expect(windowOf({ now: early, ...over })).toEqual([iso(opens), closes && iso(closes)]);
  });

  it('has no window for automatic orders, nor without a date', () => {
    expect(windowOf({})).toEqual([undefined, undefined]);
    expect(windowOf({ activation: 'automatic', focAt: early })).toEqual([undefined, undefined]);
  });
});

describe('conflict and snap-back', () => {
  it('a conflict set on Friday evening may be resolved on Monday, and expires after 30 days', () => {
    expect(orderClocks({ ...base, conflictSince: at('2026-06-05T23:00:00Z') })).toMatchObject({
      conflictResolvableAt: iso('2026-06-08T17:00:00Z'),
      conflictExpiresAt: iso('2026-07-05T23:00:00Z'),
    });
  });

  it('a port may be undone for a day', () => {
    expect(orderClocks({ ...base, activatedAt: at('2026-06-05T23:00:00Z') })).toMatchObject({
      snapBackUntil: iso('2026-06-06T23:00:00Z'),
    });
  });
});

describe('whatever the port', () => {
  const moment = fc.date({ min: at('2026-02-20T00:00:00Z'), max: at('2027-04-10T00:00:00Z'), noInvalidDate: true });
  const facts: fc.Arbitrary<ClockFacts> = fc.record({
    country: fc.constantFrom('US', 'CA', 'GB', 'FR', 'DE', 'ES', 'IN', 'AU', '001'),
    region: fc.constantFrom(undefined, 'CA', 'QC', 'SCT', 'BY', 'nowhere'),
    type: fc.constantFrom('mobile', 'fixed', 'fixed-or-mobile', 'toll-free', 'voip', 'other'),
    simple: fc.boolean(),
    wireless: fc.boolean(),
    adapter: fc.constantFrom('telnyx', 'bandwidth', 'twilio', 'test'),
    activation: fc.constantFrom('automatic', 'on-demand'),
    now: moment,
    submittedAt: fc.option(moment, { nil: undefined }),
    focAt: fc.option(moment, { nil: undefined }),
    activatedAt: fc.option(moment, { nil: undefined }),
    conflictSince: fc.option(moment, { nil: undefined }),
    overrides: fc.constantFrom(undefined, { activationHours: 'always' as const }, { cancelCutOffHours: 3 }),
  });

  it('the clocks are in order', () => {
    fc.assert(
      fc.property(facts, (each) => {
        const clocks = orderClocks(each);
        const inOrder = (...moments: (string | undefined)[]) => {
          const known = moments.flatMap((moment) => (moment === undefined ? [] : [Date.parse(moment)]));
          expect(known).toEqual(known.toSorted((a, b) => a - b));
          for (const moment of known) expect(moment).not.toBeNaN();
        };
        const text = (date: Date | undefined) => date?.toISOString();
        inOrder(text(each.submittedAt), clocks.answerDueAt);
        inOrder(text(each.submittedAt), clocks.concurrence?.firstDueAt, clocks.concurrence?.finalDueAt);
        inOrder(text(each.now), clocks.earliestFocAt, clocks.latestFocAt);
        inOrder(clocks.supplementUntil, text(each.focAt), clocks.activationOpensAt, clocks.activationClosesAt);
        inOrder(clocks.cancelUntil, text(each.focAt), clocks.deadAt);
        inOrder(text(each.conflictSince), clocks.conflictResolvableAt, clocks.conflictExpiresAt);
        inOrder(text(each.activatedAt), clocks.snapBackUntil);
      }),
      { numRuns: 500 },
    );
  });

  it('who submits later has no earlier date', () => {
    fc.assert(
      fc.property(facts, moment, moment, (each, one, other) => {
        const [first, second] = one <= other ? [one, other] : [other, one];
        const earlier = orderClocks({ ...each, now: first }).earliestFocAt;
        const later = orderClocks({ ...each, now: second }).earliestFocAt;
        expect(earlier === undefined).toBe(later === undefined);
        if (earlier && later) expect(Date.parse(earlier)).toBeLessThanOrEqual(Date.parse(later));
      }),
      { numRuns: 300 },
    );
  });
});
