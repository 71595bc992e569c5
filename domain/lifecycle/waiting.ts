import { type Activation, activationOf } from './activation.ts';
import type { MessagingPlan } from './cutover.ts';
import { type EscalationCode, repeatedAt } from './escalation.ts';
import { isBefore, later, plus } from './moment.ts';
import type { OrderEvent, OrderState } from './order.ts';
import { isFinalOrder } from './order-status.ts';

/** What a port waits for, for people: what, since when, until when, and what happens then. */
export interface Waiting {
  readonly what: string;
  /** RFC 3339 UTC. */
  readonly since: string;
  readonly until?: string;
  readonly next?: string;
}

/** What was agreed for a port as a whole, as far as it decides what it waits for. */
export interface PortTerms {
  readonly activation?: Activation;
  /** Without proof for this long after the agreed date a person is asked; milliseconds. */
  readonly proofDeadlineMs?: number;
  /** Texts alone wait for other things than numbers that move. */
  readonly messagingPlan?: MessagingPlan;
}

/** What an order waits for, and what a deadline that passes does to it. */
export interface Wait {
  readonly what: string;
  readonly until: string;
  readonly next: string;
  readonly effect: /** The wait was for a moment, and goes over into the next one. */
    | { readonly does: 'go-on' }
    /** @property asks who is late: the carrier is written to, the owner sees the problem in any case */
    | {
        readonly does: 'escalate';
        readonly code: EscalationCode;
        readonly message: string;
        readonly asks: 'carrier' | 'owner';
      }
    | { readonly does: 'end'; readonly event: OrderEvent };
}

const hour = 3600_000;
const day = 24 * hour;

/** Deadlines that no regulation and no carrier gives are ours; what the trade has stands in `OrderClocks`. */
export const patience = {
  /** A draft that nobody changes is kept so long (Bandwidth deletes them after 48 h). */
  draftMs: 14 * day,
  /** The checks ask a database and a carrier, which may be away. */
  checksMs: hour,
  /** A person is reminded of what is to be mended after so long, and the port is given up after `mendMs`. */
  reminderMs: 3 * day,
  mendMs: 30 * day,
  /** Where no clock says when the losing carrier should have answered. */
  answerMs: 7 * day,
  cancellationMs: 2 * day,
  /** An order with a confirmed state and no date. */
  dateMs: day,
  /** From the agreed date, or the order to activate, until voice has moved: it takes minutes. */
  activationMs: 4 * hour,
  /** From the agreed date on, for somebody to activate an order of which no carrier's limit is known (10 business days). */
  onDemandMs: 14 * day,
  conflictMs: 6 * hour,
  /** Telnyx reviews the papers of texts alone in one to three business days: a weekend may lie between. */
  reviewMs: 5 * day,
  /** From the beginning of their provisioning, for texts alone: registries take up to two business days. */
  textsMs: 2 * day,
  proofMs: 72 * hour,
} as const;

const notMended = {
  code: 'not-mended',
  message: 'Nobody mended the problems of this port in time; send a new one.',
} as const;
const draftExpired = {
  code: 'draft-expired',
  message: `Nobody changed or submitted this draft for ${patience.draftMs / day} days; save a new one.`,
} as const;

/**
 * What an order waits for at a moment; every state that is not final has a deadline, and so has a snap-back that is asked for.
 * The rule for what is late: before submission the order waits for a person anyway; from then on its status is the carrier's, and is
 * kept; what is late is shown as a problem, noted in the timeline, told to the carrier, and repeated with growing pauses.
 * @param at RFC 3339 UTC, now
 */
export function waitOf(order: OrderState, terms: PortTerms, at: string): Wait | undefined {
  if (order.snapBack?.state === 'requested') {
    return {
      what: 'both carriers to agree to the snap-back',
      until: order.snapBack.until,
      next: 'it is taken for refused: going back is an ordinary port then',
      effect: { does: 'end', event: { type: 'snap-back-answered', answer: 'expired' } },
    };
  }
  const isLost = order.unknownSince !== undefined && !isFinalOrder(order.status);
  return isLost ? waitForKnownState(order) : waitByStatus(order, terms, at);
}

/** The same for people; undefined when it has ended. */
export function waitingOf(order: OrderState, terms: PortTerms, at: string): Waiting | undefined {
  const wait = waitOf(order, terms, at);
  const since = order.snapBack?.state === 'requested' ? order.snapBack.requestedAt : order.since;
  return wait && { what: wait.what, since, until: wait.until, next: wait.next };
}

