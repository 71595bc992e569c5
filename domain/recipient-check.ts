import facts from './facts/record-freshness.json' with { type: 'json' };
import type { MessageKind } from './message.ts';

/** What a caller wants when the recipient's number has moved lately: then whoever has it now may not be who had it. */
export const recentPortPolicies = ['send', 'flag', 'refuse'] as const;
export type RecentPortPolicy = (typeof recentPortPolicies)[number];

/**
 * How well it was known where a recipient is when its text was admitted.
 * `own`: a number of ours, the record is the truth; `fresh`: the record was young enough; `verified`: the database was asked for this
 * text; `unverified`: it was asked and did not answer in time, so the record was used as old as it was; `not-asked`: nothing was known,
 * and a text of this kind is not worth asking for, or there is no database.
 */
export const recipientChecks = ['own', 'fresh', 'verified', 'unverified', 'not-asked'] as const;
export type RecipientCheck = (typeof recipientChecks)[number];

/** What a number's record says of when it was asked about, and of its moves (store/numbers.ts). */
export interface RecipientRecord {
  readonly own: boolean;
  readonly lookUp?: {
    readonly at: Date;
    readonly ported: boolean;
    readonly spid?: string | undefined;
    readonly portedAt?: Date | undefined;
    readonly changedAt?: Date | undefined;
  };
  /** When the database was last asked, also where it knew nothing. */
  readonly askedAt?: Date;
  /** When a carrier's answer last pointed at a move of this number. */
  readonly suspectedAt?: Date;
  readonly routing?: { readonly state: string; readonly since?: Date };
  readonly history?: readonly { readonly at: Date }[];
}

export interface RecipientQuestion {
  readonly kind: MessageKind;
  readonly policy: RecentPortPolicy;
  readonly acceptedAt: Date;
  /** When its last submission failed in a way that points at a move: what was known before that is no answer. */
  readonly failedAt?: Date;
  readonly now: Date;
}

const minuteMs = 60_000;
const transitionMs = facts.inTransition.hours * 60 * minuteMs;
const recentMs = facts.recentPort.days * 24 * 60 * minuteMs;

/**
 * Whether the database has to be asked before a text is routed: what is fresh is believed, what is stale or in transition is asked for.
 * @param record undefined: the number has none
 */
export function mustAsk(record: RecipientRecord | undefined, question: RecipientQuestion): boolean {
  if (record?.own) return false;
  const askedAt = lastAsked(record);
  if (question.failedAt !== undefined) return askedAt === undefined || askedAt <= question.failedAt;
  const guarded = question.policy !== 'send';
  if (askedAt === undefined) return guarded || facts.kinds[question.kind].firstLook;
  const ages = [
    facts.kinds[question.kind].freshMinutes,
    ...(guarded ? [facts.recentPort.freshMinutes] : []),
    ...(isInTransition(record, question.now) ? [facts.inTransition.freshMinutes] : []),
  ];
  return question.now.getTime() - askedAt.getTime() > Math.min(...ages) * minuteMs;
}

/** How well a recipient is known, once everybody who was to be asked has been. */
export function recipientCheck(record: RecipientRecord | undefined, question: RecipientQuestion): RecipientCheck {
  if (record?.own) return 'own';
  if (mustAsk(record, question)) return 'unverified';
  const askedAt = lastAsked(record);
  if (askedAt === undefined) return 'not-asked';
  return askedAt >= (question.failedAt ?? question.acceptedAt) ? 'verified' : 'fresh';
}

/** When a number last moved, as far as anybody knows; undefined when nothing says that it has. */
export function portedAt(record: RecipientRecord | undefined): Date | undefined {
  if (!record) return undefined;
  const { lookUp, routing, history } = record;
  const moves = [
    lookUp?.portedAt,
    lookUp?.changedAt,
    history?.at(-1)?.at,
    routing?.state === 'uncertain' ? routing.since : undefined,
  ];
  return moves.reduce((latest, each) => (each && (!latest || each > latest) ? each : latest), undefined);
}

/** Whether a number has moved so lately that the caller's policy applies. */
export function movedLately(movedAt: Date | undefined, now: Date): boolean {
  return movedAt !== undefined && now.getTime() - movedAt.getTime() < recentMs;
}

/** Its texts may still go the old way: networks learn of a move one after the other. */
function isInTransition(record: RecipientRecord | undefined, now: Date): boolean {
  return [record?.lookUp?.changedAt, record?.lookUp?.portedAt, record?.suspectedAt].some(
    (at) => at !== undefined && now.getTime() - at.getTime() < transitionMs,
  );
}

function lastAsked(record: RecipientRecord | undefined): Date | undefined {
  const asked = record?.askedAt;
  const answered = record?.lookUp?.at;
  return asked && answered ? (asked > answered ? asked : answered) : (asked ?? answered);
}
