import type { Confidence } from './delivery-codes.ts';
import facts from './facts/port-requirements.json' with { type: 'json' };
import type { MessagingPlan } from './lifecycle/cutover.ts';
import type { PhoneNumberType } from './phone-number.ts';

export type DocumentKind = 'loa' | 'invoice' | 'csr' | 'identity';

/** `under-review`: given, and nobody has said yes or no to it so far. */
export const requirementStates = ['missing', 'under-review', 'accepted', 'refused'] as const;
export type RequirementState = (typeof requirementStates)[number];

/** `sometimes`: only of some subscribers, or by some losing carriers. */
export const requirementNeeds = ['always', 'likely', 'sometimes'] as const;
export type RequirementNeed = (typeof requirementNeeds)[number];

/** What the losing carrier wants, by country, type and kind of port: a field of the request or a document. What isn't given holds for all. */
export interface RequirementRow {
  readonly id: string;
  /** Path in the body of POST /v1/ports. */
  readonly field?: string;
  readonly document?: DocumentKind;
  readonly countries?: readonly string[];
  readonly types?: readonly PhoneNumberType[];
  readonly portType?: 'full' | 'partial';
  /** Plans for which it is wanted; hosting texts alone leaves the account as it is, so it takes but few. */
  readonly plans?: readonly MessagingPlan[];
  readonly need: RequirementNeed;
  readonly fix: string;
  readonly source: string;
  readonly verifiedAt: string;
  readonly confidence: Confidence;
}

// That the rows have this form is proven by test/domain/port-requirements.test.ts.
export const requirementRows = facts.rows as readonly RequirementRow[];
const voicePlans: readonly MessagingPlan[] = ['move', 'stay'];

/** As far as it decides what a port takes. */
export interface RequiringPort {
  readonly numbers: readonly { readonly valid: boolean; readonly country: string; readonly type: PhoneNumberType }[];
  readonly portType: 'full' | 'partial';
  readonly messagingPlan: MessagingPlan;
  readonly portsBillingNumber: boolean;
}

/** A document that was handed over. */
export interface GivenDocument {
  readonly kind: string;
  readonly state: Exclude<RequirementState, 'missing'>;
}

/** What has been said to the data of a port. */
export interface CarrierVerdict {
  /** Paths of fields that somebody wants mended. */
  readonly refused: readonly string[];
  /** The losing carrier has agreed to the port, so to all of its data. */
  readonly accepted: boolean;
}

export interface PortRequirement {
  readonly id: string;
  readonly kind: 'field' | 'document';
  /** Path in the body of POST /v1/ports, or the kind of document. */
  readonly name: string;
  readonly need: RequirementNeed;
  readonly state: RequirementState;
  readonly fix: string;
}

/** The rows that hold for a port, and for which of its numbers (by position). */
export function requirementRowsOf(port: RequiringPort): { row: RequirementRow; positions: number[] }[] {
  return requirementRows.flatMap((row) => {
    if (!(row.plans ?? voicePlans).includes(port.messagingPlan)) return [];
    if ((row.portType ?? port.portType) !== port.portType) return [];
    const positions = port.numbers.flatMap(({ valid, country, type }, position) =>
      valid && (row.countries?.includes(country) ?? true) && (row.types?.includes(type) ?? true) ? [position] : [],
    );
    return positions.length === 0 ? [] : [{ row, positions }];
  });
}

/**
 * What a port takes in its country, and where each of it stands.
 * @param given paths of the request that hold a value
 * @param documents those that were handed over; of several of a kind the best counts
 */
export function requirementsOf(
  port: RequiringPort,
  given: readonly string[],
  documents: readonly GivenDocument[],
  verdict: CarrierVerdict = { refused: [], accepted: false },
): PortRequirement[] {
  const fieldState = (path: string): RequirementState => {
    if (!given.includes(path)) return 'missing';
    if (verdict.accepted) return 'accepted';
    const refused = verdict.refused.some((each) => each === path || path.startsWith(`${each}.`));
    return refused ? 'refused' : 'under-review';
  };
  const documentState = (kind: DocumentKind): RequirementState => {
    const states = documents.filter((each) => each.kind === kind).map(({ state }) => state);
    return (['accepted', 'under-review', 'refused'] as const).find((state) => states.includes(state)) ?? 'missing';
  };
  const wanted = requirementRowsOf(port).map(({ row: { id, field, document, need, fix } }): PortRequirement => {
    return document === undefined
      ? { id, kind: 'field', name: field ?? id, need, state: fieldState(field ?? id), fix }
      : { id, kind: 'document', name: document, need, state: documentState(document), fix };
  });
  return uniquely(
    port.portsBillingNumber && port.portType === 'partial' ? [...wanted, newBilling(fieldState)] : wanted,
  );
}

function newBilling(fieldState: (path: string) => RequirementState): PortRequirement {
  return {
    id: 'new-billing-number',
    kind: 'field',
    name: 'newBillingNumber',
    need: 'always',
    state: fieldState('newBillingNumber'),
    fix: 'Name the number that is to be billed for those that stay, or port all of them (portType full).',
  };
}

/** Numbers of several types may want the same field; the stronger need counts. */
function uniquely(wanted: readonly PortRequirement[]): PortRequirement[] {
  const byName = new Map<string, PortRequirement>();
  for (const each of wanted) {
    const other = byName.get(each.name);
    const stronger = other && requirementNeeds.indexOf(other.need) <= requirementNeeds.indexOf(each.need);
    if (!stronger) byName.set(each.name, each);
  }
  return [...byName.values()];
}
