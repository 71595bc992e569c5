import findingFacts from './facts/port-out-findings.json' with { type: 'json' };
import type { PortOutAnswer, PortOutProposal } from './lifecycle/port-out.ts';
import { isNight } from './night.ts';

/** Why a port-out is rejected, in our terms; each adapter maps its carrier's codes to these, in data. */
export const portOutReasons = [
  'account-number',
  'pin',
  'postal-code',
  'name',
  'number-unknown',
  'number-inactive',
  'too-many',
  'locked',
  'unconfirmed',
  'other',
] as const;
export type PortOutReason = (typeof portOutReasons)[number];

/** A rejection that the carrier takes for one port-out. */
export interface EligibleRejection {
  /** The carrier's own, raw. */
  readonly code: string;
  /** Absent for a code that no table has: only a person may use it. */
  readonly reason?: PortOutReason;
}

/** What a value in the request is, beside the one that the owner registered. `untold`: this carrier never tells it. */
export type Comparison = 'match' | 'mismatch' | 'missing' | 'unregistered' | 'untold';

export interface PortOutNumberFacts {
  /** Registered as ours. */
  readonly own: boolean;
  /** Not ported out already. */
  readonly active: boolean;
  /** Our record says that it is with the carrier that is asked. */
  readonly atCarrier: boolean;
  readonly locked: boolean;
  readonly accountNumber: Comparison;
  readonly pin: Comparison;
  readonly postalCode: Comparison;
  /** A port of our own takes it away from this carrier. */
  readonly ownPort: boolean;
  /** An earlier request named a wrong account number or PIN. */
  readonly wrongBefore: boolean;
  readonly portedInAt?: Date;
  readonly simChangedAt?: Date;
  /** ISO 3166 alpha-2. */
  readonly country?: string;
}

export interface PortOutFacts {
  readonly numbers: readonly PortOutNumberFacts[];
  readonly requestedAt: Date;
  /** Numbers of ours that were asked for in the last day, these included. */
  readonly askedLately: number;
  readonly eligible: readonly EligibleRejection[];
  /** What is answered when nobody decides in time (PORTSMS_PORT_OUT_UNDECIDED). */
  readonly undecided: 'reject' | 'authorize';
}

export type FindingCode = keyof typeof findingFacts.findings;

export interface PortOutFinding {
  readonly code: FindingCode;
  /** Index in `numbers`; absent when it is about the whole request. */
  readonly number?: number;
}

/** What a finding means, for people, and what it does to the request. */
export interface FindingMeaning {
  /** `reject`: a reason that carriers take; `suspect`: a person decides; `note`: is only shown. */
  readonly weight: 'reject' | 'suspect' | 'note';
  readonly reason?: PortOutReason;
  readonly meaning: string;
}

export interface PortOutVerdict {
  readonly findings: readonly PortOutFinding[];
  readonly proposal: PortOutProposal;
}

const { recentPortInDays, recentSimChangeDays, manyNumbers } = findingFacts.limits;
const day = 24 * 3600_000;

export function explainFinding(code: FindingCode): FindingMeaning {
  return findingFacts.findings[code] as FindingMeaning;
}

/**
 * Decides about a request to take numbers away: authorize what the owner's own data prove, reject what they disprove by a code that
 * the carrier takes, and leave everything else to a person. Only account number and PIN prove anything: a postal code is no secret.
 */
export function decidePortOut(facts: PortOutFacts): PortOutVerdict {
  const findings: PortOutFinding[] = [
    ...facts.numbers.flatMap((number, index) => findingsOf(number, facts).map((code) => ({ code, number: index }))),
    ...(facts.askedLately >= manyNumbers ? [{ code: 'many-numbers' as const }] : []),
  ];
  return { findings, proposal: propose(findings, facts) };
}

function propose(findings: readonly PortOutFinding[], { eligible, undecided }: PortOutFacts): PortOutProposal {
  const meanings = findings.map(({ code }) => explainFinding(code));
  const reasons = meanings.flatMap(({ weight, reason }) => (weight === 'reject' && reason ? [reason] : []));
  if (reasons.length > 0) {
    const rejection = rejectionFor(reasons, eligible);
    // Nothing that the carrier takes says it: a person has to find another way.
    return rejection ?? { decision: 'ask' };
  }
  if (!meanings.some(({ weight }) => weight === 'suspect')) return { decision: 'authorize' };
  const fallback =
    undecided === 'reject' ? rejectionFor(['unconfirmed'], eligible) : ({ decision: 'authorize' } as const);
  return { decision: 'ask', ...(fallback && { fallback }) };
}

/** The first code that says one of these reasons, else the one for other reasons. */
function rejectionFor(
  reasons: readonly PortOutReason[],
  eligible: readonly EligibleRejection[],
): PortOutAnswer | undefined {
  const found = [...reasons, 'other' as const].flatMap(
    (reason) => eligible.find((rejection) => rejection.reason === reason) ?? [],
  );
  return found[0] && { decision: 'reject', code: found[0].code };
}

function findingsOf(number: PortOutNumberFacts, facts: PortOutFacts): FindingCode[] {
  if (!number.own) return ['number-not-ours'];
  if (!number.active) return ['number-not-active'];
  const found: FindingCode[] = [];
  const compared = [number.accountNumber, number.pin, number.postalCode] as const;
  (['account-number', 'pin', 'postal-code'] as const).forEach((name, index) => {
    const comparison = compared[index];
    if (comparison === 'mismatch' || comparison === 'missing') found.push(`${name}-${comparison}`);
  });
  if (number.locked) found.push('locked');
  // What we order ourselves is neither strange nor in need of a PIN.
  if (number.ownPort) return [...found, 'own-port'];
  if (number.accountNumber !== 'match' && number.pin !== 'match') found.push('unverified');
  if (!number.atCarrier) found.push('number-elsewhere');
  if (number.wrongBefore) found.push('wrong-before');
  if (number.wrongBefore && number.country && isNight(facts.requestedAt, number.country)) found.push('odd-hours');
  const since = (at: Date | undefined) => (at ? facts.requestedAt.getTime() - at.getTime() : Number.POSITIVE_INFINITY);
  if (since(number.portedInAt) < recentPortInDays * day) found.push('recent-port-in');
  if (since(number.simChangedAt) < recentSimChangeDays * day) found.push('recent-sim-change');
  return found;
}
