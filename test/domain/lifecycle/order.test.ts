import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CarrierView,
  finalOrderStatuses,
  isFinalOrder,
  newOrder,
  nextOrder,
  type OrderEvent,
  type OrderState,
  orderStatuses,
  problemsOf,
} from '../../../domain/lifecycle/order.ts';
import { type orderActions, refusalOf } from '../../../domain/lifecycle/order-actions.ts';
import { deadlineEvent, waitingOf, waitOf } from '../../../domain/lifecycle/waiting.ts';

const began = '2026-06-01T12:00:00.000Z';
const later = '2026-06-02T12:00:00.000Z';
const foc = '2026-06-10T15:00:00.000Z';
const problem = { code: 'PASSCODE_PIN_INVALID', message: 'The PIN is wrong.' };

const view = (state: CarrierView['state'], rest: Partial<CarrierView> = {}): OrderEvent => ({
  type: 'carrier',
  view: { state, carrierState: `raw-${state}`, rejections: [], ...rest },
});

/** In the order of the table's columns. */
const events: Record<string, OrderEvent> = {
  'submitted-draft': { type: 'submitted-draft' },
  'checked, no problem': { type: 'checked', problems: [] },
  'checked, a problem': { type: 'checked', problems: [problem] },
  'submission-begun': { type: 'submission-begun' },
  'submission-refused': { type: 'submission-refused', problem },
  'carrier: draft': view('draft'),
  'carrier: draft, something missing': view('draft', { rejections: [problem] }),
  'carrier: unknown': view('unknown'),
  'carrier: submitted': view('submitted'),
  'carrier: exception': view('exception', { rejections: [problem] }),
  'carrier: foc-confirmed': view('foc-confirmed', { focAt: foc }),
  'carrier: provisioning': view('provisioning'),
  'carrier: ported': view('ported', { focAt: foc }),
  'carrier: cancel-pending': view('cancel-pending'),
  'carrier: cancelled': view('cancelled'),
  supplemented: { type: 'supplemented' },
  'cancel-requested': { type: 'cancel-requested' },
  'cancel-refused': { type: 'cancel-refused' },
  'never-ordered': { type: 'never-ordered' },
  'cutover-begun': { type: 'cutover-begun' },
  'numbers-settled, all moved': { type: 'numbers-settled', failed: 0 },
  'numbers-settled, one did not': { type: 'numbers-settled', failed: 1 },
  'snap-back-requested': { type: 'snap-back-requested', reason: 'disputed', until: foc },
  'snap-back-answered': { type: 'snap-back-answered', answer: 'accepted' },
  'clocks-set': { type: 'clocks-set', clocks: { answerDueAt: later } },
  escalated: { type: 'escalated', escalation: { code: 'answer-overdue', message: 'Late.', at: later, count: 1 } },
  expired: { type: 'expired', problem },
  'gave-up': { type: 'gave-up', problem },
};

const shorthand = {
  chk: 'checking',
  act: 'action-required',
  sub: 'submitted',
  exc: 'exception',
  foc: 'foc-confirmed',
  ing: 'activating',
  com: 'completed',
  pen: 'cancel-pending',
  can: 'cancelled',
  fai: 'failed',
} as const;