function waitByStatus(order: OrderState, terms: PortTerms, at: string): Wait | undefined {
  const { since, clocks } = order;
  if (order.conflictSince && ['submitted', 'exception', 'foc-confirmed'].includes(order.status)) {
    return waitForResolution(order, order.conflictSince);
  }
  switch (order.status) {
    case 'draft':
      return {
        what: 'its missing data, and to be submitted',
        until: plus(since, patience.draftMs),
        next: 'the draft expires',
        effect: { does: 'end', event: { type: 'expired', problem: draftExpired } },
      };
    case 'checking':
      return escalating(order, {
        what: order.atCarrier ? 'the gaining carrier to take the order' : 'the checks before submission',
        until: plus(since, patience.checksMs),
        code: 'checks-overdue',
        message: 'The gaining carrier or the portability database does not answer; look whether they are out of order.',
        asks: 'owner',
      });
    case 'action-required':
      return waitForMending(order, 'a supplement that mends the problems');
    case 'exception':
      return waitForMending(order, 'a supplement that answers the losing carrier');
    case 'submitted':
      if (terms.messagingPlan === 'messaging-only') return waitForReview(order);
      return escalating(order, {
        what: 'the losing carrier to confirm a date',
        until: clocks?.answerDueAt ?? plus(order.submittedAt ?? since, patience.answerMs),
        code: 'answer-overdue',
        message: 'The losing carrier has not answered in time; the gaining carrier has been asked to escalate.',
      });
    case 'foc-confirmed':
      return waitForDate(order, terms, at);
    case 'activating':
      if (!order.ported && terms.messagingPlan === 'messaging-only') return waitForTexts(order);
      return order.ported ? waitForProof(order, terms) : waitForMove(order, plus(since, patience.activationMs));
    case 'cancel-pending':
      return escalating(order, {
        what: 'the carrier to confirm the cancellation',
        until: plus(since, patience.cancellationMs),
        code: 'cancellation-unanswered',
        message: 'The carrier has not confirmed the cancellation; the order may still go on there.',
      });
    case 'completed':
    case 'cancelled':
    case 'failed':
      return undefined;
  }
}

function waitForKnownState(order: OrderState): Wait {
  return escalating(order, {
    what: 'a person to find out what the carrier means by the state of the order',
    until: order.unknownSince ?? order.since,
    code: 'unknown-carrier-state',
    message: `The carrier calls the state of the order «${order.carrierState}», which is in none of our tables; ask it what that means.`,
  });
}

/** A person is reminded until the port is given up. */
function waitForMending(order: OrderState, what: string): Wait {
  const end = plus(order.since, patience.mendMs);
  const reminder = escalating(order, {
    what,
    until: plus(order.since, patience.reminderMs),
    code: 'not-mended',
    message: `What stands against this port waits to be mended; on ${end} it is given up.`,
    asks: 'owner',
  });
  if (isBefore(reminder.until, end))
    return { ...reminder, next: `its owner is reminded; on ${end} the port is given up` };
  return {
    what,
    until: end,
    next: 'the port is given up',
    effect: { does: 'end', event: { type: 'gave-up', problem: notMended } },
  };
}

/** NPAC: a conflict may be resolved by the gaining side after a while, and the order ends by itself long after. */
function waitForResolution(order: OrderState, since: string): Wait {
  const expires = order.clocks?.conflictExpiresAt;
  return escalating(order, {
    what: `the conflict with the losing carrier to be resolved${expires ? `, at the latest on ${expires}` : ''}`,
    until: order.clocks?.conflictResolvableAt ?? plus(since, patience.conflictMs),
    code: 'conflict-unresolved',
    message:
      'The losing carrier is in conflict with this port; the gaining carrier may resolve that now and was asked to.',
  });
}

function waitForDate(order: OrderState, { activation }: PortTerms, at: string): Wait {
  const { clocks, focAt } = order;
  if (focAt === undefined) {
    return escalating(order, {
      what: 'the agreed date',
      until: plus(order.since, patience.dateMs),
      code: 'date-unknown',
      message: 'The carrier has confirmed the order and named no date; ask it for one.',
    });
  }
  if (clocks?.deadAt && !isBefore(at, clocks.deadAt)) {
    return escalating(order, {
      what: 'a new order: this one is dead at the carrier',
      until: clocks.deadAt,
      code: 'foc-dead',
      message: 'The order was not activated in time and is dead at the carrier; cancel it and send a new one.',
    });
  }
  const concurrence = waitForConcurrence(order, focAt, at);
  if (concurrence) return concurrence;
  const wait =
    activationOf(order, activation) === 'on-demand'
      ? waitForActivation(order, focAt, at)
      : isBefore(at, focAt)
        ? moment('the agreed date', focAt, 'the numbers move')
        : waitForMove(order, plus(focAt, patience.activationMs));
  return clocks?.deadAt && isBefore(clocks.deadAt, wait.until)
    ? moment(wait.what, clocks.deadAt, 'the order is dead at the carrier, and a new one is needed')
    : wait;
}

