import facts from '../facts/routing-parameters.json' with { type: 'json' };
import type { MessageKind } from '../message.ts';
import type { SharesByKind } from './shares.ts';

/** By what routes are chosen and learnt about; the product's own are in facts/routing-parameters.json, a replay may take others. */
export interface RoutingParameters {
  /** A route is good enough when its expected delivery is at least (1 − tolerance) of the best one's; then the price decides. */
  readonly tolerance: Readonly<Record<MessageKind, number>>;
  /** Share of the choices that try another route, so that what is known of it does not go stale. */
  readonly exploration: Readonly<Record<MessageKind, number>>;
  /** What is believed of a route of which nothing is known: ten texts, of which so many were delivered. */
  readonly prior: Evidence;
  /** What was observed counts for half after so long. */
  readonly halfLifeHours: number;
  /** What is known of a route weighs as much as so many texts at most, so that news are noticed however many texts went before. */
  readonly mostWeight: number;
  /** One pass of learning changes an expected delivery by so much at most. */
  readonly mostChange: number;
  /** News that differ by more standard deviations than this from what is expected are no chance: the route has changed. */
  readonly surprise: number;
  /** How much of a delivery a receipt that says so is worth, by who makes it (`receipts` of the carrier's settings). */
  readonly receiptWorth: Readonly<Record<'handset' | 'carrier' | 'suspect', number>>;
  /** A failure that is blamed on the recipient: a list of dead numbers must not condemn a route, one that always blames them must be noticed. */
  readonly recipientFaultWeight: number;
  /** The caller knows better than any receipt: its word counts as so many texts. */
  readonly feedbackWeight: number;
  /** A conversation stays on the route of its last text for so long. */
  readonly conversationHours: number;
  readonly receiptTimeout: {
    /** Of the time from the submission to the receipt, this quantile … */
    readonly quantile: number;
    /** … times this is waited for a receipt. */
    readonly margin: number;
    readonly leastMs: number;
    readonly mostMs: number;
    /** From fewer receipts nothing is concluded. */
    readonly leastReceipts: number;
    /** One pass of learning changes it by this factor at most. */
    readonly mostFactor: number;
  };
}

/** Texts that were delivered and that were not, as far as it counts: both are weights, not whole numbers. */
export interface Evidence {
  readonly successes: number;
  readonly failures: number;
}

export const routingParameters: RoutingParameters = facts;

/** The product's parameters, but with these tolerances. */
export function withTolerance(tolerance: SharesByKind): RoutingParameters {
  return { ...routingParameters, tolerance: { ...routingParameters.tolerance, ...tolerance } };
}
