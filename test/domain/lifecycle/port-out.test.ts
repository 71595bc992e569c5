import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canDecide,
  isFinalPortOut,
  needsCheck,
  newPortOut,
  nextPortOut,
  type PortOutEvent,
  type PortOutState,
  type PortOutView,
  portOutStatuses,
  portOutWaiting,
} from '../../../domain/lifecycle/port-out.ts';

const hour = 3600_000;
const began = '2026-06-01T12:00:00.000Z';
const at = (hours: number) => new Date(Date.parse(began) + hours * hour).toISOString();
const clocks = { answerDueAt: at(24), decideBy: at(22) };
const foc = at(72);
const code = '1001';
const problem = { code: '10015', message: 'The carrier refused.' };

const view = (state: PortOutView['state'], focAt?: string): PortOutEvent => ({
  type: 'carrier',
  view: { state, carrierState: `raw-${state}`, ...(focAt && { focAt }) },
});
const checked = (
  proposal: Extract<PortOutEvent, { type: 'checked' }>['proposal'],
  eligible: readonly string[] = [code],
): PortOutEvent => ({ type: 'checked', findings: ['unverified'], eligible, proposal });

/** In the order of the table's columns. */
const events: Record<string, PortOutEvent> = {
  'checked: authorize': checked({ decision: 'authorize' }),
  'checked: reject': checked({ decision: 'reject', code }),
  'checked: ask': checked({ decision: 'ask', fallback: { decision: 'reject', code } }),
  'decided: authorize': { type: 'decided', answer: { decision: 'authorize' } },
  'decided: reject': { type: 'decided', answer: { decision: 'reject', code } },
  'answer-refused': { type: 'answer-refused', problem },
  'carrier: pending': view('pending'),
  'carrier: authorized': view('authorized', foc),
  'carrier: rejecting': view('rejecting'),
  'carrier: rejected': view('rejected'),
  'carrier: cancelled': view('cancelled'),
  'carrier: ported': view('ported', foc),
  'carrier: unknown': view('unknown'),
  delayed: { type: 'delayed' },
  'due, long afterwards': { type: 'due' },
};

const shorthand = {
  chk: 'checking',
  ask: 'awaiting-decision',
  ans: 'answering',
  rej: 'rejecting',
  aut: 'authorized',
  RJD: 'rejected',
  CAN: 'cancelled',
  POR: 'ported',
} as const;

/** What each status becomes by each event, a dot where it stays. */
const table = `
  chk ans ans ask .   .   .   .   aut rej RJD CAN POR .   .   ask
  ask .   .   .   ans ans .   .   aut rej RJD CAN POR .   .   ans
  ans .   .   .   .   .   ask .   aut rej RJD CAN POR ask .   .
  rej .   .   .   .   .   .   ask aut .   RJD CAN POR .   .   .
  aut .   .   .   .   .   .   .   .   rej RJD CAN POR .   .   .
  RJD .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
  CAN .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
  POR .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
`;

const start = () => newPortOut({ state: 'pending', carrierState: 'pending' }, clocks, began);
const told = (...story: PortOutEvent[]) =>
  story.reduce((state, event, index) => nextPortOut(state, event, at((index + 1) / 10)), start());
const ask = events['checked: ask'] as PortOutEvent;

const states: Record<(typeof portOutStatuses)[number], PortOutState> = {
  checking: start(),
  'awaiting-decision': told(ask),
  answering: told(ask, { type: 'decided', answer: { decision: 'authorize' } }),
  rejecting: told(view('rejecting')),
  authorized: told(view('authorized', foc)),
  rejected: told(view('rejected')),
  cancelled: told(view('cancelled')),
  ported: told(view('ported')),
};

