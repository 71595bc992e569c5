import type { OrderStatus } from './order.ts';

/**
 * The states of a plan: many numbers that were asked for at once and become several orders. It ends `completed` when every order did,
 * `partly-completed` when some did.
 */
export const planStatuses = [
  'checking',
  'ordering',
  'in-progress',
  'cancel-pending',
  'completed',
  'partly-completed',
  'cancelled',
  'failed',
] as const;
export type PlanStatus = (typeof planStatuses)[number];

const finalStatuses: readonly PlanStatus[] = ['completed', 'partly-completed', 'cancelled', 'failed'];

/** How the orders and numbers of a plan stand: looked up, never counted (invariants 6 and 11). */
export interface PlanRollUp {
  readonly orders: {
    /** Orders whose process has begun. */
    readonly begun: number;
    /** Of these, the ones that have not ended. */
    readonly open: number;
    readonly byStatus: Readonly<Partial<Record<OrderStatus, number>>>;
  };
  /** Numbers of the orders that have begun. */
  readonly numbers: {
    readonly ordered: number;
    readonly uncertain: number;
    readonly ported: number;
    readonly returned: number;
  };
}

export const nothingOrdered: PlanRollUp = {
  orders: { begun: 0, open: 0, byStatus: {} },
  numbers: { ordered: 0, uncertain: 0, ported: 0, returned: 0 },
};

/** Where a plan stands; the same few values for two numbers and for 20,000. */
export interface PlanState {
  readonly status: PlanStatus;
  /** RFC 3339 UTC; when this status began. */
  readonly since: string;
  /** Numbers that can't be ported, once all have been checked. */
  readonly problems?: number;
  /** How many orders the numbers make, once they have been split. */
  readonly orders?: number;
  /** Orders that went on although all were to be cancelled: it came too late for them, by our rules or by the carrier's word. */
  readonly notCancelled?: number;
  readonly rollUp: PlanRollUp;
}

export type PlanEvent =
  | { readonly type: 'split'; readonly orders: number; readonly problems: number }
  | { readonly type: 'all-begun' }
  | { readonly type: 'cancel-requested' }
  /** So many orders have turned their cancellation down. */
  | { readonly type: 'cancelled-too-late'; readonly orders: number }
  | { readonly type: 'rolled-up'; readonly rollUp: PlanRollUp };

export function newPlan(at: string): PlanState {
  return { status: 'checking', since: at, rollUp: nothingOrdered };
}

export function isFinalPlan(status: PlanStatus): boolean {
  return finalStatuses.includes(status);
}

export function canCancelPlan({ status }: PlanState): boolean {
  return !isFinalPlan(status) && status !== 'cancel-pending';
}

/**
 * What a plan becomes when something happens. Total: what means nothing in a state leaves it as it is, a final one never changes.
 * @param at RFC 3339 UTC
 */
export function nextPlan(state: PlanState, event: PlanEvent, at: string): PlanState {
  if (isFinalPlan(state.status)) return state;
  const to = (status: PlanStatus, change: Partial<PlanState> = {}): PlanState => ({
    ...state,
    ...change,
    status,
    since: status === state.status ? state.since : at,
  });
  switch (event.type) {
    case 'split': {
      const { orders, problems } = event;
      if (state.status !== 'checking') return to(state.status, { orders, problems });
      return to(orders === 0 ? 'failed' : 'ordering', { orders, problems });
    }
    case 'all-begun':
      return state.status === 'ordering' ? to('in-progress') : state;
    case 'cancel-requested':
      return canCancelPlan(state) ? to('cancel-pending') : state;
    case 'cancelled-too-late':
      return event.orders > 0 ? { ...state, notCancelled: event.orders } : state;
    case 'rolled-up': {
      const { rollUp } = event;
      // While orders are still being begun, that none is open says nothing.
      const waits = state.status === 'in-progress' || state.status === 'cancel-pending';
      if (!waits || rollUp.orders.open > 0) return to(state.status, { rollUp });
      const { completed = 0 } = rollUp.orders.byStatus;
      const tooLate = state.status === 'cancel-pending' && completed > 0;
      return to(endOf(state, rollUp), { rollUp, ...(tooLate && { notCancelled: completed }) });
    }
  }
}

function endOf({ orders }: PlanState, { orders: { byStatus } }: PlanRollUp): PlanStatus {
  const { completed = 0, failed = 0 } = byStatus;
  if (completed > 0) return completed === orders ? 'completed' : 'partly-completed';
  return failed > 0 ? 'failed' : 'cancelled';
}
