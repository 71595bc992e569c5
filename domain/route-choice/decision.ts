import type { Attempt, PartProgress } from '../message-progress.ts';

/** Why a carrier that may send a text is not asked. */
export type Exclusion = 'breaker-open' | 'failed-before' | 'daily-limit-reached';

/** A carrier that may send a text, as it looked when the route was chosen. */
export interface Candidate {
  readonly carrier: string;
  /** Expected share of texts that are delivered, 0 to 1. */
  readonly delivery: number;
  /** How many texts that rests on. */
  readonly weight: number;
  /** Per segment, in millionths of the currency; absent where no price list of the carrier has the recipient. */
  readonly price?: number;
  readonly excluded?: Exclusion;
}

export type ChoiceReason =
  /** Nobody else may send it. */
  | 'only-route'
  /** Of those that deliver well enough for its kind. */
  | 'cheapest-good-enough'
  /** It goes on by the route of the conversation. */
  | 'conversation'
  /** By lot, to learn how the route is. */
  | 'explored'
  /** All were excluded: rather one of them than none. */
  | 'last-resort';

/** The choice of a route for one text: kept with the text, so that it can be explained and made again. */
export interface RouteDecision {
  readonly at: Date;
  readonly carrier: string;
  readonly reason: ChoiceReason;
  /** In the order of preference: the number's own carrier first. */
  readonly candidates: readonly Candidate[];
  /** The destination's network as it was known. */
  readonly network: string;
  /** By which carrier the conversation went before. */
  readonly conversation?: string;
  /** Drawn for this choice, in [0, 1). */
  readonly lot: number;
  /** How long a receipt of the chosen carrier is waited for, in milliseconds, where that has been learnt. */
  readonly receiptTimeoutMs?: number;
  /** Of the prices, ISO 4217. */
  readonly currency?: string;
}

/** A text keeps so many of its last choices. */
const mostKept = 10;

export function withDecision(
  decisions: readonly RouteDecision[] | undefined,
  decision: RouteDecision,
): readonly RouteDecision[] {
  return [...(decisions ?? []).slice(1 - mostKept), decision];
}

/** What a choice says of the price. */
export type PricedDecision = Pick<RouteDecision, 'at' | 'carrier' | 'currency'> & {
  readonly candidates: readonly Pick<Candidate, 'carrier' | 'price'>[];
};

/** The choice that an attempt followed: the last one before it was claimed. */
export function decisionOf<Decision extends PricedDecision>(
  attempt: Pick<Attempt, 'claimedAt' | 'carrier'>,
  decisions: readonly Decision[] | undefined,
): Decision | undefined {
  return decisions?.findLast(({ at, carrier }) => carrier === attempt.carrier && at <= attempt.claimedAt);
}

/** What an attempt costs by the price list: each segment that the carrier took. Undefined where there was no price. */
export function costOf(
  attempt: Pick<Attempt, 'claimedAt' | 'carrier'> & { readonly parts?: readonly Pick<PartProgress, 'outcome'>[] },
  decisions: readonly PricedDecision[] | undefined,
): { readonly micros: number; readonly currency: string } | undefined {
  const decision = decisionOf(attempt, decisions);
  const price = decision?.candidates.find(({ carrier }) => carrier === attempt.carrier)?.price;
  if (price === undefined || decision?.currency === undefined) return undefined;
  const taken = (attempt.parts ?? []).filter(({ outcome }) => outcome === 'accepted').length;
  return { micros: price * taken, currency: decision.currency };
}