describe('the life of a port-out', () => {
  const rows = table
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  const cases = rows.flatMap(([from = '', ...cells]) =>
    Object.keys(events).map((name, index) => {
      const status = shorthand[from as keyof typeof shorthand];
      const cell = cells[index] as keyof typeof shorthand | '.';
      return [status, name, cell === '.' ? status : shorthand[cell]] as const;
    }),
  );
  it.each(cases)('%s, %s → %s', (from, name, status) => {
    const next = nextPortOut(states[from], events[name] as PortOutEvent, at(30));
    expect(next.status).toBe(status);
    if (isFinalPortOut(from)) expect(next).toBe(states[from]);
  });

  it('the rules answer what is proven or disproven, a person what is not, the deadline what nobody answers', () => {
    expect(told(checked({ decision: 'reject', code }))).toMatchObject({
      answer: { decision: 'reject', code, by: 'rules' },
    });
    expect(nextPortOut(states['awaiting-decision'], { type: 'due' }, at(21))).toBe(states['awaiting-decision']);
    expect(nextPortOut(states['awaiting-decision'], { type: 'due' }, at(22))).toMatchObject({
      status: 'answering',
      answer: { decision: 'reject', code, by: 'deadline' },
    });
    expect(states.answering.answer).toEqual({ decision: 'authorize', by: 'caller' });
  });

  it('without a default, the deadline and the silence after it are raised, and a person can still decide', () => {
    const open = told(checked({ decision: 'ask' }));
    const due = nextPortOut(open, { type: 'due' }, at(22));
    expect(due).toMatchObject({ status: 'awaiting-decision', dueAt: at(24), problems: [{ code: 'undecided' }] });
    const later = nextPortOut(due, { type: 'due' }, at(24));
    expect(later).toMatchObject({ dueAt: at(25), problems: [{ code: 'undecided' }] });
    expect(canDecide(later)).toBe(true);
  });

  it('a rejection that the carrier does not accept comes back to a person, and is not repeated by default', () => {
    const back = nextPortOut(nextPortOut(states.answering, view('rejecting'), at(1)), view('pending'), at(2));
    expect(back).toMatchObject({ status: 'awaiting-decision', problems: [{ code: 'rejection-not-accepted' }] });
    expect(back.fallback).toBeUndefined();
    expect(nextPortOut(back, { type: 'due' }, at(22)).status).toBe('awaiting-decision');
  });

  it('says when the carrier approved without an answer of ours, or against it', () => {
    expect(states.authorized.approvedWithoutUs).toBe(true);
    expect(nextPortOut(states.answering, view('authorized'), at(1)).approvedWithoutUs).toBe(false);
    const rejecting = told(checked({ decision: 'reject', code }), view('rejecting'));
    expect(nextPortOut(rejecting, view('authorized'), at(2)).approvedWithoutUs).toBe(true);
  });

  it('shows an unknown state raw, and puts it before a person; a known one clears that up', () => {
    const puzzled = nextPortOut(start(), view('unknown'), at(1));
    expect(puzzled).toMatchObject({ carrierState: 'raw-unknown', problems: [{ code: 'unknown-carrier-state' }] });
    expect(nextPortOut(puzzled, checked({ decision: 'authorize' }), at(1))).toMatchObject({
      status: 'awaiting-decision',
      fallback: { decision: 'authorize' },
    });
    expect(nextPortOut(puzzled, view('pending'), at(2)).problems).toEqual([]);
  });

  it('a check that fails until the deadline is put before a person, and still made', () => {
    const soon = nextPortOut(start(), { type: 'due' }, at(1));
    expect(soon).toMatchObject({ status: 'checking', dueAt: new Date(Date.parse(at(1)) + 300_000).toISOString() });
    const late = nextPortOut(soon, { type: 'due' }, at(22));
    expect(late).toMatchObject({ status: 'awaiting-decision', problems: [{ code: 'not-checked' }] });
    expect(needsCheck(late)).toBe(true);
    const found = nextPortOut(late, checked({ decision: 'reject', code }), at(23));
    expect(found).toMatchObject({ status: 'awaiting-decision', eligible: [code], problems: [], dueAt: at(23) });
    expect(nextPortOut(found, { type: 'due' }, at(23)).answer).toMatchObject({ by: 'deadline', code });
  });

  it('says once that something is late, until it has succeeded', () => {
    const late = nextPortOut(nextPortOut(start(), { type: 'delayed' }, at(1)), { type: 'delayed' }, at(2));
    expect(late.problems).toMatchObject([{ code: 'delayed' }]);
    expect(nextPortOut(late, ask, at(3)).problems).toEqual([]);
  });

  it('raises a date on which nothing happened for a day', () => {
    const gone = nextPortOut(states.authorized, { type: 'due' }, foc);
    expect(gone).toMatchObject({ dueAt: at(73), problems: [] });
    expect(nextPortOut(gone, { type: 'due' }, at(96)).problems).toMatchObject([{ code: 'carrier-overdue' }]);
  });

  it('a date that moves is waited for anew', () => {
    expect(states.authorized.dueAt).toBe(foc);
    expect(nextPortOut(states.authorized, view('authorized', at(100)), at(5)).dueAt).toBe(at(100));
  });
});

