import facts from './facts/port-requirements.json' with { type: 'json' };
import type { MessagingPlan } from './lifecycle/cutover.ts';
import type { OrderProblem } from './lifecycle/order.ts';
import type { PhoneNumberType } from './phone-number.ts';

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
  readonly check?: { readonly portable: boolean; readonly messagingCapable?: boolean; readonly reason?: string };
  /** Another port of this number is open with us (invariant 7). */
  readonly otherPortOpen?: boolean;
}

/** A carrier that takes part; a set of SPIDs, because a carrier may ride another's. */
export interface PartyFacts {
  readonly id: string;
  readonly spids: readonly string[];
}

export interface PortFacts {
  /** In the order of the request: problems name them by position, never by their digits (invariant 9). */
  readonly numbers: readonly NumberFacts[];
  readonly gaining: PartyFacts;
  readonly losing?: PartyFacts;
  readonly messagingPlan: MessagingPlan;
  readonly portType: 'full' | 'partial';
  /** Paths of the request that hold a value, e.g. `subscriber.pin`, `authorizationCodes.pac`, `remainingNumbers`. */
  readonly given: readonly string[];
  /** The main billing number is among the numbers to be ported. */
  readonly portsBillingNumber: boolean;
  readonly requestedFocAt?: Date;
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
  const problems = [...ofNumbers(port), ...ofMixture(port), ...ofCarriers(port), ...ofRequest(port)];
  return problems.sort((a, b) => Number(b.certain) - Number(a.certain));
}

function concerning(
  port: PortFacts,
  code: string,
  message: string,
  fix: string,
  concerns: (number: NumberFacts) => boolean,
): PredictedRejection[] {
  const positions = port.numbers.flatMap((each, position) => (concerns(each) ? [position] : []));
  return positions.length === 0 ? [] : [{ code, field: 'phoneNumbers', message, fix, certain: true, positions }];
}

function ofNumbers(port: PortFacts): PredictedRejection[] {
  const hosted = port.messagingPlan === 'messaging-only';
  return [
    ...concerning(
      port,
      'phone-number-invalid',
      'No numbering plan has this number.',
      'Check its country code and its digits.',
      ({ valid }) => !valid,
    ),
    ...concerning(
      port,
      'number-type-not-portable',
      'Numbers of this type or of no country cannot be ported.',
      'Leave it out.',
      ({ valid, type, country }) => valid && (type === 'other' || country === '001'),
    ),
    ...concerning(
      port,
      'port-already-open',
      'Another port of this number is open.',
      'Follow that port, or cancel it first.',
      ({ otherPortOpen }) => otherPortOpen === true,
    ),
    ...concerning(
      port,
      'number-not-portable',
      'The gaining carrier says that it cannot port this number.',
      'Leave it out, choose another gaining carrier, or move its texts alone (messagingPlan messaging-only).',
      ({ check }) => !hosted && check?.portable === false,
    ),
    ...concerning(
      port,
      'messaging-not-supported',
      'The gaining carrier cannot carry the texts of this number.',
      'Leave its texts where they are (messagingPlan stay), or choose another gaining carrier.',
      ({ check }) => port.messagingPlan !== 'stay' && check?.messagingCapable === false,
    ),
    ...concerning(
      port,
      'already-at-gaining-carrier',
      'The portability database says that this number is with the gaining carrier already.',
      'Leave it out; if only its texts are elsewhere, move them alone (messagingPlan messaging-only).',
      ({ spid }) =>
        !hosted &&
        spid !== undefined &&
        port.gaining.spids.includes(spid) &&
        port.losing?.spids.includes(spid) !== true,
    ),
  ];
}

/** An order is for one losing carrier, one country, one type. */
function ofMixture(port: PortFacts): PredictedRejection[] {
  const valid = port.numbers.filter((each) => each.valid);
  const kinds = new Set(valid.map((each) => each.type).filter((type) => type !== 'fixed-or-mobile'));
  // The numbering plan of North America does not tell fixed from mobile, but it tells toll-free.
  if (kinds.has('toll-free') && valid.some((each) => each.type === 'fixed-or-mobile')) kinds.add('fixed');
  const mixed = (code: string, what: string, values: ReadonlySet<string | undefined>): PredictedRejection[] =>
    values.size < 2
      ? []
      : [
          {
            code,
            field: 'phoneNumbers',
            message: `The numbers are of several ${what}.`,
            fix: 'Send one port for each losing carrier, country and type of number.',
            certain: true,
          },
        ];
  // A SPID says who routes voice, so nothing of who hosts the texts.
  const carriers = port.messagingPlan === 'messaging-only' ? [] : valid.flatMap((each) => each.spid ?? []);
  const ownOf = (spid: string) => (port.losing?.spids.includes(spid) ? port.losing.id : spid);
  return [
    ...mixed('mixed-countries', 'countries', new Set(valid.map((each) => each.country))),
    ...mixed('mixed-types', 'types', kinds),
    ...mixed('mixed-losing-carriers', 'losing carriers', new Set(carriers.map(ownOf))),
  ];
}

function ofCarriers({ gaining, losing, numbers, messagingPlan }: PortFacts): PredictedRejection[] {
  if (losing === undefined) return [];
  if (losing.id === gaining.id) {
    return [
      {
        code: 'gaining-is-losing',
        field: 'gainingCarrier',
        message: 'The gaining carrier is the losing one.',
        fix: 'Name the carrier to which the numbers shall go.',
        certain: true,
      },
    ];
  }
  if (messagingPlan === 'messaging-only') return [];
  const elsewhere = numbers.flatMap(({ spid }, position) =>
    spid === undefined || losing.spids.length === 0 || losing.spids.includes(spid) || gaining.spids.includes(spid)
      ? []
      : [position],
  );
  if (elsewhere.length === 0) return [];
  return [
    {
      code: 'losing-carrier-mismatch',
      field: 'losingCarrier',
      message: 'The portability database names another carrier than the losing one.',
      fix: 'Check with which carrier the number is; the data of the subscriber must be from that one.',
      certain: false,
      positions: elsewhere,
    },
  ];
}

function ofRequest(port: PortFacts): PredictedRejection[] {
  const problems: PredictedRejection[] = [];
  // Hosting texts takes a letter of authorisation alone: the account stays as it is.
  const requirements = port.messagingPlan === 'messaging-only' ? [] : facts.rows;
  for (const row of requirements) {
    if (port.given.includes(row.field) || (row.portType ?? port.portType) !== port.portType) continue;
    const positions = port.numbers.flatMap(({ valid, country, type }, position) =>
      valid && row.countries.includes(country) && row.types.includes(type) ? [position] : [],
    );
    if (positions.length === 0) continue;
    const message = `Numbers of this country and type are not ported without ${row.field}.`;
    problems.push({ code: 'field-missing', field: row.field, message, fix: row.fix, certain: row.certain, positions });
  }
  if (port.portType === 'partial' && port.portsBillingNumber && !port.given.includes('newBillingNumber')) {
    problems.push({
      code: 'new-billing-number-missing',
      field: 'newBillingNumber',
      message: 'The main billing number is to be ported while other numbers stay on the account.',
      fix: 'Name the number that is to be billed for those that stay, or port all of them (portType full).',
      certain: true,
    });
  }
  if (port.requestedFocAt && port.requestedFocAt <= port.now) {
    problems.push({
      code: 'requested-date-past',
      field: 'requestedFocAt',
      message: 'The requested date is in the past.',
      fix: 'Ask for a later date, or leave it out and take the earliest.',
      certain: true,
    });
  }
  return problems;
}
