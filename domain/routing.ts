import type { MessageKind } from './message.ts';

/** What a sender's or recipient's number record says about who routes its texts (store/numbers.ts, `NumberRouting`). */
export type RoutingFacts =
  | { readonly state: 'settled'; readonly carrier?: string; readonly textsRemoved?: true }
  | {
      readonly state: 'uncertain';
      readonly losing?: string;
      /** Absent while texts are being removed and nobody is to carry them then. */
      readonly gaining?: string;
      /** Voice has moved: from now on the losing carrier's acceptance is no evidence. */
      readonly activated: boolean;
    }
  | { readonly state: 'gone' };

/** Stands where a gaining carrier is none of ours; no configured carrier can be called so. */
export const elsewhere = '(elsewhere)';

/** A move that has an agreed date: what will be true from then on, whether or not anybody has noticed. */
export interface PlannedMove {
  readonly portId: string;
  readonly losing?: string;
  readonly gaining: string;
  /** The agreed date. */
  readonly focAt: Date;
}

/**
 * Who routes a number's texts at a moment. From the agreed date of a move on, the losing carrier's acceptance is no evidence, also while
 * nobody has seen voice move and while the number's record still calls it settled: whoever had to change that may be away.
 * @param now compared with the agreed date
 */
export function routingAt<Routing extends RoutingFacts & { readonly portId?: string }>(
  routing: Routing,
  move: PlannedMove | undefined,
  now: Date,
): RoutingFacts {
  if (!move || move.focAt > now || routing.state === 'gone') return routing;
  if (routing.state === 'uncertain') return routing.portId === move.portId ? { ...routing, activated: true } : routing;
  const { losing, gaining } = move;
  return { state: 'uncertain', ...(losing !== undefined && { losing }), gaining, activated: true };
}

export interface RoutingQuestion {
  readonly kind: MessageKind;
  /** Chosen to prove the gaining carrier's routing. */
  readonly canary: boolean;
  /** The sender's own routing; for short codes and alphanumeric senders: settled at the carrier that has registered it. */
  readonly sender: RoutingFacts | undefined;
  /** The sender that carries urgent texts while this one's routing is uncertain. */
  readonly standby?: RoutingFacts;
  /** The recipient, when it is a number of ours. */
  readonly recipient?: RoutingFacts;
  /** Carriers that have definitely refused this text, or finally failed it. */
  readonly refusedBy: readonly string[];
  /** The carriers that can be used. */
  readonly carriers: ReadonlySet<string>;
  /** Of those the ones that have the sender registered beside the one that routes it: they may send for it while nothing moves. */
  readonly registeredAt?: readonly string[];
}

export type RoutingDecision =
  | {
      readonly decision: 'send';
      readonly carrier: string;
      /** All carriers that may send it, that one first (domain/route-choice). */
      readonly carriers: readonly string[];
      readonly via: 'sender' | 'standby';
      /** A delivery proves the cutover. */
      readonly proves: boolean;
      readonly reason: string;
    }
  /** Wait for proof of the sender's, or of the recipient's, routing. */
  | { readonly decision: 'hold'; readonly for: 'sender' | 'recipient'; readonly code: string }
  | { readonly decision: 'refuse'; readonly code: string };

/** One-time passwords and transactional texts don't wait for a cutover if there is a way that is likely to work. */
export function isUrgent(kind: MessageKind): boolean {
  return kind === 'otp' || kind === 'transactional';
}

/**
 * Which carrier takes a text, by where its numbers are in a move; where several may, which of them is chosen by quality and price.
 *
 * While the sender's routing is uncertain, texts wait. Urgent ones go by the standby sender, else by the likelier carrier: the losing
 * one until voice has moved, then the gaining one. The other of the two is asked only after a definite no; and the losing carrier not
 * at all once voice has moved: it may go on accepting texts, even with receipts, that reach nobody (reference: porting), so what the
 * gaining carrier refuses then waits.
 */
export function routeText(question: RoutingQuestion): RoutingDecision {
  const { sender } = question;
  if (!sender || sender.state === 'gone') return { decision: 'refuse', code: 'sender-gone' };
  if (question.recipient?.state === 'uncertain' && !isUrgent(question.kind)) {
    return { decision: 'hold', for: 'recipient', code: 'recipient-uncertain' };
  }
  if (sender.state === 'settled') {
    if (sender.textsRemoved) return { decision: 'refuse', code: 'texts-removed' };
    return settledAt(sender.carrier, question);
  }

  const uncertain = { decision: 'hold', for: 'sender', code: 'sender-uncertain' } as const;
  const usable = (carrier: string | undefined): carrier is string =>
    carrier !== undefined && question.carriers.has(carrier) && !question.refusedBy.includes(carrier);
  const by = (carrier: string, reason: string) =>
    ({
      decision: 'send',
      carrier,
      carriers: [carrier],
      via: 'sender',
      proves: carrier === sender.gaining,
      reason,
    }) as const;
  if (question.canary) return usable(sender.gaining) ? by(sender.gaining, 'canary') : uncertain;
  if (!isUrgent(question.kind)) return uncertain;
  const { standby } = question;
  if (standby?.state === 'settled' && usable(standby.carrier)) {
    const { carrier } = standby;
    return { decision: 'send', carrier, carriers: [carrier], via: 'standby', proves: false, reason: 'standby-sender' };
  }
  const likelier = sender.activated ? [sender.gaining] : [sender.losing, sender.gaining];
  const carrier = likelier.find(usable);
  return carrier === undefined ? uncertain : by(carrier, sender.activated ? 'voice-has-moved' : 'voice-has-not-moved');
}

function settledAt(routedBy: string | undefined, question: RoutingQuestion): RoutingDecision {
  const carriers = [...new Set([...(routedBy === undefined ? [] : [routedBy]), ...(question.registeredAt ?? [])])];
  const [carrier, ...others] = carriers.filter((each) => question.carriers.has(each));
  if (carrier === undefined) return { decision: 'refuse', code: 'no-route' };
  return {
    decision: 'send',
    carrier,
    carriers: [carrier, ...others],
    via: 'sender',
    proves: false,
    reason: 'settled',
  };
}
