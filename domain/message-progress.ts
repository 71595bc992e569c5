import { classifyCode, type DeliveryCode, type Fault, type Meaning } from './delivery-codes.ts';
import { finalReceiptStates, isFinal, type MessageStatus, type ReceiptState } from './message.ts';
import { retryDelayMs } from './retry.ts';

/** One segment of an attempt: what the carrier answered, and what its receipt said. */
export interface PartProgress {
  readonly carrierMessageId?: string;
  /** The id as the carrier wrote it, where that is not the form in which its receipts name it: what it is asked by. */
  readonly givenId?: string;
  readonly outcome: 'accepted' | 'rejected' | 'ambiguous' | 'unsent';
  readonly code?: string;
  readonly state?: ReceiptState;
  readonly stateAt?: Date;
}

/** One submission of a text to one carrier: its audit, with the workflow and run that made it. */
export interface Attempt {
  readonly carrier: string;
  /** The claim under which it was made (invariant 5). */
  readonly token: string;
  readonly claimedAt: Date;
  readonly workflowId: string;
  readonly runId: string;
  readonly answeredAt?: Date;
  /** Absent while the submission is unanswered. */
  readonly parts?: readonly PartProgress[];
  /** Why it failed, as the codes were read then: our code, its class, and whose fault it was. */
  readonly failure?: AttemptFailure;
  /** When the carrier was last asked what became of it, because no receipt came (domain/inquiry.ts). */
  readonly askedAt?: Date;
}

/** Whether nobody can say if the carrier took all of it: it has not answered, or not for every segment. */
export function isUnsure({ answeredAt, parts }: Pick<Attempt, 'answeredAt' | 'parts'>): boolean {
  return !answeredAt || (parts?.some(({ outcome }) => outcome === 'ambiguous') ?? false);
}

export interface AttemptFailure {
  readonly code: string;
  readonly class: string;
  readonly fault: Fault;
}

export interface Failure {
  /** Our code: few, documented, stable. */
  readonly code: string;
  readonly class: string;
  /** The carrier's own code, raw. */
  readonly carrierCode?: string;
  readonly at: Date;
}

/** Where a text stands. The store's document extends it; the rules below are all that ever changes it after a claim. */
export interface MessageProgress {
  readonly status: MessageStatus;
  readonly expiresAt: Date;
  readonly attempts: readonly Attempt[];
  readonly failure?: Failure;
  /** When to try again; present only while `retrying`. */
  readonly retryAt?: Date;
  /** The recipient or the sender has to be looked up before the next decision. */
  readonly lookUpFirst?: boolean;
  readonly finalAt?: Date;
  /** How it was routed last: whether its sender's routing was uncertain, and then whether by the gaining carrier. */
  readonly route?: { readonly proves: boolean; readonly uncertain?: boolean };
}

export type ProgressChange = Partial<Omit<MessageProgress, 'route'>>;

/** What the rules need besides the text: how this carrier's codes are read, the time, and chance for the jitter. */
export interface ProgressContext {
  readonly vocabulary: 'smpp' | 'telnyx';
  /** What an operator has said of this carrier's codes (domain/delivery-rulings.ts). */
  readonly ruling?: ((plain: string) => Meaning | undefined) | undefined;
  readonly at: Date;
  /** In [0, 1). */
  readonly random: number;
}

/** A segment's answer as the adapters give it (carriers/carrier.ts, `PartAnswer`). */
export interface Answer {
  readonly outcome: PartProgress['outcome'];
  readonly carrierMessageId?: string;
  readonly givenId?: string;
  readonly code?: string;
  readonly retryAfterMs?: number;
}

/**
 * What a carrier's answer to the submission under `token` makes of a text.
 * @returns the change, or undefined when the answer is known already or belongs to no attempt.
 */
export function applyAnswers(
  text: MessageProgress,
  token: string,
  answers: readonly Answer[],
  context: ProgressContext,
): ProgressChange | undefined {
  const index = text.attempts.findIndex((attempt) => attempt.token === token);
  const attempt = text.attempts[index];
  // No answer for any segment says nothing: what is claimed and unanswered is ambiguous (invariant 5).
  if (!attempt || attempt.answeredAt || answers.length === 0) return undefined;
  const parts = answers.map<PartProgress>((answer, i) => ({
    ...attempt.parts?.[i],
    outcome: outcomeOf(answer, context),
    ...(answer.carrierMessageId === undefined ? {} : { carrierMessageId: answer.carrierMessageId }),
    ...(answer.givenId === undefined ? {} : { givenId: answer.givenId }),
    ...(answer.code === undefined ? {} : { code: answer.code }),
  }));
  const no = parts.find((part) => part.outcome === 'rejected');
  const code = no && readCode(context, no.code);
  const failure = code && { failure: failureOf(code) };
  const attempts = text.attempts.with(index, { ...attempt, parts, answeredAt: context.at, ...failure });
  // A receipt that was matched by reference may have ended the text before its answer came, or made it be claimed again.
  if (text.status !== 'claimed' || index !== text.attempts.length - 1) return { attempts };
  const has = (outcome: PartProgress['outcome']) => parts.some((part) => part.outcome === outcome);
  if (!has('accepted') && !has('ambiguous')) {
    // Nothing was written: anybody may submit it again.
    if (!no || !code) return { attempts, status: 'queued' };
    const { retryAfterMs } = answers[parts.indexOf(no)] ?? {};
    return { attempts, ...afterFailure({ ...text, attempts }, code, no.code, context, retryAfterMs) };
  }
  if (has('rejected') || has('unsent')) {
    // Some segments are out: a second submission would deliver them twice.
    return { attempts, ...failed({ code: 'partly-accepted', class: 'permanent', at: context.at }, no?.code) };
  }
  // Ambiguous stays claimed: it ends by a receipt, by asking the carrier, or as unknown.
  return has('ambiguous') ? { attempts } : { attempts, status: 'submitted' };
}