/** «.»: the status stays. */
const table: Record<string, string> = {
  //                  draft check      submission  the carrier says                                person          cutover             snap-back  deadlines
  //                  sub   no   yes   beg   ref   dra  miss unk  sub  exc  foc  pro  por  pen  can    sup  can  ref  nev  beg  all  one  req  ans  clk  esc  exp  gav
  draft:
    '            chk   .    .     .     .     .    .    .    .    .    .    .    .    .    .      .    can  .    .    .    .    .    .    .    .    .    can  fai',
  checking:
    '         .     .    act   .     act   sub  act  sub  sub  exc  foc  ing  ing  pen  can    .    can  .    .    .    .    .    .    .    .    .    .    fai',
  'in flight':
    '      .     .    act   .     act   sub  act  sub  sub  exc  foc  ing  ing  pen  can    .    pen  .    .    .    .    .    .    .    .    .    .    fai',
  'action-required':
    '.     chk  .     .     .     sub  .    sub  sub  exc  foc  ing  ing  pen  can    chk  can  .    .    .    .    .    .    .    .    .    .    fai',
  submitted:
    '        .     .    .     .     .     .    .    .    .    exc  foc  ing  ing  pen  can    .    pen  .    .    .    .    .    .    .    .    .    .    fai',
  exception:
    '        .     .    .     .     .     .    .    .    sub  .    foc  ing  ing  pen  can    sub  pen  .    .    .    .    .    .    .    .    .    .    fai',
  'foc-confirmed':
    '  .     .    .     .     .     .    .    .    sub  exc  .    ing  ing  pen  can    .    pen  .    .    ing  .    .    .    .    .    .    .    fai',
  activating:
    '       .     .    .     .     .     .    .    .    sub  exc  .    .    .    pen  can    .    pen  .    .    .    .    .    .    .    .    .    .    fai',
  ported:
    '           .     .    .     .     .     .    .    .    .    .    .    .    .    .    can    .    .    .    .    .    com  fai  .    .    .    .    .    fai',
  'cancel-pending':
    ' .     .    .     .     .     .    .    .    .    .    .    .    ing  .    can    .    .    sub  .    .    .    .    .    .    .    .    .    fai',
  'never arrived':
    '  .     .    .     .     can   .    .    .    .    .    .    .    ing  .    can    .    .    sub  can  .    .    .    .    .    .    .    .    fai',
  completed:
    '        .     .    .     .     .     .    .    .    .    .    .    .    .    .    .      .    .    .    .    .    .    .    .    .    .    .    .    .',
  cancelled:
    '        .     .    .     .     .     .    .    .    .    .    .    .    .    .    .      .    .    .    .    .    .    .    .    .    .    .    .    .',
  failed:
    '           .     .    .     .     .     .    .    .    .    .    .    .    .    .    .      .    .    .    .    .    .    .    .    .    .    .    .    .',
};

/** States that are more than their status. */
const special: Record<string, Partial<OrderState>> = {
  'in flight': { status: 'checking', atCarrier: true },
  ported: { status: 'activating', ported: true, focAt: foc },
  'never arrived': { status: 'cancel-pending', atCarrier: true },
  'cancel-pending': { carrierState: 'raw-submitted', atCarrier: true },
};

function stateNamed(name: string): OrderState {
  const status = name as OrderState['status'];
  return { status, since: began, problems: [], ported: false, ...special[name] };
}

const cells = Object.entries(table).flatMap(([name, row]) =>
  row
    .trim()
    .split(/\s+/)
    .map((cell, column) => {
      const event = Object.keys(events)[column] ?? '';
      const to = cell === '.' ? stateNamed(name).status : shorthand[cell as keyof typeof shorthand];
      return [name, event, to] as const;
    }),
);

describe('nextOrder, every state × every event', () => {
  it('has a row for every state and a column for every event', () => {
    expect(Object.keys(table).filter((name) => !special[name] || name === 'cancel-pending')).toEqual(
      expect.arrayContaining([...orderStatuses]),
    );
    expect(cells).toHaveLength(Object.keys(table).length * Object.keys(events).length);
  });

  it.each(cells)('%s, %s → %s', (name, event, to) => {
    const before = stateNamed(name);
    const after = nextOrder(before, events[event] as OrderEvent, later);
    expect(after.status).toBe(to);
    // A status has begun when it was entered, and is not begun again by more news of the same; a draft by each change.
    const begunNow = to !== before.status || (name === 'draft' && event === 'supplemented');
    expect(after.since).toBe(begunNow ? later : began);
  });
});

