import { BusinessCalendar } from './calendar/business-calendar.ts';
import { holidayPlaceOf, zoneOf } from './calendar/place.ts';
import facts from './facts/revocation-rules.json' with { type: 'json' };

export type RevocationScope = 'sender' | 'all-senders';

/**
 * How far a revocation by text reaches: a dated rule of the recipient's country (facts/revocation-rules.json).
 * @param country ISO 3166 alpha-2; undefined when nobody knows
 * @throws Error when no rule covers it: the facts are broken
 */
export function scopeOfRevocation(country: string | undefined, at: Date): RevocationScope {
  const rule = facts.scope
    .filter(({ jurisdiction, from }) => (jurisdiction === country || jurisdiction === '*') && new Date(from) <= at)
    .sort((a, b) => Number(a.jurisdiction === '*') - Number(b.jurisdiction === '*') || (a.from < b.from ? 1 : -1))[0];
  if (!rule) {
    throw new Error(
      `No rule says how far a revocation of ${at.toISOString()} reaches: mend domain/facts/revocation-rules.json.`,
    );
  }
  return rule.scope as RevocationScope;
}

/** Monday to Friday, but for public holidays. */
const weekdays = [1, 2, 3, 4, 5];

/**
 * By when a revocation must be honoured at the latest: the end of the last business day that the law of the recipient's country gives.
 * The day on which it came does not count.
 * @param country ISO 3166 alpha-2; undefined when nobody knows
 */
export function honourBy(country: string | undefined, at: Date): Date {
  const clock =
    facts.clocks.find(({ jurisdiction }) => jurisdiction === country) ??
    facts.clocks.find(({ jurisdiction }) => jurisdiction === '*');
  if (!clock) throw new Error('No clock for revocations is left: mend domain/facts/revocation-rules.json.');
  const place = { country: country ?? 'US' };
  const calendar = new BusinessCalendar({
    zone: zoneOf(place),
    weekdays,
    from: 0,
    to: 24,
    holidays: holidayPlaceOf(place),
  });
  return calendar.closing(calendar.businessDaysAfter(calendar.dateOf(at), clock.businessDays));
}
