import rules from './facts/consent-rules.json' with { type: 'json' };
import type { ConsentLevel } from './jurisdictions/row.ts';
import { consentLevels } from './jurisdictions/terms.ts';
import type { MessageKind } from './message.ts';
import type { ReassignmentCheck } from './reassignment.ts';

/** What the rules read of one event in the consent ledger of one person. */
export interface ConsentEvent {
  readonly _id: string;
  readonly type: 'granted' | 'revoked';
  /** The one sender that it is about; absent: all of them. */
  readonly senderKey?: string;
  /** The kinds of texts that it is about; absent: all of them. */
  readonly kinds?: readonly MessageKind[];
  readonly basis: 'express-written' | 'express' | 'soft-opt-in' | 'implied' | 'porting' | 'opt-in' | 'opt-out';
  /** Who told us. */
  readonly source?: string;
  readonly at: Date;
  readonly expiresAt?: Date;
  /** The grant that a revocation takes back; its scope is the revocation's where that names none. */
  readonly revokes?: string;
  /** Of a consent: the last look-up of whether the number still is the person's. */
  readonly lastCheck?: ReassignmentCheck;
  /** Where the person was or is, as a record of the event says: a code of ISO 3166. */
  readonly jurisdiction?: string;
}

/** Who wants to write what. */
export interface ConsentQuestion {
  readonly kind: MessageKind;
  readonly senderKey: string;
  /** Every event about the recipient, in any order. */
  readonly events: readonly ConsentEvent[];
  readonly now: Date;
}

/** What the law asks of a consent to marketing. */
export interface ConsentTerms {
  readonly consent: ConsentLevel;
  readonly impliedMonths: number | undefined;
}

/** The best consent on record, or why there is none. */
export type ConsentFinding =
  | { readonly found: true; readonly consent: ConsentEvent; readonly level: ConsentLevel }
  | { readonly found: false; readonly code: 'consent-missing' | 'consent-expired' };

const levelOf: ReadonlyMap<string, ConsentLevel> = new Map(
  rules.bases.flatMap(({ basis, level }) => (level === null ? [] : [[basis, level as ConsentLevel] as const])),
);
const liftsOptOut: ReadonlySet<string> = new Set(
  rules.bases.filter((row) => row.liftsOptOut).map(({ basis }) => basis),
);
/** Never longer than the law's months are together. */
const monthMs = 30 * 24 * 3600_000;

/**
 * The revocation that stands against a text. An opt-out stops every kind of text from the senders that it names until the person opts in
 * again or consents anew.
 */
export function standingOptOut(question: ConsentQuestion): ConsentEvent | undefined {
  const { events } = question;
  const revocations = events.filter(({ type }) => type === 'revoked');
  if (revocations.length === 0) return undefined;
  const lifting = grantsFor(question).filter(({ basis }) => liftsOptOut.has(basis));
  return revocations.find(
    (revocation) =>
      covers(withScope(revocation, events), question) && !lifting.some((grant) => grant.at > revocation.at),
  );
}

/**
 * The consent to marketing on record that the law of the recipient's places takes for enough. What was given before an erasure is none any
 * more: nobody could show it.
 */
export function consentToMarketing(question: ConsentQuestion, terms: ConsentTerms): ConsentFinding {
  const { events, now } = question;
  const takenBack = new Set(events.flatMap((event) => event.revokes ?? []));
  const erasures = events.filter(({ source }) => source === 'erasure');
  const least = consentLevels.indexOf(terms.consent);
  let expired = false;
  let best: { consent: ConsentEvent; level: ConsentLevel } | undefined;
  for (const consent of grantsFor(question)) {
    const level = levelOf.get(consent.basis);
    if (level === undefined || consentLevels.indexOf(level) < least || takenBack.has(consent._id)) continue;
    if (erasures.some(({ at }) => at >= consent.at)) continue;
    if (hasExpired(consent, level, terms, now)) expired = true;
    else if (!best || consentLevels.indexOf(level) > consentLevels.indexOf(best.level)) best = { consent, level };
  }
  if (best) return { found: true, ...best };
  return { found: false, code: expired ? 'consent-expired' : 'consent-missing' };
}

/**
 * Whether an opt-out may be confirmed now: within five minutes, and once. Who says it again, with nothing said to the contrary meanwhile, has
 * had the one text that may follow an opt-out (47 CFR 64.1200(a)(12)).
 */
export function confirmationIsDue(
  { senderKey, events, now }: Pick<ConsentQuestion, 'senderKey' | 'events' | 'now'>,
  revocationId: string,
): boolean {
  const revocation = events.find((event) => event._id === revocationId && event.type === 'revoked');
  if (!revocation || now.getTime() - revocation.at.getTime() > rules.confirmation.withinMs) return false;
  const isOfSender = (event: ConsentEvent) => (event.senderKey ?? senderKey) === senderKey;
  const saidBefore = ({ _id, type, source, kinds, at }: ConsentEvent) =>
    type === 'revoked' &&
    source === 'inbound' &&
    kinds === undefined &&
    (at < revocation.at || (at.getTime() === revocation.at.getTime() && _id < revocationId));
  return !events.some(
    (earlier) =>
      isOfSender(earlier) &&
      saidBefore(earlier) &&
      !events.some(
        (grant) =>
          grant.type === 'granted' &&
          isOfSender(grant) &&
          liftsOptOut.has(grant.basis) &&
          grant.at > earlier.at &&
          grant.at <= revocation.at,
      ),
  );
}

function hasExpired(consent: ConsentEvent, level: ConsentLevel, { impliedMonths }: ConsentTerms, now: Date): boolean {
  if (consent.expiresAt !== undefined && consent.expiresAt <= now) return true;
  if (level !== 'implied' || impliedMonths === undefined) return false;
  return consent.at.getTime() + impliedMonths * monthMs <= now.getTime();
}

function grantsFor(question: ConsentQuestion): ConsentEvent[] {
  return question.events.filter(
    (event) => event.type === 'granted' && event.at <= question.now && covers(event, question),
  );
}

/** A revocation that names neither sender nor kinds has the scope of the grant that it takes back. */
function withScope(revocation: ConsentEvent, events: readonly ConsentEvent[]): ConsentEvent {
  const grant = revocation.revokes && events.find((event) => event._id === revocation.revokes);
  if (!grant) return revocation;
  const senderKey = revocation.senderKey ?? grant.senderKey;
  const kinds = revocation.kinds ?? grant.kinds;
  return {
    ...revocation,
    ...(senderKey === undefined ? {} : { senderKey }),
    ...(kinds === undefined ? {} : { kinds }),
  };
}

function covers(event: ConsentEvent, { senderKey, kind }: ConsentQuestion): boolean {
  return (event.senderKey ?? senderKey) === senderKey && (event.kinds?.includes(kind) ?? true);
}
