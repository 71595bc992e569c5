import { type Escalation, hasMoved } from './escalation.ts';
import type { OrderClocks } from './order-clocks.ts';
import { isFinalOrder, type OrderStatus } from './order-status.ts';
import { answerSnapBack, type SnapBack, type SnapBackAnswer, type SnapBackReason } from './snap-back.ts';

export { finalOrderStatuses, isFinalOrder, type OrderStatus, orderStatuses } from './order-status.ts';

/** Something a person has to mend before the order can go on. Never holds the offending value itself. */
export interface OrderProblem {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
}

/** A carrier's state of an order in our terms; every adapter maps its own ones to these, in data. */
export type CarrierOrderState =
  | 'draft'
  | 'submitted'
  | 'exception'
  | 'foc-confirmed'
  /** Of texts alone, which have no agreed date: who routes them is being changed now. */
  | 'provisioning'
  | 'ported'
  | 'cancel-pending'
  | 'cancelled'
  | 'unknown';

/** Whether the losing carrier has agreed at the NPAC to the date; absent where there is none, or nothing is known. */
export type Concurrence = 'awaited' | 'given' | 'conflict';

/** What the gaining carrier says of the order (carriers/carrier.ts, `OrderSnapshot`), reduced to what the life cycle needs. */
export interface CarrierView {
  readonly state: CarrierOrderState;
  readonly carrierState: string;
  readonly focAt?: string;
  readonly rejections: readonly OrderProblem[];
  readonly concurrence?: Concurrence;
  /** Whether the carrier activates it on demand; absent where it says nothing of it. */
  readonly onDemand?: boolean;
}

export interface OrderState {
  readonly status: OrderStatus;
  /** RFC 3339 UTC, as every moment here; when this status began, a draft: when it was last changed. */
  readonly since: string;
  readonly carrierState?: string;
  readonly focAt?: string;
  /** What stands against the order by the checks or the carrier; what is overdue besides: `problemsOf`. */
  readonly problems: readonly OrderProblem[];
  /** The carrier says that the numbers have moved; the texts may not have. */
  readonly ported: boolean;
  /** The carrier may have the order: from the first attempt to submit it on, until it refuses it. */
  readonly atCarrier?: boolean;
  /** When the losing carrier was last asked: at submission, and by each supplement. */
  readonly submittedAt?: string;
  readonly activatedAt?: string;
  readonly concurrence?: Concurrence;
  readonly conflictSince?: string;
  /** Whether the carrier activates it on demand, as it said last. */
  readonly onDemand?: boolean;
  /** Since when the carrier calls the state of the order by a name that its table hasn't. */
  readonly unknownSince?: string;
  readonly clocks?: OrderClocks;
  readonly escalation?: Escalation;
  readonly snapBack?: SnapBack;
}

export type OrderEvent =
  | { readonly type: 'submitted-draft' }
  | { readonly type: 'checked'; readonly problems: readonly OrderProblem[] }
  | { readonly type: 'submission-begun' }
  | { readonly type: 'submission-refused'; readonly problem: OrderProblem }
  | { readonly type: 'carrier'; readonly view: CarrierView }
  | { readonly type: 'supplemented' }
  | { readonly type: 'cancel-requested' }
  | { readonly type: 'cancel-refused' }
  /** Cancelled while it was on its way: the carrier has no such order. */
  | { readonly type: 'never-ordered' }
  | { readonly type: 'cutover-begun' }
  | { readonly type: 'numbers-settled'; readonly failed: number }
  | { readonly type: 'snap-back-requested'; readonly reason: SnapBackReason; readonly until: string }
  | { readonly type: 'snap-back-answered'; readonly answer: SnapBackAnswer }
  | { readonly type: 'clocks-set'; readonly clocks: OrderClocks }
  | { readonly type: 'escalated'; readonly escalation: Escalation }
  | { readonly type: 'expired'; readonly problem: OrderProblem }
  | { readonly type: 'gave-up'; readonly problem: OrderProblem };

export function newOrder(at: string, status: 'draft' | 'checking' = 'checking'): OrderState {
  return { status, since: at, problems: [], ported: false };
}

/** Nothing has been agreed with any carrier yet. */
export const beforeSubmission: readonly OrderStatus[] = ['draft', 'checking', 'action-required'];

