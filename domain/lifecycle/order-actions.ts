import { type Activation, activationOf } from './activation.ts';
import { isBefore } from './moment.ts';
import { isFinalOrder, type OrderState } from './order.ts';

/** What people do to an order. */
export const orderActions = ['submit', 'supplement', 'reschedule', 'cancel', 'activate', 'snap-back'] as const;
export type OrderAction = (typeof orderActions)[number];

/** Why an action is not possible now. */
export interface Refusal {
  /** The problem code of the API. */
  readonly code: RefusalCode;
  readonly message: string;
  /** What to do instead: for whoever has asked, not for the timeline. */
  readonly advice?: string;
}

export type RefusalCode =
  | 'order-not-a-draft'
  | 'order-not-supplementable'
  | 'supplement-too-late'
  | 'order-not-reschedulable'
  | 'requested-date-past'
  | 'requested-date-too-far'
  | 'reschedule-too-late'
  | 'order-not-cancellable'
  | 'cancel-too-late'
  | 'order-not-activatable'
  | 'outside-activation-hours'
  | 'snap-back-not-possible'
  | 'snap-back-too-late';

/** Refusals that the owner of a port will be asked about later: they stand in its timeline, though nothing has changed. */
export const refusalsOnRecord: readonly RefusalCode[] = [
  'supplement-too-late',
  'reschedule-too-late',
  'cancel-too-late',
  'outside-activation-hours',
  'snap-back-too-late',
];

/**
 * The step of the timeline that says what was asked for and why it was turned down; undefined for what nobody will be asked about.
 * @param asked what was asked for
 */
export function stepOfRefusal(
  asked: string,
  { code, message }: { readonly code: string; readonly message: string },
): { readonly type: string; readonly detail: string } | undefined {
  if (!(refusalsOnRecord as readonly string[]).includes(code)) return undefined;
  return { type: `order.${code}`, detail: `${asked} was asked for, and turned down: ${message}` };
}

/** What decides about an action, as the process knows it and as the store shows it. */
export type OrderFacts = Pick<OrderState, 'status' | 'focAt' | 'ported' | 'clocks' | 'snapBack' | 'onDemand'>;

/**
 * Whether an action is possible: pure and cheap, because the process asks it while a person waits. The carriers' hours and cut-offs
 * come with the order's clocks.
 * @param at RFC 3339 UTC, now
 * @returns undefined when it is possible
 */
export function refusalOf(
  action: OrderAction,
  order: OrderFacts,
  activation: Activation,
  at: string,
): Refusal | undefined {
  switch (action) {
    case 'submit':
      return order.status === 'draft' ? undefined : not('order-not-a-draft', order);
    case 'supplement':
      return refuseSupplement(order, at);
    case 'reschedule':
      return refuseReschedule(order, at);
    case 'cancel':
      return refuseCancellation(order, at);
    case 'activate':
      return refuseActivation(order, activation, at);
    case 'snap-back':
      return refuseSnapBack(order, at);
  }
}

/** The date that a reschedule asks for: what the carriers certainly refuse. @param requested RFC 3339 */
export function refusalOfDate({ clocks }: OrderFacts, requested: string, at: string): Refusal | undefined {
  if (!isBefore(at, requested)) {
    return { code: 'requested-date-past', message: 'The requested date has passed; ask for a later one.' };
  }
  if (clocks?.latestFocAt && isBefore(clocks.latestFocAt, requested)) {
    return {
      code: 'requested-date-too-far',
      message: `The latest date that the carriers accept is ${clocks.latestFocAt}.`,
    };
  }
  return undefined;
}

/** A country's interval only predicts: a sooner date is for the carriers to decide. @param requested RFC 3339 */
export function adviceOnDate({ clocks }: OrderFacts, requested: string): string | undefined {
  const earliest = clocks?.earliestFocAt;
  return earliest && isBefore(requested, earliest)
    ? `It is sooner than such ports usually take; the earliest usual date is ${earliest}.`
    : undefined;
}