/** The NPAC's timers; after the second one a missing concurrence stops nothing. */
function waitForConcurrence({ clocks, concurrence }: OrderState, focAt: string, at: string): Wait | undefined {
  const timers = clocks?.concurrence;
  if (!timers || concurrence !== 'awaited') return undefined;
  const { firstDueAt, finalDueAt } = timers;
  const what = `the losing carrier to concur (${timers.timers} timers)`;
  if (isBefore(at, firstDueAt) && isBefore(firstDueAt, focAt)) {
    const message =
      'The losing carrier has not concurred within the first timer (T1); the gaining carrier was asked to press it.';
    const effect = { does: 'escalate', code: 'concurrence-overdue', message, asks: 'carrier' } as const;
    return { what, until: firstDueAt, next: 'the carrier is asked, and the second timer begins', effect };
  }
  return isBefore(at, finalDueAt) && isBefore(finalDueAt, focAt)
    ? moment(what, finalDueAt, 'the port goes on without it')
    : undefined;
}

function waitForActivation(order: OrderState, focAt: string, at: string): Wait {
  const opens = order.clocks?.activationOpensAt ?? focAt;
  if (isBefore(at, opens)) return moment('the activation window to open', opens, 'somebody can activate the order');
  const closes = order.clocks?.activationClosesAt;
  const open = closes !== undefined && isBefore(at, closes);
  const wait = escalating(order, {
    what: 'somebody to activate the order',
    until: open ? closes : plus(later(focAt, order.since), patience.onDemandMs),
    code: 'activation-missed',
    message: 'Nobody has activated the order within its window; activate it in the next one, or cancel it.',
    asks: 'owner',
  });
  // Told already: the next windows come and go without a word.
  return open && isBefore(closes, wait.until) ? moment(wait.what, closes, 'the window closes') : wait;
}

function waitForMove(order: OrderState, until: string): Wait {
  return escalating(order, {
    what: 'the numbers to move',
    until,
    code: 'move-overdue',
    message: 'The numbers should have moved by now and have not; the gaining carrier was asked why.',
  });
}

/** Texts alone: nobody agrees on a date, the carrier looks at the papers. */
function waitForReview(order: OrderState): Wait {
  return escalating(order, {
    what: 'the carrier to review the papers, and each number to be verified by its code where the carrier wants one',
    until: plus(order.submittedAt ?? order.since, patience.reviewMs),
    code: 'answer-overdue',
    message: 'The carrier has not reviewed the papers in time; see whether it waits for codes, else ask it.',
  });
}

function waitForTexts(order: OrderState): Wait {
  return escalating(order, {
    what: 'the carrier to change who routes the texts; they wait',
    until: plus(order.since, patience.textsMs),
    code: 'move-overdue',
    message: 'The texts should have moved by now and have not; the carrier was asked why.',
  });
}

function waitForProof(order: OrderState, { proofDeadlineMs = patience.proofMs, messagingPlan }: PortTerms): Wait {
  return escalating(order, {
    what:
      messagingPlan === 'messaging-only'
        ? 'proof that the texts of every number go each way'
        : 'proof that calls and texts of every number have moved',
    until: plus(later(order.since, order.focAt), proofDeadlineMs),
    code: 'proof-overdue',
    message: 'Not every number is proven to work at the gaining carrier; look at each number, and ask both carriers.',
  });
}

/** What is late already is said again after a pause. */
function escalating(
  { escalation }: OrderState,
  late: {
    readonly what: string;
    readonly until: string;
    readonly code: EscalationCode;
    readonly message: string;
    readonly asks?: 'owner';
  },
): Wait {
  const { what, until, code, message, asks = 'carrier' } = late;
  const effect = { does: 'escalate', code, message, asks } as const;
  if (escalation?.code === code) return { what, until: repeatedAt(escalation), next: 'it is raised again', effect };
  const next = asks === 'carrier' ? 'the carrier is asked, and the owner told' : 'a person is asked to look';
  return { what, until, next, effect };
}

function moment(what: string, until: string, next: string): Wait {
  return { what, until, next, effect: { does: 'go-on' } };
}

/** What a deadline that has passed makes of the order; undefined when it only waits for something else now. */
export function deadlineEvent({ effect }: Wait, order: OrderState, at: string): OrderEvent | undefined {
  switch (effect.does) {
    case 'go-on':
      return undefined;
    case 'end':
      return effect.event;
    case 'escalate': {
      const { code, message } = effect;
      const before = order.escalation?.code === code ? order.escalation.count : 0;
      return { type: 'escalated', escalation: { code, message, at, count: before + 1 } };
    }
  }
}
