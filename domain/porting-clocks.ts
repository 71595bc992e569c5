import type { OrderClocks } from './lifecycle/order-clocks.ts';
import type { PhoneNumberType } from './phone-number.ts';

/** Hours in which a carrier activates on demand; `from` and `to` are full hours of the zone's wall clock, `to` up to 24. */
export type ActivationHours = 'always' | { readonly zone: string; readonly from: number; readonly to: number };

/** What a carrier's configuration says in place of what we know of its adapter. */
export interface CarrierClockSettings {
  readonly activationHours?: ActivationHours;
  /** A changed order (SUPP) or another date is taken until so many hours before the agreed date. */
  readonly supplementCutOffHours?: number;
  /** A cancellation is taken until so many hours before the agreed date. */
  readonly cancelCutOffHours?: number;
}

/** What the clocks of an order depend on. */
export interface ClockFacts {
  /** ISO 3166 alpha-2, of the numbers. */
  readonly country: string;
  /** Of the service address: a state, province or nation (ISO 3166-2, without the country), by which zone and holidays are found. */
  readonly region?: string;
  readonly type: PhoneNumberType;
  /** One line on the account, and nothing special: what regulators call a simple port. */
  readonly simple: boolean;
  /** From a wireless carrier. */
  readonly wireless: boolean;
  /** The gaining carrier's. */
  readonly adapter: string;
  readonly activation: 'automatic' | 'on-demand';
  readonly now: Date;
  readonly submittedAt?: Date;
  readonly focAt?: Date;
  readonly activatedAt?: Date;
  readonly conflictSince?: Date;
  readonly overrides?: CarrierClockSettings;
}

const hour = 3600_000;
const day = 24 * hour;

/**
 * The moments that an order is measured by (reference: porting, timers).
 * They predict and advise: only the gaining carrier says what it accepts.
 */
export function orderClocks(facts: ClockFacts): OrderClocks {
  const { submittedAt, focAt, activatedAt, conflictSince, overrides, activation, now } = facts;
  const at = (from: Date | undefined, ms: number) => from && new Date(from.getTime() + ms).toISOString();
  const answer = facts.wireless ? 0.5 * hour : day;
  const { supplementCutOffHours: supplement, cancelCutOffHours: cancel } = overrides ?? {};
  const opens = activation === 'on-demand' && focAt ? new Date(Math.max(focAt.getTime(), now.getTime())) : undefined;
  return present({
    answerDueAt: at(submittedAt, answer),
    supplementUntil: supplement === undefined ? undefined : at(focAt, -supplement * hour),
    cancelUntil: cancel === undefined ? undefined : at(focAt, -cancel * hour),
    activationOpensAt: opens?.toISOString(),
    conflictResolvableAt: at(conflictSince, 6 * hour),
    conflictExpiresAt: at(conflictSince, 30 * day),
    snapBackUntil: at(activatedAt, day),
  });
}

/** Without what is undefined: it is carried in a workflow's state. */
function present(clocks: OrderClocks): OrderClocks {
  return Object.fromEntries(Object.entries(clocks).filter(([, value]) => value !== undefined));
}
