import type { Activation } from './lifecycle/activation.ts';
import type { MessagingPlan } from './lifecycle/cutover.ts';
import type { OrderProblem } from './lifecycle/order.ts';
import type { OrderClocks } from './lifecycle/order-clocks.ts';
import type { PhoneNumberType } from './phone-number.ts';
import { codePredictions } from './port-check/authorization-codes.ts';
import { datePredictions } from './port-check/dates.ts';
import { fieldPredictions } from './port-check/fields.ts';
import { mixturePredictions } from './port-check/mixture.ts';
import { numberPredictions } from './port-check/numbers.ts';
import { partyPredictions } from './port-check/parties.ts';
import { subscriberPredictions } from './port-check/subscriber.ts';
import type { PortRequest } from './port-request.ts';

/** What is known of one number before its port is submitted. */
export interface NumberFacts {
  /** False when no numbering plan has it. */
  readonly valid: boolean;
  /** ISO 3166 alpha-2. */
  readonly country: string;
  /** The portability database knows better than the numbering plan; give its type when it has one. */
  readonly type: PhoneNumberType;
  /** Who routes it now, by the portability database; absent when that knows nothing. */
  readonly spid?: string;
  /** The gaining carrier's own check; absent when it was not asked. */
  readonly check?: {
    readonly portable: boolean;
    readonly messagingCapable?: boolean;
    /** It can be activated on demand. */
    readonly onDemand?: boolean;
    readonly reason?: string;
  };
  /** Another port of this number is open with us (invariant 7). */
  readonly otherPortOpen?: boolean;
  /** Our own record of the number has a lock against ports. */
  readonly portOutLocked?: boolean;
  /** When its SIM was changed last, as far as its owner says. */
  readonly simChangedAt?: Date;
  /** Who carries its texts, by our own record of the number. */
  readonly textsAt?: PartyFacts;
}

/** A carrier that takes part; a set of SPIDs, because a carrier may ride another's. */
export interface PartyFacts {
  readonly id: string;
  readonly spids: readonly string[];
}

export interface PortFacts {
  /** In the order of the request: problems name them by position, never by their digits (invariant 9). */
  readonly numbers: readonly NumberFacts[];
  /** With the adapter, whose reasons we read. */
  readonly gaining: PartyFacts & { readonly adapter?: string };
  readonly losing?: PartyFacts;
  readonly messagingPlan: MessagingPlan;
  readonly portType: 'full' | 'partial';
  readonly activation?: Activation;
  /** Paths of the request that hold a value, e.g. `subscriber.pin`, `authorizationCodes.pac`, `remainingNumbers`. */
  readonly given: readonly string[];
  /** The values themselves, where they are known; no prediction repeats one (invariant 9). */
  readonly request?: PortRequest;
  /** The main billing number is among the numbers to be ported. */
  readonly portsBillingNumber: boolean;
  readonly requestedFocAt?: Date;
  /** Of this port, if it is submitted now. */
  readonly clocks?: Pick<OrderClocks, 'earliestFocAt' | 'latestFocAt'>;
  readonly now: Date;
}

/** A rejection that can be foreseen, and how to avoid it. */
export interface PredictedRejection extends OrderProblem {
  readonly field: string;
  readonly fix: string;
  /** False: likely, but the carrier may know better; to be shown, and no reason to hold the port back. */
  readonly certain: boolean;
  /** Which of the numbers, by position from 0; absent when it concerns the order. */
  readonly positions?: readonly number[];
}

/**
 * What the carriers would refuse, from what is known before anything is submitted.
 * @returns the certain ones first; empty when nothing speaks against submission
 */
export function predictRejections(port: PortFacts): PredictedRejection[] {
  const problems = [
    ...numberPredictions(port),
    ...mixturePredictions(port),
    ...partyPredictions(port),
    ...fieldPredictions(port),
    ...codePredictions(port),
    ...subscriberPredictions(port),
    ...datePredictions(port),
  ];
  return joined(problems).sort((a, b) => Number(b.certain) - Number(a.certain));
}

/** What two sources say of several numbers is said once, of all of them; what is certain isn't said again as likely. */
function joined(problems: readonly PredictedRejection[]): PredictedRejection[] {
  const byKind = new Map<string, PredictedRejection>();
  const kindOf = (problem: PredictedRejection, certain: boolean) => `${problem.code} ${problem.field} ${certain}`;
  for (const problem of problems) {
    const kind = kindOf(problem, problem.certain);
    const first = byKind.get(kind);
    const positions = [...new Set([...(first?.positions ?? []), ...(problem.positions ?? [])])].sort((a, b) => a - b);
    byKind.set(kind, { ...(first ?? problem), ...(positions.length > 0 && { positions }) });
  }
  return [...byKind.values()].filter((problem) => {
    const certainly = byKind.get(kindOf(problem, true));
    if (problem.certain || !certainly) return true;
    return !(problem.positions ?? []).every((position) => certainly.positions?.includes(position) ?? true);
  });
}
