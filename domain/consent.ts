import rules from './facts/consent-rules.json' with { type: 'json' };
import type { MessageKind } from './message.ts';

/** What the rules read of one event in the consent ledger of one person. */
export interface ConsentEvent {
  readonly _id: string;
  readonly type: 'granted' | 'revoked';
  /** The one sender that it is about; absent: all of them. */
  readonly senderKey?: string;
  /** The kinds of texts that it is about; absent: all of them. */
  readonly kinds?: readonly MessageKind[];
  readonly basis: 'express-written' | 'express' | 'soft-opt-in' | 'implied' | 'porting' | 'opt-in' | 'opt-out';
  readonly at: Date;
  readonly expiresAt?: Date;
  /** The grant that a revocation takes back; its scope is the revocation's where that names none. */
  readonly revokes?: string;
}

/** The text that wants to leave. */
export interface ConsentQuestion {
  readonly kind: MessageKind;
  readonly senderKey: string;
  /** Every event about the recipient, in any order. */
  readonly events: readonly ConsentEvent[];
  readonly now: Date;
  /** Set when the text is the confirmation of an opt-out: which one, and whether one has been sent already. */
  readonly confirms?: { readonly revocation: string; readonly sentBefore: boolean };
}

export type RefusalCode = 'recipient-opted-out' | 'consent-missing' | 'consent-expired' | 'confirmation-not-due';

export type ConsentDecision =
  | { readonly decision: 'send' }
  | { readonly decision: 'wait'; readonly until: Date; readonly reason: string }
  | { readonly decision: 'refuse'; readonly code: RefusalCode; readonly reason: string };

const permitsMarketing = basesWith('permitsMarketing');
const liftsOptOut = basesWith('liftsOptOut');

/**
 * Whether a text may leave. It is asked when the text is admitted and again when it has been claimed.
 *
 * An opt-out stops every kind of text from the senders that it names until the person opts in again or consents anew;
 * the one exception is its own confirmation, once, within five minutes. Marketing needs express consent on record;
 * the other kinds need none.
 */
export function decide(question: ConsentQuestion): ConsentDecision {
  const { events, kind, now } = question;
  const grants = events.filter((event) => event.type === 'granted' && event.at <= now && covers(event, question));
  const revocations = events
    .filter((event) => event.type === 'revoked')
    .map((event) => withScope(event, events))
    .filter((event) => covers(event, question));

  if (question.confirms) return decideConfirmation(question, question.confirms);

  const optedOut = revocations.some(
    (revocation) => !grants.some((grant) => liftsOptOut.has(grant.basis) && grant.at > revocation.at),
  );
  if (optedOut) {
    return refuse('recipient-opted-out', 'The recipient has opted out of texts from this sender.');
  }
  if (kind !== 'marketing') return { decision: 'send' };

  const takenBack = new Set(events.flatMap((event) => event.revokes ?? []));
  const consents = grants.filter((grant) => permitsMarketing.has(grant.basis) && !takenBack.has(grant._id));
  if (consents.length === 0) {
    return refuse('consent-missing', 'No express consent of the recipient to marketing from this sender is on record.');
  }
  if (consents.every((grant) => grant.expiresAt !== undefined && grant.expiresAt <= now)) {
    return refuse('consent-expired', "The recipient's consent to marketing from this sender has expired.");
  }
  return { decision: 'send' };
}

function decideConfirmation(
  { events, now }: ConsentQuestion,
  confirms: NonNullable<ConsentQuestion['confirms']>,
): ConsentDecision {
  const revocation = events.find((event) => event._id === confirms.revocation && event.type === 'revoked');
  const late = revocation && now.getTime() - revocation.at.getTime() > rules.confirmation.withinMs;
  if (revocation && !late && !confirms.sentBefore) return { decision: 'send' };
  return refuse(
    'confirmation-not-due',
    'An opt-out is confirmed once and within five minutes; after that nothing more is sent.',
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

function refuse(code: RefusalCode, reason: string): ConsentDecision {
  return { decision: 'refuse', code, reason };
}

function basesWith(what: 'permitsMarketing' | 'liftsOptOut'): ReadonlySet<string> {
  return new Set(rules.bases.filter((row) => row[what]).map((row) => row.basis));
}
