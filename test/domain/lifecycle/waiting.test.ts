import { describe, expect, it } from 'vitest';
import { isFinalOrder, type OrderState, type OrderStatus, orderStatuses } from '../../../domain/lifecycle/order.ts';
import { answerOverdueMs, patienceMs, waitingOf } from '../../../domain/lifecycle/waiting.ts';

const since = '2026-06-01T12:00:00.000Z';
const focAt = '2026-06-10T15:00:00.000Z';
const order = (status: OrderStatus, rest: Partial<OrderState> = {}): OrderState => ({
  status,
  since,
  problems: [],
  ported: false,
  ...rest,
});
const afterDays = (days: number) => new Date(Date.parse(since) + days * 24 * 3600_000).toISOString();

describe('waitingOf', () => {
  it.each<[OrderStatus, string, string | undefined, string | undefined]>([
    ['draft', 'the checks before submission', undefined, undefined],
    ['checking', 'the checks before submission', undefined, undefined],
    ['action-required', 'a supplement that mends the problems', afterDays(30), 'the port is given up'],
    ['exception', 'a supplement that answers the losing carrier', afterDays(30), 'the port is given up'],
    ['submitted', 'the losing carrier to confirm a date', afterDays(7), 'the order is raised as overdue'],
    ['activating', 'proof that calls and texts of every number have moved', undefined, undefined],
    ['cancel-pending', 'the carrier to confirm the cancellation', undefined, undefined],
  ])('%s: waits for %s', (status, what, until, next) => {
    expect(waitingOf(order(status))).toEqual({ what, since, ...(until && { until }), ...(next && { next }) });
  });

  it('waits for the agreed date until that date, and says nothing of a date that nobody knows', () => {
    expect(waitingOf(order('foc-confirmed', { focAt }))).toEqual({
      what: 'the agreed date',
      since,
      until: focAt,
      next: 'the numbers move',
    });
    expect(waitingOf(order('foc-confirmed'))).toEqual({ what: 'the agreed date', since });
  });

  it('waits for a person when the activation is on demand', () => {
    expect(waitingOf(order('foc-confirmed', { focAt }), { activation: 'on-demand' })).toEqual({
      what: 'somebody to activate the order',
      since,
    });
  });

  it('waits for proof until its deadline after the agreed date', () => {
    expect(waitingOf(order('activating', { focAt }), { proofDeadlineMs: 72 * 3600_000 })).toMatchObject({
      until: '2026-06-13T15:00:00.000Z',
      next: 'a person is asked to look at both carriers',
    });
  });

  it('waits in every state that is not final, and in no other', () => {
    for (const status of orderStatuses) expect(waitingOf(order(status)) === undefined).toBe(isFinalOrder(status));
  });

  it('has the patience that it shows', () => {
    expect(patienceMs).toBe(30 * 24 * 3600_000);
    expect(answerOverdueMs).toBe(7 * 24 * 3600_000);
  });
});
