/** The states of a port order, in the words of the trade; an order ends `completed`, `cancelled` or `failed`. */
export const orderStatuses = [
  'draft',
  'checking',
  'action-required',
  'submitted',
  'exception',
  'foc-confirmed',
  'activating',
  'completed',
  'cancel-pending',
  'cancelled',
  'failed',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

export const finalOrderStatuses = ['completed', 'cancelled', 'failed'] as const;

export function isFinalOrder(status: OrderStatus): boolean {
  return (finalOrderStatuses as readonly string[]).includes(status);
}

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

/** What the gaining carrier says of the order (carriers/carrier.ts, `OrderSnapshot`), reduced to what the life cycle needs. */
export interface CarrierView {
  readonly state: CarrierOrderState;
  readonly carrierState: string;
  readonly focAt?: string;
  readonly rejections: readonly OrderProblem[];
}

export interface OrderState {
  readonly status: OrderStatus;
  /** RFC 3339 UTC; when this status began. */
  readonly since: string;
  readonly carrierState?: string;
  readonly focAt?: string;
  readonly problems: readonly OrderProblem[];
  /** The carrier says that the numbers have moved; the texts may not have. */
  readonly ported: boolean;
}

export type OrderEvent =
  | { readonly type: 'checked'; readonly problems: readonly OrderProblem[] }
  | { readonly type: 'carrier'; readonly view: CarrierView }
  | { readonly type: 'supplemented' }
  | { readonly type: 'cancel-requested' }
  | { readonly type: 'cancel-refused' }
  | { readonly type: 'cutover-begun' }
  | { readonly type: 'numbers-settled'; readonly failed: number }
  | { readonly type: 'gave-up'; readonly problem: OrderProblem };

export function newOrder(at: string): OrderState {
  return { status: 'checking', since: at, problems: [], ported: false };
}

const beforeSubmission: readonly OrderStatus[] = ['draft', 'checking', 'action-required'];

/** Where a person can still change the data of an order: before submission, and in exception (SUPP). */
export function canSupplement(state: OrderState): boolean {
  return state.status === 'action-required' || state.status === 'exception';
}

/** An order can be cancelled until the numbers have moved. */
export function canCancel(state: OrderState): boolean {
  return !isFinalOrder(state.status) && state.status !== 'cancel-pending' && !state.ported;
}

/**
 * The life of an order: what it becomes when something happens. Total: an event that means nothing in a state leaves it as it is,
 * and a final state never changes, whatever arrives late, twice or out of order.
 * @param at RFC 3339 UTC, when the event was seen.
 */
export function nextOrder(state: OrderState, event: OrderEvent, at: string): OrderState {
  if (isFinalOrder(state.status)) return state;
  const to = (status: OrderStatus, change: Partial<OrderState> = {}): OrderState => ({
    ...state,
    ...change,
    status,
    since: status === state.status ? state.since : at,
  });
  switch (event.type) {
    case 'checked':
      if (!beforeSubmission.includes(state.status)) return state;
      return event.problems.length > 0
        ? to('action-required', { problems: event.problems })
        : to('checking', { problems: [] });
    case 'supplemented':
      return canSupplement(state)
        ? to(state.status === 'exception' ? 'submitted' : 'checking', { problems: [] })
        : state;
    case 'cancel-requested':
      if (!canCancel(state)) return state;
      return beforeSubmission.includes(state.status) ? to('cancelled') : to('cancel-pending');
    case 'cancel-refused':
      if (state.status !== 'cancel-pending') return state;
      return to(state.focAt ? 'foc-confirmed' : 'submitted');
    case 'cutover-begun':
      return state.status === 'foc-confirmed' ? to('activating') : state;
    case 'numbers-settled':
      if (!state.ported) return state;
      return event.failed > 0
        ? to('failed', {
            problems: [{ code: 'numbers-failed', message: `${event.failed} of the order's numbers did not move.` }],
          })
        : to('completed', { problems: [] });
    case 'gave-up':
      return to('failed', { problems: [event.problem] });
    case 'carrier':
      return followCarrier(state, event.view, to);
  }
}

/** The carrier's view is read anew each time, so an older one never arrives; what it means depends on where the order is. */
function followCarrier(
  state: OrderState,
  view: CarrierView,
  to: (status: OrderStatus, change?: Partial<OrderState>) => OrderState,
): OrderState {
  const seen = { carrierState: view.carrierState, ...(view.focAt ? { focAt: view.focAt } : {}) };
  switch (view.state) {
    case 'cancelled':
      return to('cancelled', seen);
    case 'ported':
      // The numbers have moved; a cancellation that was under way came too late.
      return to('activating', { ...seen, ported: true, problems: [] });
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
      return { ...to('submitted', { ...seen, problems: [] }), focAt: view.focAt };
    case 'cancel-pending':
      return state.ported ? to(state.status, seen) : to('cancel-pending', seen);
    case 'draft':
      // It is at the carrier, and goes no further without what is missing.
      if (beforeSubmission.includes(state.status) && view.rejections.length > 0)
        return to('action-required', { ...seen, problems: view.rejections });
      return to(beforeSubmission.includes(state.status) ? 'submitted' : state.status, seen);
    case 'unknown':
      // Whatever it calls that: the carrier has the order now.
      return to(beforeSubmission.includes(state.status) ? 'submitted' : state.status, seen);
  }
}