describe('what a port-out waits for', () => {
  it.each(portOutStatuses.map((status) => [status] as const))('%s', (status) => {
    const waiting = portOutWaiting(states[status]);
    expect(waiting === undefined).toBe(isFinalPortOut(status));
    if (waiting)
      expect(waiting).toMatchObject({ what: expect.any(String), until: expect.any(String), next: expect.any(String) });
  });

  it('counts down to what is answered by default, else to the silence that is approval', () => {
    expect(portOutWaiting(states['awaiting-decision'])).toEqual({
      what: 'a person to authorize or reject it',
      since: at(0.1),
      until: at(22),
      next: `it is rejected with code 1001, for silence counts as approval at ${at(24)}`,
    });
    expect(portOutWaiting({ ...states['awaiting-decision'], fallback: undefined })).toMatchObject({
      until: at(24),
      next: `silence counts as approval at ${at(24)}`,
    });
  });
});

fc.configureGlobal({ numRuns: 1000 });

const anyEvent = fc.oneof(
  fc.constantFrom(...Object.values(events)),
  fc.integer({ min: -10, max: 200 }).map((hours) => view('authorized', at(hours))),
);
/** Duplicated, reordered, lost, at any distance: any sequence at all. */
const anyStory = fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 40 })), { maxLength: 30 });
const tell = (story: readonly (readonly [PortOutEvent, number])[]) => {
  let hours = 0;
  const told = [{ state: start(), at: began }];
  for (const [event, pause] of story) {
    hours += pause;
    told.push({ state: nextPortOut(told.at(-1)?.state as PortOutState, event, at(hours)), at: at(hours) });
  }
  return told;
};

describe('a port-out, whatever happens in whatever order', () => {
  it('never leaves a final state, nor changes in it', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const states = tell(story).map(({ state }) => state);
        const end = states.findIndex((state) => isFinalPortOut(state.status));
        if (end >= 0) for (const state of states.slice(end)) expect(state).toBe(states[end]);
      }),
    );
  });

  it('always has a deadline until it has ended, and each that comes leads to another one or to an answer', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        for (const { state } of tell(story)) {
          expect(state.dueAt === undefined).toBe(isFinalPortOut(state.status));
          expect(portOutWaiting(state) === undefined).toBe(isFinalPortOut(state.status));
          if (!state.dueAt) continue;
          const next = nextPortOut(state, { type: 'due' }, state.dueAt);
          expect((next.dueAt ?? '') > state.dueAt).toBe(true);
        }
      }),
    );
  });

  it('left alone, gives its default before silence counts as approval', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const last = tell(story).at(-1);
        let state = last?.state as PortOutState;
        if (state.status !== 'awaiting-decision' || !state.fallback || (last?.at ?? '') >= clocks.answerDueAt) return;
        for (let turn = 0; turn < 5 && state.status === 'awaiting-decision'; turn += 1) {
          state = nextPortOut(state, { type: 'due' }, state.dueAt ?? '');
        }
        expect(state).toMatchObject({ status: 'answering', answer: { by: 'deadline' } });
        expect(state.since < clocks.answerDueAt).toBe(true);
      }),
    );
  });
});
