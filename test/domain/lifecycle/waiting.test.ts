import { describe, expect, it } from 'vitest';
import { isFinalOrder, type OrderState, type OrderStatus, orderStatuses } from '../../../domain/lifecycle/order.ts';
import { deadlineEvent, type PortTerms, patience, waitingOf, waitOf } from '../../../domain/lifecycle/waiting.ts';

const since = '2026-06-01T12:00:00.000Z';
const focAt = '2026-06-10T15:00:00.000Z';
const day = 24 * 3600_000;
const order = (status: OrderStatus, rest: Partial<OrderState> = {}): OrderState => ({
  status,
  since,
  problems: [],
  ported: false,
  ...rest,
});
const plus = (ms: number, from = since) => new Date(Date.parse(from) + ms).toISOString();
const codeOf = (state: OrderState, at = since, terms: PortTerms = {}) => {
  const wait = waitOf(state, terms, at);
  return wait?.effect.does === 'escalate' ? wait.effect.code : wait?.effect.does;
};

describe('waitingOf', () => {
  it.each<[OrderStatus, string, string, string]>([
    ['draft', 'its missing data, and to be submitted', plus(14 * day), 'end'],
    ['checking', 'the checks before submission', plus(day / 24), 'checks-overdue'],
    ['action-required', 'a supplement that mends the problems', plus(3 * day), 'not-mended'],
    ['exception', 'a supplement that answers the losing carrier', plus(3 * day), 'not-mended'],
    ['submitted', 'the losing carrier to confirm a date', plus(7 * day), 'answer-overdue'],
    ['foc-confirmed', 'the agreed date', plus(day), 'date-unknown'],
    ['activating', 'the numbers to move', plus(day / 6), 'move-overdue'],
    ['cancel-pending', 'the carrier to confirm the cancellation', plus(2 * day), 'cancellation-unanswered'],
  ])('%s: waits for %s until %s, then %s', (status, what, until, then) => {
    expect(waitingOf(order(status), {}, since)).toMatchObject({ what, since, until, next: expect.any(String) });
    expect(codeOf(order(status))).toBe(then);
  });

  it('waits in every state that is not final, and in no other', () => {
    for (const status of orderStatuses) {
      expect(waitingOf(order(status, { unknownSince: since }), {}, since) === undefined).toBe(isFinalOrder(status));
    }
  });

  it('goes by the clocks of the order where it has any', () => {
    const clocks = { answerDueAt: plus(day), deadAt: plus(20 * day), conflictResolvableAt: plus(day / 4) };
    expect(waitOf(order('submitted', { clocks }), {}, since)?.until).toBe(clocks.answerDueAt);
    const conflict = order('exception', { clocks, conflictSince: since });
    expect(waitOf(conflict, {}, since)).toMatchObject({ until: clocks.conflictResolvableAt });
    expect(codeOf(conflict)).toBe('conflict-unresolved');
    const dead = order('foc-confirmed', { clocks, focAt });
    expect(codeOf(dead, plus(20 * day))).toBe('foc-dead');
    const raised = { code: 'move-overdue', message: '', at: plus(19 * day), count: 5 } as const;
    const late = waitOf({ ...dead, escalation: raised }, {}, plus(19.5 * day));
    expect(late).toMatchObject({ until: clocks.deadAt, effect: { does: 'go-on' } });
  });

  it('waits for the agreed date, then a few hours for the numbers to move', () => {
    const dated = order('foc-confirmed', { focAt });
    expect(waitOf(dated, {}, since)).toMatchObject({ what: 'the agreed date', until: focAt, next: 'the numbers move' });
    expect(waitOf(dated, {}, focAt)).toMatchObject({
      what: 'the numbers to move',
      until: plus(patience.activationMs, focAt),
    });
    expect(codeOf(dated, focAt)).toBe('move-overdue');
  });

  it('waits for concurrence by two timers, of which only the first is late', () => {
    const concurrence = { timers: 'long', firstDueAt: plus(day), finalDueAt: plus(2 * day) } as const;
    const awaited = order('foc-confirmed', { focAt, concurrence: 'awaited', clocks: { concurrence } });
    expect(codeOf(awaited)).toBe('concurrence-overdue');
    expect(waitOf(awaited, {}, plus(day))).toMatchObject({ until: plus(2 * day), effect: { does: 'go-on' } });
    expect(waitOf(awaited, {}, plus(2 * day))?.what).toBe('the agreed date');
    expect(waitOf({ ...awaited, concurrence: 'given' }, {}, since)?.what).toBe('the agreed date');
  });

  it('on demand, waits for the window to open, for somebody to activate, and for the next window', () => {
    const clocks = { activationOpensAt: focAt, activationClosesAt: plus(8 * 3600_000, focAt) };
    const terms: PortTerms = { activation: 'on-demand' };
    const dated = order('foc-confirmed', { focAt, clocks });
    expect(waitOf(dated, terms, since)).toMatchObject({ what: 'the activation window to open', until: focAt });
    expect(waitOf(dated, terms, focAt)).toMatchObject({ until: clocks.activationClosesAt });
    expect(codeOf(dated, focAt, terms)).toBe('activation-missed');
    // Once it was missed the owner isn't told each day anew, but the window's end is known.
    const raised = { code: 'activation-missed', message: '', at: focAt, count: 3 } as const;
    expect(waitOf({ ...dated, escalation: raised }, terms, focAt)).toMatchObject({ until: clocks.activationClosesAt });
    expect(codeOf({ ...dated, escalation: raised }, focAt, terms)).toBe('go-on');
  });

  it('on demand of a carrier that does not do it for these numbers, waits for the agreed date', () => {
    const dated = order('foc-confirmed', { focAt, onDemand: false });
    expect(waitOf(dated, { activation: 'on-demand' }, since)).toMatchObject({ what: 'the agreed date', until: focAt });
    expect(codeOf(dated, focAt, { activation: 'on-demand' })).toBe('move-overdue');
  });

  it('waits for proof until its deadline after the agreed date', () => {
    const ported = order('activating', { focAt, ported: true });
    expect(waitingOf(ported, { proofDeadlineMs: 72 * 3600_000 }, focAt)?.until).toBe('2026-06-13T15:00:00.000Z');
    expect(codeOf(ported)).toBe('proof-overdue');
  });

  it('reminds of what waits to be mended, and gives up in the end', () => {
    const waiting = order('exception');
    const raised = { code: 'not-mended', message: '', count: 4 } as const;
    expect(waitOf(waiting, {}, since)?.next).toContain(plus(30 * day));
    const last = waitOf({ ...waiting, escalation: { ...raised, at: plus(25 * day) } }, {}, plus(25 * day));
    expect(last).toMatchObject({ until: plus(30 * day), next: 'the port is given up' });
    expect(last && deadlineEvent(last, waiting, plus(30 * day))).toMatchObject({ type: 'gave-up' });
  });

  it('waits for both carriers while a snap-back is asked for, also of a completed order', () => {
    const snapBack = { state: 'requested', reason: 'disputed', requestedAt: focAt, until: plus(day, focAt) } as const;
    const asked = order('completed', { ported: true, snapBack });
    expect(waitingOf(asked, {}, focAt)).toMatchObject({ since: focAt, until: snapBack.until });
    const wait = waitOf(asked, {}, focAt);
    expect(wait && deadlineEvent(wait, asked, snapBack.until)).toEqual({
      type: 'snap-back-answered',
      answer: 'expired',
    });
    expect(waitingOf({ ...asked, snapBack: { ...snapBack, state: 'refused' } }, {}, focAt)).toBeUndefined();
  });

  it('puts a state that no table has before a person at once, and again after growing pauses', () => {
    let lost = order('submitted', { carrierState: 'limbo', unknownSince: since });
    let at = since;
    const pauses: number[] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      const wait = waitOf(lost, {}, at);
      expect(wait?.effect).toMatchObject({
        code: 'unknown-carrier-state',
        message: expect.stringContaining('«limbo»'),
      });
      pauses.push((Date.parse(wait?.until ?? '') - Date.parse(at)) / day);
      at = wait?.until ?? '';
      const event = wait && deadlineEvent(wait, lost, at);
      if (event?.type === 'escalated') lost = { ...lost, escalation: event.escalation };
    }
    expect(pauses).toEqual([0, 1, 2, 4, 8, 16, 28, 28]);
  });
});
