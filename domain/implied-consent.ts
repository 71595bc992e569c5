import { DateTime } from 'luxon';
import facts from './facts/implied-consent.json' with { type: 'json' };

export type ImpliedBy = 'purchase' | 'inquiry';

/**
 * When an implied consent ends by itself, and by which rule; undefined where the recipient's country sets no end.
 * @param country ISO 3166 alpha-2
 * @param by what it is implied by; when that is not told, the shortest period counts
 * @param at of the purchase or the inquiry
 */
export function impliedConsentEnds(
  country: string,
  by: ImpliedBy | undefined,
  at: Date,
): { readonly expiresAt: Date; readonly rule: string } | undefined {
  const [period] = facts.periods
    .filter((row) => row.country === country && (by === undefined || row.by === by))
    .sort((a, b) => a.months - b.months);
  if (!period) return undefined;
  const expiresAt = DateTime.fromJSDate(at, { zone: 'utc' }).plus({ months: period.months }).toJSDate();
  return { expiresAt, rule: period.rule };
}
