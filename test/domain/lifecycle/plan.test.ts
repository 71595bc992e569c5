import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { OrderStatus } from '../../../domain/lifecycle/order.ts';
import {
  canCancelPlan,
  isFinalPlan,
  newPlan,
  nextPlan,
  nothingOrdered,
  type PlanEvent,
  type PlanRollUp,
  type PlanState,
  type PlanStatus,
  planStatuses,
} from '../../../domain/lifecycle/plan.ts';

const at = '2027-01-01T00:00:00.000Z';
const later = '2027-01-02T00:00:00.000Z';
const plan = (status: PlanStatus, rest: Partial<PlanState> = {}): PlanState => ({ ...newPlan(at), status, ...rest });
const rolledUp = (byStatus: Partial<Record<OrderStatus, number>>, open = 0): PlanEvent => ({
  type: 'rolled-up',
  rollUp: { ...nothingOrdered, orders: { begun: 4, open, byStatus } } satisfies PlanRollUp,
});

test.each<[PlanStatus, PlanEvent, PlanStatus]>([
  ['checking', { type: 'split', orders: 4, problems: 1 }, 'ordering'],
  ['checking', { type: 'split', orders: 0, problems: 9 }, 'failed'],
  ['cancel-pending', { type: 'split', orders: 4, problems: 0 }, 'cancel-pending'],
  ['ordering', { type: 'all-begun' }, 'in-progress'],
  ['cancel-pending', { type: 'all-begun' }, 'cancel-pending'],
  ['checking', { type: 'cancel-requested' }, 'cancel-pending'],
  ['ordering', { type: 'cancel-requested' }, 'cancel-pending'],
  ['in-progress', { type: 'cancel-requested' }, 'cancel-pending'],
  // None is open because none has begun yet.
  ['ordering', rolledUp({}), 'ordering'],
  ['in-progress', rolledUp({ submitted: 1, completed: 3 }, 1), 'in-progress'],
  ['in-progress', rolledUp({ completed: 4 }), 'completed'],
  ['in-progress', rolledUp({ completed: 3, failed: 1 }), 'partly-completed'],
  ['in-progress', rolledUp({ cancelled: 3, failed: 1 }), 'failed'],
  ['in-progress', rolledUp({ cancelled: 4 }), 'cancelled'],
  ['cancel-pending', rolledUp({ completed: 1, cancelled: 1 }), 'partly-completed'],
  ['cancel-pending', rolledUp({}), 'cancelled'],
])('%s, %j → %s', (from, event, to) => {
  const next = nextPlan(plan(from, { orders: 4 }), event, later);
  expect(next.status).toBe(to);
  expect(next.since).toBe(from === to ? at : later);
});

it('counts the orders for which its cancellation came too late: as they say it, and in the end by what became of them', () => {
  const pending = nextPlan(plan('in-progress', { orders: 4 }), { type: 'cancel-requested' }, later);
  const refused = nextPlan(pending, { type: 'cancelled-too-late', orders: 1 }, later);
  expect(refused).toMatchObject({ status: 'cancel-pending', notCancelled: 1 });
  const open = nextPlan(refused, rolledUp({ completed: 1, 'cancel-pending': 3 }, 3), later);
  expect(open).toMatchObject({ status: 'cancel-pending', notCancelled: 1 });
  // Of two more the carrier did not cancel one.
  const ended = nextPlan(open, rolledUp({ completed: 2, cancelled: 2 }), later);
  expect(ended).toMatchObject({ status: 'partly-completed', notCancelled: 2 });
  expect(nextPlan(pending, rolledUp({ cancelled: 4 }), later).notCancelled).toBeUndefined();
  expect(nextPlan(plan('in-progress', { orders: 4 }), rolledUp({ completed: 4 }), later).notCancelled).toBeUndefined();
});

const events: fc.Arbitrary<PlanEvent> = fc.oneof(
  fc.record({ type: fc.constant('split' as const), orders: fc.nat(3), problems: fc.nat(3) }),
  fc.constant({ type: 'all-begun' as const }),
  fc.constant({ type: 'cancel-requested' as const }),
  fc.record({ type: fc.constant('cancelled-too-late' as const), orders: fc.nat(2) }),
  fc.tuple(fc.nat(2), fc.nat(2)).map(([completed, open]) => rolledUp({ completed }, open)),
);

describe('whatever happens, in whatever order', () => {
  it('a plan that has ended changes no more, and can be cancelled no more', () => {
    fc.assert(
      fc.property(fc.array(events), (all) => {
        let state = newPlan(at);
        for (const event of all) {
          const next = nextPlan(state, event, later);
          if (isFinalPlan(state.status)) expect(next).toBe(state);
          expect(canCancelPlan(next)).toBe(!isFinalPlan(next.status) && next.status !== 'cancel-pending');
          state = next;
        }
      }),
    );
  });

  it('the rank of its status never falls', () => {
    const rank = (status: PlanStatus) => Math.min(planStatuses.indexOf(status), planStatuses.indexOf('completed'));
    fc.assert(
      fc.property(fc.array(events), (all) => {
        let state = newPlan(at);
        for (const event of all) {
          const next = nextPlan(state, event, later);
          expect(rank(next.status)).toBeGreaterThanOrEqual(rank(state.status));
          state = next;
        }
      }),
    );
  });
});
