import {
  type ConsentEvent,
  type ConsentQuestion,
  confirmationIsDue,
  consentToMarketing,
  standingOptOut,
} from './consent.ts';
import type { RecipientPlaces } from './jurisdictions/recipient-places.ts';
import type { ContentRule, RegistrationScheme } from './jurisdictions/row.ts';
import type { JurisdictionRules } from './jurisdictions/rules.ts';
import type { Cap, Terms } from './jurisdictions/terms.ts';
import type { MessageKind } from './message.ts';
import { reassignmentFinding } from './reassignment.ts';

/** The text that wants to leave. */
export interface PermissionQuestion {
  readonly kind: MessageKind;
  readonly senderKey: string;
  readonly expiresAt: Date;
  /** Set when the text is the confirmation of an opt-out: which one. */
  readonly confirms?: string;
}

export type RegistrationState = 'registered' | 'pending' | 'refused';

/** What is known of who sends. */
export interface SenderFacts {
  readonly kind: 'number' | 'toll-free' | 'short-code' | 'alphanumeric';
  /** Of an alphanumeric sender. */
  readonly name?: string;
  /** A scheme that is missing: nothing is known. */
  readonly registrations: Readonly<Partial<Record<RegistrationScheme, RegistrationState>>>;
}

/** Another reason why nothing may go to this recipient, or from this sender. */
export interface Stop {
  readonly rule: string;
  readonly code: string;
  readonly reason: string;
}

/** Everything that a decision reads besides the text and the law. */
export interface PermissionFacts {
  /** Every event of the ledger about the recipient, in any order. */
  readonly events: readonly ConsentEvent[];
  /** Undefined: nothing is known of where the recipient is; marketing is refused then. */
  readonly where: RecipientPlaces | undefined;
  readonly sender: SenderFacts;
  /** The rules about its wording that the text breaks; asked for only where the law has any. */
  readonly brokenContentRules?: (rules: readonly ContentRule[]) => readonly ContentRule[];
  /** When other marketing texts to the recipient were reserved; without it the cap is not weighed. */
  readonly reserved?: readonly Date[];
  readonly stops?: readonly Stop[];
}

/** One rule that was weighed, and what it said. */
export interface Weighed {
  readonly rule: string;
  readonly says: 'pass' | 'wait' | 'refuse';
  /** What it found: codes, times, ids of consents. No personal data. */
  readonly because?: string;
}

/** Whether a text may leave, with the rules that were weighed. */
export type Permission =
  | {
      readonly decision: 'send';
      /** Of marketing: it must not arrive later, for the hours end. */
      readonly deliverBy?: Date;
      /** It counts against this cap: it may leave only when its place is reserved. */
      readonly cap?: Cap;
      readonly weighed: readonly Weighed[];
    }
  | { readonly decision: 'wait'; readonly until: Date; readonly code: string; readonly weighed: readonly Weighed[] }
  | {
      readonly decision: 'refuse';
      readonly code: string;
      readonly reason: string;
      readonly weighed: readonly Weighed[];
    };

/** A cap, hours, a cap again: after so many turns nothing new comes. */
const turns = 6;

/**
 * Whether a text may leave: now, not before a moment, or not at all. Asked when it is admitted and again right before every submission.
 *
 * Opt-outs and the registration of the sender bind every kind of text; the law on marketing binds marketing. What can't leave before it
 * expires is refused at once.
 */
export function decide(
  message: PermissionQuestion,
  facts: PermissionFacts,
  rules: JurisdictionRules,
  now: Date,
): Permission {
  const weighed: Weighed[] = [];
  const pass = (rule: string, because?: string) => {
    weighed.push(because === undefined ? { rule, says: 'pass' } : { rule, says: 'pass', because });
  };
  const refuse = (rule: string, code: string, reason: string, because = code): Permission => {
    weighed.push({ rule, says: 'refuse', because });
    return { decision: 'refuse', code, reason, weighed };
  };
  const question: ConsentQuestion = { kind: message.kind, senderKey: message.senderKey, events: facts.events, now };

  if (message.confirms) {
    if (!confirmationIsDue(question, message.confirms)) {
      const reason = 'An opt-out is confirmed once and within five minutes; after that nothing more is sent.';
      return refuse('confirmation', 'confirmation-not-due', reason);
    }
    pass('confirmation', message.confirms);
    return { decision: 'send', weighed };
  }
  const optOut = standingOptOut(question);
  if (optOut) {
    return refuse(
      'opt-out',
      'recipient-opted-out',
      'The recipient has opted out of texts from this sender.',
      optOut._id,
    );
  }
  pass('opt-out');
  for (const { rule, code, reason } of facts.stops ?? []) return refuse(rule, code, reason);

  const terms = facts.where && rules.termsOf(facts.where);
  const unregistered = terms && weighRegistration(terms, facts.sender);
  if (unregistered?.refused)
    return refuse('registration', 'sender-not-registered', unregistered.reason, unregistered.because);
  if (unregistered) pass('registration', unregistered.because);
  if (message.kind !== 'marketing') return { decision: 'send', weighed };

  if (!terms || terms.unknownPlace !== undefined) {
    const place = terms?.unknownPlace ?? 'unknown';
    const reason = `What the law of ${place} asks of marketing is not known: add a row for it to the jurisdictions.`;
    return refuse('jurisdiction', 'jurisdiction-unknown', reason, place);
  }
  pass('jurisdiction', terms.rows.join(' '));

  const consent = consentToMarketing(question, terms);
  if (!consent.found) {
    const what = consent.code === 'consent-expired' ? 'has expired' : 'is not on record';
    const reason = `The ${asWords(terms.consent)} consent of the recipient to marketing from this sender ${what}.`;
    return refuse('consent', consent.code, reason, `${terms.consent} needed`);
  }
  pass('consent', `${consent.level} ${consent.consent._id}`);
  if (terms.reassignedUpdatedOnDay !== undefined) {
    pass('reassigned-number', reassignmentFinding(consent.consent.lastCheck, terms.reassignedUpdatedOnDay, now));
  }

  const broken = terms.content.length > 0 ? (facts.brokenContentRules?.(terms.content) ?? terms.content) : [];
  for (const rule of broken) return refuse('content', contentCodes[rule].code, contentCodes[rule].reason, rule);
  if (terms.content.length > 0) pass('content', terms.content.join(' '));
  const { name } = facts.sender;
  for (const prefix of terms.senderPrefixes) {
    if (name?.startsWith(prefix)) continue;
    const reason = `Marketing there comes from a sender whose name begins with ${prefix}.`;
    return refuse('sender-prefix', 'sender-prefix-missing', reason, prefix);
  }

  return weighTime(message, terms, terms.hours(consent.level), facts.reserved, weighed, now);
}