/**
 * What a receipt makes of a text. A state never regresses; a final text keeps its status, but the segment's own state is kept.
 * @param attemptIndex the attempt and `partIndex` the segment that the receipt was matched to
 * @param carrierMessageId as the receipt gives it; kept when the answer to the submission never came
 * @returns the change, or undefined when the receipt says nothing new.
 */
export function applyReceipt(
  text: MessageProgress,
  attemptIndex: number,
  partIndex: number,
  receipt: {
    readonly state: ReceiptState;
    readonly code?: string;
    readonly carrierMessageId?: string;
    readonly parts: number;
  },
  context: ProgressContext,
): ProgressChange | undefined {
  const attempt = text.attempts[attemptIndex];
  if (!attempt) return undefined;
  const known = attempt.parts ?? Array.from({ length: receipt.parts }, (): PartProgress => ({ outcome: 'ambiguous' }));
  const part = known[partIndex];
  if (!part || part.state === receipt.state || (part.state && finalReceiptStates.includes(part.state)))
    return undefined;
  const changed: PartProgress = {
    ...part,
    outcome: 'accepted',
    state: receipt.state,
    stateAt: context.at,
    ...(receipt.carrierMessageId === undefined ? {} : { carrierMessageId: receipt.carrierMessageId }),
    ...(receipt.code === undefined ? {} : { code: receipt.code }),
  };
  const parts = known.with(partIndex, changed);
  const code = isBad(receipt.state) ? readCode(context, changed.code, receipt.state) : undefined;
  const failure = code && !attempt.failure && { failure: failureOf(code) };
  const attempts = text.attempts.with(attemptIndex, { ...attempt, parts, ...failure });
  if (isFinal(text.status)) return { attempts };
  if (parts.every((each) => each.state === 'DELIVRD')) {
    return { attempts, status: 'delivered', finalAt: context.at, failure: undefined, retryAt: undefined };
  }
  const bad = parts.filter((each) => each.state && isBad(each.state));
  // An older attempt's failure changes nothing while a newer one is under way.
  if (bad.length === 0 || attemptIndex !== text.attempts.length - 1) return { attempts };
  if (text.status === 'retrying') return { attempts };
  const reason = code ?? readCode(context, bad[0]?.code, bad[0]?.state);
  if (parts.length > bad.length) {
    // Other segments are, or may be, at the handset.
    return { attempts, ...failed({ code: reason.ours, class: reason.class, at: context.at }, changed.code) };
  }
  return { attempts, ...afterFailure({ ...text, attempts }, reason, changed.code, context) };
}

/** What becomes of a text whose last attempt certainly failed: another try when the class allows it and time remains, else the end. */
function afterFailure(
  text: MessageProgress,
  code: DeliveryCode,
  raw: string | undefined,
  context: ProgressContext,
  retryAfterMs?: number,
): ProgressChange {
  const failure: Failure = { code: code.ours, class: code.class, at: context.at };
  if (code.class === 'expired') return { ...failed(failure, raw), status: 'expired' };
  const retry = (delayMs: number, lookUpFirst: boolean): ProgressChange => ({
    status: 'retrying',
    failure: raw === undefined ? failure : { ...failure, carrierCode: raw },
    retryAt: new Date(context.at.getTime() + delayMs),
    lookUpFirst,
  });
  // A carrier that does not take a number on the move as its own says where it is not: the other one is asked, or the text waits for proof,
  // however often it says so.
  if (text.route?.uncertain && (code.portRelated || code.class === 'sender-fault')) return retry(0, false);
  const delay = retryDelayMs(code.class, triesOf(text, code.class), context.random, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    remainingMs: text.expiresAt.getTime() - context.at.getTime(),
  });
  // A number that has just been ported answers like one that does not exist: it is looked up before that is believed.
  const lookUpFirst = code.portRelated || (code.class === 'permanent' && text.attempts.length === 1);
  // One look-up overrules the class, once: what still fails after it has failed.
  if (delay === undefined && !(lookUpFirst && text.attempts.length === 1)) return failed(failure, raw);
  return retry(delay ?? 0, lookUpFirst);
}

/** How often the carrier of the last attempt has failed this text for a reason of the same class: throttling uses up no other patience. */
function triesOf(text: MessageProgress, deliveryClass: string): number {
  const carrier = text.attempts.at(-1)?.carrier;
  return text.attempts.filter((attempt) => attempt.carrier === carrier && attempt.failure?.class === deliveryClass)
    .length;
}

function failureOf({ ours, class: deliveryClass, fault }: DeliveryCode): AttemptFailure {
  return { code: ours, class: deliveryClass, fault };
}

/** The segment has ended, and not at a handset. */
function isBad(state: ReceiptState): boolean {
  return state !== 'DELIVRD' && finalReceiptStates.includes(state);
}

/** A carrier may say in words that it does not know whether it has the text: that is no definite no. */
function outcomeOf(answer: Answer, context: ProgressContext): PartProgress['outcome'] {
  const unsure = answer.outcome === 'rejected' && readCode(context, answer.code).class === 'ambiguous';
  return unsure ? 'ambiguous' : answer.outcome;
}

function failed(failure: Failure, raw: string | undefined): ProgressChange {
  return {
    status: 'failed',
    failure: raw === undefined ? failure : { ...failure, carrierCode: raw },
    finalAt: failure.at,
    retryAt: undefined,
  };
}

function readCode(context: ProgressContext, code: string | undefined, state?: ReceiptState): DeliveryCode {
  return classifyCode(context.vocabulary, code, state, context.ruling);
}
