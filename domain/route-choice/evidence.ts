import type { Evidence, RoutingParameters } from './parameters.ts';

/** What was observed of a route until a moment; it fades from then on. */
export interface DatedEvidence extends Evidence {
  readonly at: Date;
}

export const noEvidence: Evidence = { successes: 0, failures: 0 };

const hourMs = 3600_000;

export function weightOf({ successes, failures }: Evidence): number {
  return successes + failures;
}

/** Mean of the Beta distribution with these parameters. */
export function meanOf(evidence: Evidence): number {
  return evidence.successes / weightOf(evidence);
}

export function sumOf(one: Evidence, other: Evidence): Evidence {
  return { successes: one.successes + other.successes, failures: one.failures + other.failures };
}

function scaled({ successes, failures }: Evidence, factor: number): Evidence {
  return { successes: successes * factor, failures: failures * factor };
}

/** What is left of evidence at a moment: half of it after each half-life. */
export function faded(evidence: DatedEvidence | undefined, now: Date, parameters: RoutingParameters): Evidence {
  if (!evidence) return noEvidence;
  const hours = Math.max(0, now.getTime() - evidence.at.getTime()) / hourMs;
  return scaled(evidence, 0.5 ** (hours / parameters.halfLifeHours));
}

/**
 * The expected delivery by a route, from what is known of it in general to what is known of it in particular. Each level begins with what
 * the one before it expects, as many texts of it as the prior has; so a network of which little is known is taken for its country's usual.
 * @param levels the most general first; a level of which nothing is known is undefined
 * @returns the mean of the last level's posterior, and how many texts the levels' own evidence weighs at most
 */
export function expectedDelivery(
  levels: readonly (DatedEvidence | undefined)[],
  now: Date,
  parameters: RoutingParameters,
): { readonly delivery: number; readonly weight: number } {
  const { prior } = parameters;
  let delivery = meanOf(prior);
  let weight = 0;
  for (const level of levels) {
    const known = faded(level, now, parameters);
    delivery = meanOf(sumOf(shareOf(delivery, weightOf(prior)), known));
    weight = Math.max(weight, weightOf(known));
  }
  return { delivery, weight };
}

function shareOf(mean: number, weight: number): Evidence {
  return { successes: mean * weight, failures: (1 - mean) * weight };
}

/**
 * Evidence with what one pass has observed. News count for half of all that may be known at most, so that no pass forgets all that was
 * before it; and the mean (with the prior) moves by `mostChange` at most. News that can't be chance say that the route has changed: then
 * what was known counts for no more than they do.
 */
export function learnt(
  known: DatedEvidence | undefined,
  observed: Evidence,
  now: Date,
  parameters: RoutingParameters,
): DatedEvidence {
  const { prior, mostWeight, mostChange } = parameters;
  const news = scaled(observed, Math.min(1, mostWeight / 2 / Math.max(weightOf(observed), 1e-9)));
  const before = faded(known, now, parameters);
  const meanBefore = meanOf(sumOf(prior, before));
  const isChance = deviations(news, meanBefore, weightOf(before) + weightOf(prior)) <= parameters.surprise;
  const room = isChance ? mostWeight - weightOf(news) : weightOf(news);
  const kept = scaled(before, Math.min(1, room / Math.max(weightOf(before), 1e-9)));
  const factor = largestFactor(sumOf(prior, kept), news, meanBefore - mostChange, meanBefore + mostChange);
  return { ...sumOf(kept, scaled(news, factor)), at: now };
}

/** By how many standard deviations news differ from what a mean that rests on so much evidence lets expect. */
function deviations(news: Evidence, mean: number, weight: number): number {
  const size = weightOf(news);
  if (size === 0) return 0;
  return Math.abs(meanOf(news) - mean) / Math.sqrt(mean * (1 - mean) * (1 / size + 1 / weight));
}

/** How much of the news may be added so that the mean stays within the bounds: from 0 to 1. */
function largestFactor(base: Evidence, news: Evidence, least: number, most: number): number {
  const after = meanOf(sumOf(base, news));
  if (after >= least && after <= most) return 1;
  const bound = after < least ? least : most;
  // (base.successes + f · news.successes) / (base.weight + f · news.weight) = bound
  const factor = (bound * weightOf(base) - base.successes) / (news.successes - bound * weightOf(news));
  return Number.isFinite(factor) ? Math.min(1, Math.max(0, factor)) : 0;
}