/** When the hours of all places are open and the cap has room: now, later, or not before the text expires. */
function weighTime(
  { expiresAt }: PermissionQuestion,
  { cap }: Terms,
  hours: ReturnType<Terms['hours']>,
  reserved: readonly Date[] | undefined,
  weighed: Weighed[],
  now: Date,
): Permission {
  let at = now;
  let code: 'quiet-hours' | 'cap-reached' | undefined;
  let deliverBy: Date | undefined;
  for (let turn = 0; turn < turns; turn++) {
    const state = hours.forSubmission(at);
    const free = cap && reserved ? freeAt(cap, reserved, at) : at;
    deliverBy = state.open ? state.closesAt : undefined;
    if (state.open && free <= at) break;
    code ??= state.open ? 'cap-reached' : 'quiet-hours';
    if (!state.open && state.opensAt === undefined) {
      weighed.push({ rule: 'hours', says: 'refuse', because: 'closed for weeks' });
      return {
        decision: 'refuse',
        code: 'quiet-hours',
        reason: 'All places of the recipient are at no time open at once.',
        weighed,
      };
    }
    at = !state.open && state.opensAt && state.opensAt > free ? state.opensAt : free > at ? free : at;
  }
  const rule = code === 'cap-reached' ? 'cap' : 'hours';
  if (at >= expiresAt) {
    weighed.push({ rule, says: 'refuse', because: `not before ${at.toISOString()}` });
    const reason = `It may not leave before ${at.toISOString()}, and has expired by then.`;
    return { decision: 'refuse', code: code ?? 'quiet-hours', reason, weighed };
  }
  if (code !== undefined) {
    weighed.push({ rule, says: 'wait', because: `until ${at.toISOString()}` });
    return { decision: 'wait', until: at, code, weighed };
  }
  weighed.push({ rule: 'hours', says: 'pass', ...(deliverBy && { because: `until ${deliverBy.toISOString()}` }) });
  if (!cap) return { decision: 'send', ...(deliverBy && { deliverBy }), weighed };
  const others = reserved ? ` after ${reserved.length}` : '';
  weighed.push({ rule: 'cap', says: 'pass', because: `${cap.texts} in ${cap.hours} h${others}` });
  return { decision: 'send', ...(deliverBy && { deliverBy }), cap, weighed };
}

/** When one more text stays within the cap, given when the others were reserved. */
function freeAt({ texts, hours }: Cap, reserved: readonly Date[], now: Date): Date {
  const windowMs = hours * 3600_000;
  const counting = reserved
    .map((at) => at.getTime())
    .filter((at) => at > now.getTime() - windowMs)
    .sort((a, b) => a - b);
  const inTheWay = counting[counting.length - texts];
  return inTheWay === undefined ? now : new Date(inTheWay + windowMs);
}

function weighRegistration(
  { registration }: Terms,
  sender: SenderFacts,
): { readonly refused: boolean; readonly reason: string; readonly because: string } | undefined {
  let found: { refused: boolean; reason: string; because: string } | undefined;
  for (const { scheme, senders, unknown } of registration) {
    if (!senders.includes(sender.kind)) continue;
    const state = sender.registrations[scheme];
    const refused = state === 'refused' || state === 'pending' || (state === undefined && unknown === 'refuse');
    const because = `${scheme} ${state ?? 'not known'}`;
    const reason = `Texts there need a sender that is registered (${because}): register it, and record that with the number.`;
    if (refused) return { refused, reason, because };
    found = { refused, reason, because };
  }
  return found;
}

const contentCodes: Readonly<Record<ContentRule, { readonly code: string; readonly reason: string }>> = {
  'sender-named': {
    code: 'sender-not-named',
    reason: 'The law there wants the text to name who sends it: put the brand of the number into it, or register one.',
  },
  'opt-out': {
    code: 'opt-out-not-offered',
    reason: 'The law there wants the text to say how to end such texts, like STOP or a link.',
  },
  'no-link': { code: 'link-not-allowed', reason: 'Marketing there may hold no link.' },
  'no-phone-number': { code: 'phone-number-not-allowed', reason: 'Marketing there may hold no phone number.' },
};

function asWords(level: string): string {
  return level.replace('-', ' ');
}