describe('nextOrder', () => {
  const at = (status: OrderState['status'], rest: Partial<OrderState> = {}): OrderState => ({
    ...stateNamed(status),
    ...rest,
  });

  it('shows what has to be mended, and forgets it when it was', () => {
    const asked = nextOrder(newOrder(began), events['checked, a problem'] as OrderEvent, later);
    expect(asked.problems).toEqual([problem]);
    expect(nextOrder(asked, { type: 'supplemented' }, later).problems).toEqual([]);
    const refused = nextOrder(at('submitted'), view('exception', { rejections: [problem] }), later);
    expect(refused.problems).toEqual([problem]);
    expect(nextOrder(refused, view('submitted'), later).problems).toEqual([]);
  });

  it('follows a date that moves, and has none when the carrier takes it back', () => {
    const dated = nextOrder(at('submitted'), view('foc-confirmed', { focAt: foc }), later);
    expect(dated.focAt).toBe(foc);
    expect(nextOrder(dated, view('foc-confirmed', { focAt: later }), later).focAt).toBe(later);
    expect(nextOrder(dated, view('submitted'), later).focAt).toBeUndefined();
    expect(nextOrder(dated, view('exception'), later).focAt).toBeUndefined();
  });

  it('keeps the date while a cancellation is under way, and goes back to it when that is refused', () => {
    const cancelling = nextOrder(at('foc-confirmed', { focAt: foc }), { type: 'cancel-requested' }, later);
    expect(cancelling).toMatchObject({ status: 'cancel-pending', focAt: foc });
    expect(nextOrder(cancelling, { type: 'cancel-refused' }, later).status).toBe('foc-confirmed');
  });

  it('shows the carrier’s own word whatever it means, and since when nobody knows what that is', () => {
    for (const status of orderStatuses.filter((each) => !isFinalOrder(each) && each !== 'draft')) {
      const lost = nextOrder(at(status), view('unknown'), later);
      expect(lost).toMatchObject({ carrierState: 'raw-unknown', unknownSince: later });
      const known = nextOrder(lost, view('submitted'), foc);
      expect(known.unknownSince).toBeUndefined();
    }
  });

  it('keeps the moments that clocks are reckoned from: submitted, activated, in conflict', () => {
    const submitted = nextOrder(at('checking'), view('submitted'), began);
    expect(submitted.submittedAt).toBe(began);
    expect(nextOrder(submitted, view('submitted'), later).submittedAt).toBe(began);
    const exception = nextOrder(submitted, view('exception', { concurrence: 'conflict' }), later);
    expect(exception.conflictSince).toBe(later);
    expect(nextOrder(exception, view('exception', { concurrence: 'conflict' }), foc).conflictSince).toBe(later);
    expect(nextOrder(exception, view('exception', { concurrence: 'given' }), foc).conflictSince).toBeUndefined();
    // The losing carrier is asked anew by a supplement.
    expect(nextOrder(exception, { type: 'supplemented' }, foc).submittedAt).toBe(foc);
    const ported = nextOrder(exception, view('ported'), later);
    expect(nextOrder(ported, view('ported'), foc).activatedAt).toBe(later);
  });

  it('shows what is late beside what has to be mended, until the order goes on', () => {
    const late = nextOrder(at('submitted'), events.escalated as OrderEvent, later);
    expect(problemsOf(late)).toEqual([{ code: 'answer-overdue', message: 'Late.' }]);
    // Reading the same again is no progress, whatever the carrier calls it.
    const same = nextOrder({ ...late, submittedAt: began }, view('submitted', { carrierState: 'in-process' }), later);
    expect(problemsOf(same)).toHaveLength(1);
    expect(problemsOf(nextOrder(late, view('foc-confirmed', { focAt: foc }), later))).toEqual([]);
  });

  it('says how many numbers did not move, and why if they were asked back', () => {
    const failed = nextOrder(stateNamed('ported'), { type: 'numbers-settled', failed: 3 }, later);
    expect(failed.problems).toEqual([{ code: 'numbers-failed', message: expect.stringContaining('3') }]);
    const asked = nextOrder(stateNamed('ported'), events['snap-back-requested'] as OrderEvent, later);
    const agreed = nextOrder(asked, events['snap-back-answered'] as OrderEvent, later);
    const back = nextOrder(agreed, { type: 'numbers-settled', failed: 2 }, later);
    expect(back).toMatchObject({ status: 'failed', problems: [{ code: 'snapped-back' }] });
  });

  it('takes one answer to a snap-back, also of a completed order, whose status stays', () => {
    const asked = nextOrder(at('completed', { ported: true }), events['snap-back-requested'] as OrderEvent, later);
    expect(asked).toMatchObject({
      status: 'completed',
      snapBack: { state: 'requested', reason: 'disputed', until: foc },
    });
    const refused = nextOrder(asked, { type: 'snap-back-answered', answer: 'refused' }, later);
    expect(refused).toMatchObject({ status: 'completed', snapBack: { state: 'refused', answeredAt: later } });
    expect(nextOrder(refused, { type: 'snap-back-answered', answer: 'accepted' }, later)).toBe(refused);
    expect(nextOrder(at('cancelled'), events['snap-back-requested'] as OrderEvent, later).snapBack).toBeUndefined();
  });

  it.each(Object.keys(table))('%s: what people may do agrees with what it does', (name) => {
    const state = stateNamed(name);
    const possible = (action: (typeof orderActions)[number]) =>
      refusalOf(action, { ...state, clocks: { snapBackUntil: foc } }, 'on-demand', later) === undefined;
    const changes = (event: OrderEvent) => nextOrder(state, event, later) !== state;
    expect(changes({ type: 'submitted-draft' })).toBe(possible('submit'));
    expect(changes({ type: 'supplemented' })).toBe(possible('supplement'));
    expect(changes({ type: 'cancel-requested' })).toBe(possible('cancel'));
    if (name !== 'completed') expect(changes(events['snap-back-requested'] as OrderEvent)).toBe(possible('snap-back'));
  });
});

