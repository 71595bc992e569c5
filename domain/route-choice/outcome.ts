import { classifyCode, type Meaning, type Vocabulary } from '../delivery-codes.ts';
import { finalReceiptStates, type MessageKind } from '../message.ts';
import type { Attempt, PartProgress } from '../message-progress.ts';
import { noEvidence } from './evidence.ts';
import type { Evidence, RoutingParameters } from './parameters.ts';

/** What can be learnt about a carrier from one attempt. */
export interface Outcome {
  readonly carrier: string;
  /** Undefined: it says nothing of the route, or nothing is known of it. */
  readonly evidence?: Evidence;
  /** The carrier took it, and no receipt came: it counts neither for the route nor against it, but is counted. */
  readonly censored?: true;
  /** From the submission to the last receipt, in milliseconds; of what was delivered. */
  readonly latencyMs?: number;
}

/** A text that has ended. */
export interface EndedText {
  readonly kind: MessageKind;
  readonly expiresAt: Date;
  readonly attempts: readonly Attempt[];
}

/** How a carrier's codes are read and what its receipts are worth. */
export interface ReportingCarrier {
  readonly codes: Vocabulary;
  readonly receipts: 'handset' | 'carrier' | 'suspect';
  /** What operators have said of its codes (domain/delivery-rulings.ts). */
  readonly ruling?: ((plain: string) => Meaning | undefined) | undefined;
}

/**
 * What a text that has ended says of the routes that it went by. Delivered within its validity is a success, as far as the carrier's receipts
 * are worth it; a definite failure counts unless it is the sender's or the text's own; what was never reported is censored.
 * @param carriers of which nothing is learnt when they are not configured any more
 */
export function outcomesOf(
  text: EndedText,
  carriers: (id: string) => ReportingCarrier | undefined,
  parameters: RoutingParameters,
): Outcome[] {
  return text.attempts.flatMap((attempt) => {
    const carrier = carriers(attempt.carrier);
    return carrier ? [{ carrier: attempt.carrier, ...reading(attempt, text, carrier, parameters) }] : [];
  });
}

function reading(
  attempt: Attempt,
  { expiresAt }: EndedText,
  carrier: ReportingCarrier,
  parameters: RoutingParameters,
): Omit<Outcome, 'carrier'> {
  const parts = attempt.parts ?? [];
  const bad = parts.find(hasFailed);
  if (bad) return failure(bad, carrier, parameters);
  if (parts.length > 0 && parts.every(({ state }) => state === 'DELIVRD')) {
    const at = Math.max(...parts.map(({ stateAt }) => stateAt?.getTime() ?? 0));
    const latencyMs = Math.max(0, at - (attempt.answeredAt ?? attempt.claimedAt).getTime());
    if (at > expiresAt.getTime()) return { evidence: { successes: 0, failures: 1 }, latencyMs };
    const worth = parameters.receiptWorth[carrier.receipts];
    return { evidence: { successes: worth, failures: 1 - worth }, latencyMs };
  }
  return parts.some(({ outcome }) => outcome === 'accepted' || outcome === 'ambiguous') ? { censored: true } : {};
}

function hasFailed({ outcome, state }: PartProgress): boolean {
  if (outcome === 'rejected') return true;
  return state !== undefined && state !== 'DELIVRD' && finalReceiptStates.includes(state);
}

function failure(
  part: PartProgress,
  carrier: ReportingCarrier,
  { recipientFaultWeight }: RoutingParameters,
): Omit<Outcome, 'carrier'> {
  const code = classifyCode(carrier.codes, part.code, part.state, carrier.ruling);
  switch (code.class) {
    // Nothing is wrong with the route: we were too fast, or the text, its sender or its recipient's wish are in its way.
    case 'throttled':
    case 'opt-out':
    case 'sender-fault':
    case 'spam':
      return {};
    case 'ambiguous':
      return { censored: true };
    default:
      return { evidence: { ...noEvidence, failures: code.fault === 'recipient' ? recipientFaultWeight : 1 } };
  }
}
