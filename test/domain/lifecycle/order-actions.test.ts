import { describe, expect, it } from 'vitest';
import { type OrderState, type OrderStatus, orderStatuses } from '../../../domain/lifecycle/order.ts';
import {
  type OrderAction,
  orderActions,
  possibleActions,
  refusalOf,
  refusalOfDate,
  refusalsOnRecord,
} from '../../../domain/lifecycle/order-actions.ts';

const now = '2026-06-09T12:00:00.000Z';
const past = '2026-06-09T11:59:59.000Z';
const future = '2026-06-09T12:00:01Z';
const order = (status: OrderStatus, rest: Partial<OrderState> = {}): OrderState => ({
  status,
  since: past,
  problems: [],
  ported: false,
  ...rest,
});
const codeOf = (action: OrderAction, state: OrderState, activation: 'automatic' | 'on-demand' = 'on-demand') =>
  refusalOf(action, state, activation, now)?.code;

/** What is possible in each status without any clock; in the order of `orderActions`. */
const possible: Record<OrderStatus, readonly OrderAction[]> = {
  draft: ['submit', 'supplement', 'cancel'],
  checking: ['cancel'],
  'action-required': ['supplement', 'reschedule', 'cancel'],
  submitted: ['reschedule', 'cancel'],
  exception: ['supplement', 'reschedule', 'cancel'],
  'foc-confirmed': ['cancel', 'activate'],
  activating: ['cancel', 'activate'],
  completed: [],
  'cancel-pending': [],
  cancelled: [],
  failed: [],
};

describe('what people may do', () => {
  it.each(orderStatuses)('%s', (status) => {
    expect(possibleActions(order(status), 'on-demand', now)).toEqual(possible[status]);
  });

  it.each(orderActions)('%s has a code of its own when it is not possible', (action) => {
    expect(codeOf(action, order('cancelled'))).toMatch(/^(order-not-|snap-back-not-possible)/);
  });

  it('on demand only', () => {
    expect(codeOf('activate', order('foc-confirmed'), 'automatic')).toBe('order-not-activatable');
  });

  it('nor where the carrier does not do it for these numbers, and says so', () => {
    const refusal = refusalOf('activate', order('foc-confirmed', { onDemand: false }), 'on-demand', now);
    expect(refusal).toMatchObject({ code: 'order-not-activatable', message: expect.stringContaining('by themselves') });
    expect(codeOf('activate', order('foc-confirmed', { onDemand: true }))).toBeUndefined();
  });
});

describe('cut-offs, to the second', () => {
  const dated = (clocks: OrderState['clocks']) => order('foc-confirmed', { focAt: future, clocks });

  it.each<[OrderAction, OrderState, string | undefined]>([
    ['supplement', dated({ supplementUntil: future }), undefined],
    ['supplement', dated({ supplementUntil: now }), 'supplement-too-late'],
    ['supplement', dated({ supplementUntil: past }), 'supplement-too-late'],
    ['supplement', dated({}), 'order-not-supplementable'],
    ['reschedule', dated({ supplementUntil: future }), undefined],
    ['reschedule', dated({ supplementUntil: past }), 'reschedule-too-late'],
    ['reschedule', dated({}), 'order-not-reschedulable'],
    ['cancel', dated({ cancelUntil: future }), undefined],
    ['cancel', dated({ cancelUntil: now }), 'cancel-too-late'],
    ['cancel', dated({}), undefined],
    ['activate', dated({ activationOpensAt: past, activationClosesAt: future }), undefined],
    ['activate', dated({ activationOpensAt: future }), 'outside-activation-hours'],
    ['activate', dated({ activationOpensAt: past, activationClosesAt: past }), 'outside-activation-hours'],
  ])('%s', (action, state, code) => {
    expect(codeOf(action, state)).toBe(code);
  });

  it('a clock of a date that is no more stops nothing', () => {
    expect(codeOf('cancel', order('exception', { clocks: { cancelUntil: past } }))).toBeUndefined();
  });

  it('says when the carrier activates next', () => {
    const refusal = refusalOf('activate', dated({ activationOpensAt: future }), 'on-demand', now);
    expect(refusal?.message).toContain(future);
  });
});

describe('a date that is asked for', () => {
  const clocks = { earliestFocAt: '2026-06-12T00:00:00Z', latestFocAt: '2026-07-09T00:00:00Z' };
  it.each([
    ['2026-06-09T12:00:00Z', 'requested-date-past'],
    // Sooner than such ports usually take: the carriers decide.
    ['2026-06-11T23:59:59Z', undefined],
    ['2026-06-12T00:00:00.000Z', undefined],
    ['2026-07-09T00:00:00Z', undefined],
    ['2026-07-09T02:00:01+01:00', 'requested-date-too-far'],
  ])('%s: %s', (requested, code) => {
    expect(refusalOfDate(order('submitted', { clocks }), requested, now)?.code).toBe(code);
  });

  it('without clocks only lies ahead', () => {
    expect(refusalOfDate(order('submitted'), future, now)).toBeUndefined();
  });
});

describe('a snap-back', () => {
  const ported = (rest: Partial<OrderState> = {}) =>
    order('activating', { ported: true, clocks: { snapBackUntil: future }, ...rest });
  const asked = { reason: 'disputed', requestedAt: past, until: future } as const;

  it.each<[string, OrderState, string | undefined]>([
    ['once voice has moved', ported(), undefined],
    ['of a completed order', ported({ status: 'completed' }), undefined],
    ['too late', ported({ clocks: { snapBackUntil: past } }), 'snap-back-too-late'],
    ['where there is none', ported({ clocks: {} }), 'snap-back-not-possible'],
    ['before anything has moved', ported({ ported: false }), 'snap-back-not-possible'],
    ['twice', ported({ snapBack: { ...asked, state: 'requested' } }), 'snap-back-not-possible'],
    ['again after a refusal', ported({ snapBack: { ...asked, state: 'refused' } }), undefined],
    ['of what went back', ported({ snapBack: { ...asked, state: 'accepted' } }), 'snap-back-not-possible'],
  ])('%s', (_what, state, code) => {
    expect(codeOf('snap-back', state)).toBe(code);
  });

  it('that is asked for twice says that it was asked for', () => {
    const state = ported({ status: 'completed', snapBack: { ...asked, state: 'requested' } });
    expect(refusalOf('snap-back', state, 'automatic', now)?.message).toMatch(
      new RegExp(`was asked for at ${past}.* until ${future}`),
    );
  });
});

it('what is too late stands on record, what was never possible does not', () => {
  expect(refusalsOnRecord).toContain('cancel-too-late');
  for (const code of refusalsOnRecord) expect(code).toMatch(/too-late|outside/);
});
