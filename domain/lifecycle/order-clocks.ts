/**
 * The moments that a port order is measured by, RFC 3339 UTC each: asked in an activity, because calendars, zones and facts stay out of
 * workflows, and carried in the order's state. A clock that this country, type or carrier doesn't have is absent.
 */
export interface OrderClocks {
  /** The losing carrier should have answered the request by then. */
  readonly answerDueAt?: string;
  /** NPAC concurrence timers T1 (initial) and T2 (final); from `finalDueAt` on a missing concurrence stops nothing. */
  readonly concurrence?: {
    readonly timers: 'long' | 'medium' | 'short';
    readonly firstDueAt: string;
    readonly finalDueAt: string;
  };
  /** The earliest and the latest date that can be agreed if the order is submitted now. */
  readonly earliestFocAt?: string;
  readonly latestFocAt?: string;
  /** Until when the carrier takes a changed order (SUPP), a new date, or a cancellation, with the date that is agreed now. */
  readonly supplementUntil?: string;
  readonly cancelUntil?: string;
  /** The window in which an on-demand order may be activated next: the carrier's hours, not before the date. */
  readonly activationOpensAt?: string;
  readonly activationClosesAt?: string;
  /** An order that was not activated by then is dead at the carrier: a new one is needed. */
  readonly deadAt?: string;
  /** A conflict may be resolved by the gaining side from then on, and expires then. */
  readonly conflictResolvableAt?: string;
  readonly conflictExpiresAt?: string;
  /** Undoing the port by a request to both carriers makes sense until then; afterwards it is an ordinary port back. */
  readonly snapBackUntil?: string;
}