/** All that a person has to know of: what the checks or the carrier found, and what is overdue. */
export function problemsOf({ problems, escalation }: OrderState): readonly OrderProblem[] {
  return escalation ? [...problems, { code: escalation.code, message: escalation.message }] : problems;
}

/**
 * The life of an order: what it becomes when something happens. Total: an event that means nothing in a state leaves it as it is,
 * and a final state never changes, whatever arrives late, twice or out of order; beside it a snap-back may still be asked for.
 * @param at RFC 3339 UTC, when the event was seen.
 */
export function nextOrder(state: OrderState, event: OrderEvent, at: string): OrderState {
  const next = isFinalOrder(state.status)
    ? afterTheEnd(state, event, at)
    : withoutVoidSnapBack(whatFollows(state, event, at), at);
  // What was overdue isn't any more once the order has moved on.
  return next.escalation && next.escalation === state.escalation && hasMoved(state, next)
    ? { ...next, escalation: undefined }
    : next;
}

function whatFollows(state: OrderState, event: OrderEvent, at: string): OrderState {
  const to = (status: OrderStatus, change: Partial<OrderState> = {}): OrderState => ({
    ...state,
    ...change,
    status,
    since: status === state.status ? state.since : at,
  });
  const isBefore = beforeSubmission.includes(state.status);
  switch (event.type) {
    case 'submitted-draft':
      return state.status === 'draft' ? to('checking') : state;
    case 'checked':
      if (state.status === 'draft' || !isBefore) return state;
      return event.problems.length > 0
        ? to('action-required', { problems: event.problems })
        : to('checking', { problems: [] });
    case 'submission-begun':
      return state.status === 'checking' ? { ...state, atCarrier: true } : state;
    case 'submission-refused':
      if (state.status === 'checking') {
        return to('action-required', { atCarrier: state.carrierState !== undefined, problems: [event.problem] });
      }
      return neverOrdered(state) ? to('cancelled', { atCarrier: false }) : state;
    case 'supplemented':
      if (state.status === 'draft') return { ...state, since: at };
      if (state.status === 'action-required') return to('checking', { problems: [] });
      return state.status === 'exception' ? to('submitted', { problems: [], submittedAt: at }) : state;
    case 'cancel-requested':
      if (state.ported || state.status === 'cancel-pending') return state;
      return isBefore && !state.atCarrier ? to('cancelled') : to('cancel-pending');
    case 'cancel-refused':
      if (state.status !== 'cancel-pending') return state;
      return to(state.focAt ? 'foc-confirmed' : 'submitted');
    case 'never-ordered':
      return neverOrdered(state) ? to('cancelled', { atCarrier: false }) : state;
    case 'cutover-begun':
      return state.status === 'foc-confirmed' ? to('activating') : state;
    case 'numbers-settled':
      if (!state.ported) return state;
      return event.failed > 0
        ? to('failed', { problems: [numbersFailed(event.failed, state.snapBack)] })
        : to('completed', { problems: [] });
    case 'expired':
      return state.status === 'draft' ? to('cancelled', { problems: [event.problem] }) : state;
    case 'gave-up':
      return to('failed', { problems: [event.problem] });
    case 'clocks-set':
      return { ...state, clocks: event.clocks };
    case 'escalated':
      return { ...state, escalation: event.escalation };
    case 'snap-back-requested':
    case 'snap-back-answered':
      return state.ported ? withSnapBack(state, event, at) : state;
    case 'carrier':
      return noteView(followCarrier(state, event.view, to, at), event.view, at);
  }
}

/** Cancelled on its way to the carrier, which has not said a word of it. */
function neverOrdered({ status, carrierState }: OrderState): boolean {
  return status === 'cancel-pending' && carrierState === undefined;
}

/** A completed port can be asked back for a while; nothing else touches what has ended. */
function afterTheEnd(state: OrderState, event: OrderEvent, at: string): OrderState {
  if (state.status !== 'completed') return state;
  switch (event.type) {
    case 'snap-back-requested':
    case 'snap-back-answered':
      return withSnapBack(state, event, at);
    default:
      return state;
  }
}