fc.configureGlobal({ numRuns: 1000 });

/** What a carrier can say at all: also what makes no sense after what it said before. */
const anyView = fc.record({
  state: fc.constantFrom(
    ...([
      'draft',
      'submitted',
      'exception',
      'foc-confirmed',
      'provisioning',
      'ported',
      'cancel-pending',
      'unknown',
    ] as const),
  ),
  carrierState: fc.constantFrom('a', 'b', 'c'),
  focAt: fc.option(fc.constantFrom(foc, '2026-06-03T15:00:00Z', '2026-09-01T00:00:00.000Z'), { nil: undefined }),
  rejections: fc.constantFrom([], [problem]),
  concurrence: fc.constantFrom(undefined, 'awaited', 'given', 'conflict'),
  onDemand: fc.constantFrom(undefined, true, false),
}) as fc.Arbitrary<CarrierView>;
const anyClocks = fc.record({
  answerDueAt: fc.constantFrom(undefined, later),
  concurrence: fc.constantFrom(undefined, {
    timers: 'long' as const,
    firstDueAt: later,
    finalDueAt: '2026-06-04T12:00:00.000Z',
  }),
  activationOpensAt: fc.constantFrom(undefined, foc),
  activationClosesAt: fc.constantFrom(undefined, '2026-06-10T22:00:00.000Z'),
  deadAt: fc.constantFrom(undefined, '2026-06-24T00:00:00.000Z'),
  conflictResolvableAt: fc.constantFrom(undefined, later),
  snapBackUntil: fc.constantFrom(undefined, '2026-06-11T15:00:00.000Z'),
});
/** Without `carrier: cancelled`: that a carrier cancels what has moved is a table's row. */
const anyEvent: fc.Arbitrary<OrderEvent> = fc.oneof(
  fc.constantFrom(...Object.values(events).filter((event) => event !== events['carrier: cancelled'])),
  anyView.map((each) => ({ type: 'carrier' as const, view: each })),
  anyClocks.map((clocks) => ({ type: 'clocks-set' as const, clocks })),
);
/** Duplicated, reordered, lost: any sequence at all. */
const anyStory = fc.array(anyEvent, { maxLength: 30 });
const hour = 3600_000;
const momentOf = (hours: number) => new Date(Date.parse(began) + hours * hour).toISOString();
const tell = (story: readonly OrderEvent[], from = newOrder(began)): OrderState[] => {
  const states = [from];
  story.forEach((event, hours) => {
    states.push(nextOrder(states.at(-1) as OrderState, event, momentOf(hours + 1)));
  });
  return states;
};
const anyStart = fc.constantFrom('draft' as const, 'checking' as const).map((status) => newOrder(began, status));
const anyTerms = fc.record({
  activation: fc.constantFrom('automatic' as const, 'on-demand' as const),
  proofDeadlineMs: fc.constantFrom(undefined, 72 * hour),
});

