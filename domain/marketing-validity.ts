import type { RecipientPlaces } from './jurisdictions/recipient-places.ts';
import type { JurisdictionRules } from './jurisdictions/rules.ts';

/**
 * When marketing expires for which the caller names no validity: as the hours end in which it may arrive, today's or the next.
 * @param fallbackMs validity where the hours of the place are not known, and the longest one
 */
export function marketingExpiry(
  where: RecipientPlaces,
  rules: JurisdictionRules,
  now: Date,
  { fallbackMs, longestMs }: { readonly fallbackMs: number; readonly longestMs: number },
): Date {
  // Whatever the consent is: hours that it exempts from end later at most.
  const hours = rules.termsOf(where).hours('implied');
  const state = hours.forSubmission(now);
  const opened = state.open ? state : state.opensAt && hours.at(state.opensAt);
  const closesAt = opened?.open ? opened.closesAt.getTime() : now.getTime() + fallbackMs;
  return new Date(Math.min(closesAt, now.getTime() + longestMs));
}