function withSnapBack(
  state: OrderState,
  event: Extract<OrderEvent, { type: 'snap-back-requested' | 'snap-back-answered' }>,
  at: string,
): OrderState {
  const pending = state.snapBack?.state === 'requested';
  if (event.type === 'snap-back-answered') {
    return pending ? { ...state, snapBack: answerSnapBack(state.snapBack, event.answer, at) } : state;
  }
  if (pending || state.snapBack?.state === 'accepted') return state;
  return { ...state, snapBack: { state: 'requested', reason: event.reason, requestedAt: at, until: event.until } };
}

/** An order that has ended without being completed waits for no answer to a snap-back any more. */
function withoutVoidSnapBack(next: OrderState, at: string): OrderState {
  const isVoid = isFinalOrder(next.status) && next.status !== 'completed' && next.snapBack?.state === 'requested';
  return isVoid ? { ...next, snapBack: answerSnapBack(next.snapBack, 'expired', at) } : next;
}

function numbersFailed(failed: number, snapBack: SnapBack | undefined): OrderProblem {
  return snapBack?.state === 'accepted'
    ? { code: 'snapped-back', message: `${failed} of the order's numbers went back to the losing carrier.` }
    : { code: 'numbers-failed', message: `${failed} of the order's numbers did not move.` };
}

/** The carrier's view is read anew each time, so an older one never arrives; what it means depends on where the order is. */
function followCarrier(
  state: OrderState,
  view: CarrierView,
  to: (status: OrderStatus, change?: Partial<OrderState>) => OrderState,
  at: string,
): OrderState {
  const seen = { carrierState: view.carrierState, atCarrier: true, ...(view.focAt ? { focAt: view.focAt } : {}) };
  // Nobody has asked a carrier for a draft yet: it can't have it.
  if (state.status === 'draft') return state;
  switch (view.state) {
    case 'cancelled':
      return to('cancelled', seen);
    case 'ported':
      // The numbers have moved; a cancellation that was under way came too late.
      return to('activating', { ...seen, ported: true, problems: [], activatedAt: state.activatedAt ?? at });
    case 'exception':
      if (state.ported || state.status === 'cancel-pending') return to(state.status, seen);
      return { ...to('exception', { ...seen, problems: view.rejections }), focAt: view.focAt };
    case 'foc-confirmed':
      if (state.ported || state.status === 'cancel-pending' || state.status === 'activating')
        return to(state.status, seen);
      return to('foc-confirmed', { ...seen, problems: [] });
    case 'provisioning':
      return to(state.status === 'cancel-pending' ? state.status : 'activating', { ...seen, problems: [] });
    case 'submitted':
      // A carrier may take a date back: then the cutover has to stop, too.
      if (state.ported || state.status === 'cancel-pending') return to(state.status, seen);
      return { ...to('submitted', { ...seen, problems: [], submittedAt: state.submittedAt ?? at }), focAt: view.focAt };
    case 'cancel-pending':
      return state.ported ? to(state.status, seen) : to('cancel-pending', seen);
    case 'draft':
      // It is at the carrier, and goes no further without what is missing.
      if (beforeSubmission.includes(state.status) && view.rejections.length > 0) {
        return to('action-required', { ...seen, problems: view.rejections });
      }
      return to(beforeSubmission.includes(state.status) ? 'submitted' : state.status, {
        ...seen,
        submittedAt: state.submittedAt ?? at,
      });
    case 'unknown':
      // Whatever it calls that: the carrier has the order now.
      return beforeSubmission.includes(state.status)
        ? to('submitted', { ...seen, submittedAt: state.submittedAt ?? at })
        : to(state.status, seen);
  }
}

/** Takes note of what else a view says: of the concurrence, of activation on demand, and whether we know the word for where the order is. */
function noteView(next: OrderState, view: CarrierView, at: string): OrderState {
  if (next.status === 'draft') return next;
  const inConflict = view.concurrence === 'conflict';
  return {
    ...next,
    concurrence: view.concurrence,
    ...(view.onDemand !== undefined && { onDemand: view.onDemand }),
    conflictSince: inConflict ? (next.conflictSince ?? at) : undefined,
    unknownSince: view.state === 'unknown' ? (next.unknownSince ?? at) : undefined,
  };
}