describe('an order, whatever happens in whatever order', () => {
  it('never leaves a final state, nor changes in it but for a snap-back', () => {
    fc.assert(
      fc.property(anyStart, anyStory, (start, story) => {
        const states = tell(story, start);
        const end = states.findIndex((state) => isFinalOrder(state.status));
        if (end < 0) return;
        const { snapBack: _, ...final } = states[end] as OrderState;
        for (const { snapBack: __, ...state } of states.slice(end)) expect(state).toEqual(final);
      }),
    );
  });

  it('always waits for something with a deadline until it has ended', () => {
    fc.assert(
      fc.property(anyStart, anyStory, anyTerms, (start, story, terms) => {
        tell(story, start).forEach((state, hours) => {
          const final = (finalOrderStatuses as readonly string[]).includes(state.status);
          const waiting = waitingOf(state, terms, momentOf(hours));
          expect(waiting === undefined).toBe(final && state.snapBack?.state !== 'requested');
          if (waiting) expect(Date.parse(waiting.until ?? '')).toBeGreaterThan(0);
        });
      }),
    );
  });

  it('that ends without being completed waits for no answer to a snap-back', () => {
    const ended = [
      { type: 'carrier', view: { state: 'ported', carrierState: 'ported', rejections: [] } } as const,
      { type: 'snap-back-requested', reason: 'disputed', until: '2026-06-10T15:00:00.000Z' } as const,
      { type: 'numbers-settled', failed: 1 } as const,
    ].reduce((order, event) => nextOrder(order, event, later), newOrder(later));
    expect(ended).toMatchObject({ status: 'failed', snapBack: { state: 'expired' } });
    expect(waitOf(ended, { activation: 'automatic' }, later)).toBeUndefined();
  });

  it('left alone, gets before a person or ends: no deadline is followed by nothing, and none comes twice at once', () => {
    fc.assert(
      fc.property(anyStart, anyStory, anyTerms, (start, story, terms) => {
        let order = tell(story, start).at(-1) as OrderState;
        let at = momentOf(story.length);
        const begun = Date.parse(at);
        let raised = order.escalation !== undefined;
        for (let turn = 0; turn < 40; turn += 1) {
          const wait = waitOf(order, terms, at);
          if (!wait) break;
          const due = Date.parse(wait.until) > Date.parse(at) ? wait.until : at;
          const event = deadlineEvent(wait, order, due);
          if (event) order = nextOrder(order, event, due);
          raised ||= event?.type === 'escalated';
          at = due;
          const next = waitOf(order, terms, at);
          // Time goes on: after what was due comes what is due later; what is late already comes at once, once.
          if (next && event?.type === 'escalated') expect(next.effect !== wait.effect || next.until > at).toBe(true);
        }
        const ended = waitOf(order, terms, at) === undefined;
        expect(raised || ended || order.snapBack?.state === 'expired').toBe(true);
        if (!ended) expect(Date.parse(at) - begun).toBeGreaterThan(24 * hour);
      }),
    );
  });

  it('never forgets that the numbers have moved, and never cancels it by itself then', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const states = tell(story);
        states.forEach((state, index) => {
          const next = states[index + 1];
          if (!state.ported || !next) return;
          expect(next.ported).toBe(true);
          expect(['activating', 'completed', 'failed']).toContain(next.status);
        });
      }),
    );
  });

  it('takes the same event twice for once', () => {
    fc.assert(
      fc.property(anyStory, anyEvent, (story, event) => {
        const once = nextOrder(tell(story).at(-1) as OrderState, event, later);
        expect(nextOrder(once, event, later).status).toBe(once.status);
      }),
    );
  });

  it('is completed only when the carrier has said that the numbers moved', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        if (tell(story).at(-1)?.status !== 'completed') return;
        expect(story.some((event) => event.type === 'carrier' && event.view.state === 'ported')).toBe(true);
      }),
    );
  });

  it('goes on as the carrier says, whatever was lost, doubled or overtaken before: the last word counts', () => {
    const anyWords = fc.array(anyView, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(anyWords, anyWords, anyView, (some, others, last) => {
        const word = (each: CarrierView): OrderEvent => ({ type: 'carrier', view: each });
        const ends = [some, others].map((words) => tell([...words, last].map(word)).at(-1) as OrderState);
        const [one, two] = ends as [OrderState, OrderState];
        // But for what can't be taken back, and what depends on it.
        if (
          one.ported ||
          two.ported ||
          ends.some(({ status }) => status === 'cancel-pending' || status === 'activating')
        )
          return;
        if (last.state === 'draft' || last.state === 'unknown') return;
        expect(one.status).toBe(two.status);
      }),
    );
  });
});
