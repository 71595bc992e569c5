import type { PhoneNumberType } from './phone-number.ts';
import { type PartyFacts, predictRejections } from './port-check.ts';

/** An order takes at most so many numbers, and a request so many (reference: porting, bulk and split). */
export const numbersPerOrder = 500;
export const numbersPerPlan = 20_000;

/** What the numbers of one order have in common: carriers refuse an order that mixes these. */
export interface OrderKind {
  /** Our id of the losing carrier, when it is one of ours. */
  readonly losingCarrier?: string;
  /** Who routes the numbers by the portability database, when that is none of ours. */
  readonly spid?: string;
  /** ISO 3166 alpha-2. */
  readonly country: string;
  readonly type: PhoneNumberType;
  /** The gaining carrier can activate these on demand; some split orders by that, too. */
  readonly onDemand?: boolean;
}

/** What was learnt about one number of a plan. */
export interface NumberFinding {
  readonly country: string;
  /** The portability database knows better than the numbering plan. */
  readonly type: PhoneNumberType;
  /** Who routes it now, by the portability database. */
  readonly spid?: string;
  /** The carrier of ours that its own record says it is with. */
  readonly registeredWith?: string;
  /** What the gaining carrier says of it; absent when it was not asked or did not say. */
  readonly check?: {
    readonly portable: boolean;
    readonly messagingCapable?: boolean;
    readonly onDemand?: boolean;
  };
  /** Another port of it is open with us (invariant 7). */
  readonly otherPortOpen: boolean;
}

/** What a plan says of all its numbers. */
export interface PlanTerms {
  readonly gaining: PartyFacts;
  /** As the request names it; absent: what records and database say. */
  readonly losingCarrier?: string;
  /** Every carrier of ours. */
  readonly carriers: readonly PartyFacts[];
  readonly messagingPlan: 'move' | 'stay' | 'messaging-only';
  readonly now: Date;
}

/** Why a number goes into no order. */
export interface NumberProblem {
  readonly code: string;
  /** What is wrong and how to mend it; without the number. */
  readonly message: string;
}

export type Assessment = { readonly kind: OrderKind } | { readonly problem: NumberProblem };

/** Into which kind of order a number belongs, or why into none. */
export function assessNumber(finding: NumberFinding, terms: PlanTerms): Assessment {
  const { country, type, spid, registeredWith, check, otherPortOpen } = finding;
  const { gaining, messagingPlan, now } = terms;
  const [refused] = predictRejections({
    numbers: [{ valid: true, country, type, otherPortOpen, ...(spid && { spid }), ...(check && { check }) }],
    gaining,
    messagingPlan,
    portType: 'full',
    given: [],
    portsBillingNumber: false,
    now,
  }).filter(({ certain, positions, field }) => certain && positions !== undefined && field === 'phoneNumbers');
  if (refused) return { problem: { code: refused.code, message: `${refused.message} ${refused.fix}` } };
  if (registeredWith === gaining.id) {
    return {
      problem: {
        code: 'already-at-gaining-carrier',
        message: 'Its record says that it is with the gaining carrier already. Leave it out.',
      },
    };
  }
  if (registeredWith !== undefined && terms.losingCarrier !== undefined && registeredWith !== terms.losingCarrier) {
    return {
      problem: {
        code: 'losing-carrier-mismatch',
        message:
          'It is registered with another carrier than the losing one. Port it with the account data of its own carrier.',
      },
    };
  }
  return {
    kind: {
      ...losingOf(finding, terms),
      country,
      type,
      ...(check?.onDemand !== undefined && { onDemand: check.onDemand }),
    },
  };
}

/** The database knows who routes a number; what it calls by no SPID of ours may still be a carrier of ours that rides another's. */
function losingOf(
  { spid, registeredWith }: NumberFinding,
  { carriers, losingCarrier }: PlanTerms,
): Pick<OrderKind, 'losingCarrier' | 'spid'> {
  const named = registeredWith ?? losingCarrier;
  const routing = spid === undefined ? undefined : carriers.find(({ spids }) => spids.includes(spid));
  const ours = routing?.id ?? named;
  const foreign = spid !== undefined && routing === undefined;
  return { ...(ours !== undefined && { losingCarrier: ours }), ...(foreign && { spid }) };
}

/** One order of a plan: what its numbers have in common, and their positions in the request, ascending. */
export interface PlannedOrder {
  readonly kind: OrderKind;
  readonly positions: readonly number[];
}

/**
 * Splits numbers into orders of one kind and at most 500 numbers. The same numbers in the same order always give the same orders, so
 * that a repetition changes nothing.
 * @param kinds by position in the request; undefined for a number that goes into no order
 * @param most numbers of one order
 * @returns the orders, by their first number
 */
export function splitIntoOrders(
  kinds: readonly (OrderKind | undefined)[],
  most: number = numbersPerOrder,
): PlannedOrder[] {
  const orders: { kind: OrderKind; positions: number[] }[] = [];
  const filling = new Map<string, { kind: OrderKind; positions: number[] }>();
  kinds.forEach((kind, position) => {
    if (kind === undefined) return;
    const key = keyOf(kind);
    let order = filling.get(key);
    if (order === undefined || order.positions.length >= most) {
      order = { kind, positions: [] };
      filling.set(key, order);
      orders.push(order);
    }
    order.positions.push(position);
  });
  return orders;
}

function keyOf({ losingCarrier, spid, country, type, onDemand }: OrderKind): string {
  return JSON.stringify([losingCarrier ?? null, spid ?? null, country, type, onDemand ?? null]);
}