/** What is possible now, for people. */
export function possibleActions(order: OrderFacts, activation: Activation, at: string): readonly OrderAction[] {
  return orderActions.filter((action) => refusalOf(action, order, activation, at) === undefined);
}

/** Before submission, in exception (SUPP), and until the cut-off before the agreed date where the carrier has one. */
function refuseSupplement(order: OrderFacts, at: string): Refusal | undefined {
  const { status } = order;
  if (status === 'draft' || status === 'action-required' || status === 'exception') return undefined;
  return beforeCutOff(order, at, 'order-not-supplementable', 'supplement-too-late', 'A changed order (SUPP)');
}

/** The date of a draft is changed with the draft; while the order is on its way nobody can say which date it took. */
function refuseReschedule(order: OrderFacts, at: string): Refusal | undefined {
  const { status } = order;
  if (status === 'action-required' || status === 'submitted' || status === 'exception') return undefined;
  return beforeCutOff(order, at, 'order-not-reschedulable', 'reschedule-too-late', 'Another date');
}

function beforeCutOff(
  order: OrderFacts,
  at: string,
  never: RefusalCode,
  tooLate: RefusalCode,
  what: string,
): Refusal | undefined {
  const until = order.clocks?.supplementUntil;
  if (order.status !== 'foc-confirmed' || until === undefined) return not(never, order);
  return isBefore(at, until)
    ? undefined
    : { code: tooLate, message: `${what} was taken by the carrier until ${until}.` };
}

function refuseCancellation(order: OrderFacts, at: string): Refusal | undefined {
  if (isFinalOrder(order.status) || order.status === 'cancel-pending' || order.ported) {
    return not('order-not-cancellable', order);
  }
  const until = order.clocks?.cancelUntil;
  if (order.focAt === undefined || until === undefined || isBefore(at, until)) return undefined;
  const message = `The carrier took a cancellation until ${until}.`;
  return { code: 'cancel-too-late', message, advice: 'Ask it by a comment.' };
}

function refuseActivation(order: OrderFacts, activation: Activation, at: string): Refusal | undefined {
  const open = order.status === 'foc-confirmed' || order.status === 'activating';
  if (activation === 'on-demand' && open && activationOf(order, activation) === 'automatic') {
    const message = 'The carrier does not activate this order on demand: its numbers move by themselves at the date.';
    return { code: 'order-not-activatable', message };
  }
  if (activation !== 'on-demand' || !open || order.ported) return not('order-not-activatable', order);
  const { activationOpensAt: opens, activationClosesAt: closes } = order.clocks ?? {};
  if (opens && isBefore(at, opens)) {
    return { code: 'outside-activation-hours', message: `The carrier activates from ${opens} on.` };
  }
  if (closes && !isBefore(at, closes)) {
    return { code: 'outside-activation-hours', message: `The carrier's window closed at ${closes}.` };
  }
  return undefined;
}

function refuseSnapBack(order: OrderFacts, at: string): Refusal | undefined {
  const { snapBack, clocks } = order;
  const moved = order.ported && (order.status === 'activating' || order.status === 'completed');
  if (snapBack?.state === 'requested' || snapBack?.state === 'accepted') {
    const { state, requestedAt, until } = snapBack;
    const since = state === 'accepted' ? 'both carriers have agreed' : `both carriers have until ${until} to answer`;
    return { code: 'snap-back-not-possible', message: `A snap-back was asked for at ${requestedAt}: ${since}.` };
  }
  if (!moved || !clocks?.snapBackUntil) return not('snap-back-not-possible', order);
  return isBefore(at, clocks.snapBackUntil)
    ? undefined
    : {
        code: 'snap-back-too-late',
        message: `A snap-back was possible until ${clocks.snapBackUntil}.`,
        advice: 'Going back is an ordinary port to the former carrier now.',
      };
}

function not(code: RefusalCode, { status, ported }: OrderFacts): Refusal {
  return {
    code,
    message: `This order is ${status}${ported && status === 'activating' ? ' and its numbers have moved' : ''}.`,
  };
}
