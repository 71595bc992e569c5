import { describe, expect, it } from 'vitest';
import { limitsShape } from '../../../carriers/limits.ts';
import { limitBook } from '../../../domain/limits/carrier-limits.ts';

const keyOf = (sender: string) => `key of ${sender}`;
const book = (limits: unknown) => limitBook(limitsShape.parse(limits), keyOf);

describe('the limits of a sender', () => {
  it('are none where none are configured', () => {
    expect(limitBook(undefined, keyOf).limitsOf('k')).toEqual([]);
    expect(book({}).limitsOf('k')).toEqual([]);
  });

  it('are its own, else those of each sender; its campaign’s; the carrier’s of the day', () => {
    const limits = book({
      segmentsPerDay: 1000,
      dayZone: 'America/New_York',
      eachSender: { segmentsPerSecond: 1 },
      senders: { '+1': { segmentsPerSecond: 3, segmentsPerDay: 50 } },
      campaigns: { C1: { tier: 4, senders: ['+1'] }, C2: { segmentsPerSecond: 10 } },
    });
    const day = { id: 'carrier', dayZone: 'America/New_York', segmentsPerDay: 1000 };
    expect(limits.limitsOf(keyOf('+1'))).toEqual([
      { id: 'sender/key of +1', dayZone: 'America/New_York', segmentsPerSecond: 3, segmentsPerDay: 50 },
      // AT&T's 75 a minute, T-Mobile's 2,000 a day from midnight Pacific.
      { id: 'campaign/C1', dayZone: 'America/Los_Angeles', segmentsPerSecond: 1.25, segmentsPerDay: 2000 },
      day,
    ]);
    expect(limits.limitsOf(keyOf('+2'))).toEqual([
      { id: 'sender/key of +2', dayZone: 'America/New_York', segmentsPerSecond: 1 },
      { id: 'campaign/C2', dayZone: 'America/New_York', segmentsPerSecond: 10, segmentsPerDay: undefined },
      day,
    ]);
  });

  it.each([
    ['an unknown zone', { dayZone: 'Mars/Olympus' }],
    ['an unknown tier', { campaigns: { C1: { tier: 5 } } }],
    ['two campaigns of all other senders', { campaigns: { C1: { tier: 1 }, C2: { tier: 2 } } }],
    ['an unknown key', { perSecond: 3 }],
    ['a limit of 0', { eachSender: { segmentsPerSecond: 0 } }],
  ])('are refused with %s', (_, limits) => expect(limitsShape.safeParse(limits).success).toBe(false));
});
