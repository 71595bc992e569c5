import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CarrierView,
  canCancel,
  canSupplement,
  finalOrderStatuses,
  isFinalOrder,
  newOrder,
  nextOrder,
  type OrderEvent,
  type OrderState,
  orderStatuses,
} from '../../../domain/lifecycle/order.ts';
import { waitingOf } from '../../../domain/lifecycle/waiting.ts';

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
  'checked, no problem': { type: 'checked', problems: [] },
  'checked, a problem': { type: 'checked', problems: [problem] },
  'carrier: draft': view('draft'),
  'carrier: unknown': view('unknown'),
  'carrier: submitted': view('submitted'),
  'carrier: exception': view('exception', { rejections: [problem] }),
  'carrier: foc-confirmed': view('foc-confirmed', { focAt: foc }),
  'carrier: ported': view('ported', { focAt: foc }),
  'carrier: cancel-pending': view('cancel-pending'),
  'carrier: cancelled': view('cancelled'),
  supplemented: { type: 'supplemented' },
  'cancel-requested': { type: 'cancel-requested' },
  'cancel-refused': { type: 'cancel-refused' },
  'cutover-begun': { type: 'cutover-begun' },
  'numbers-settled, all moved': { type: 'numbers-settled', failed: 0 },
  'numbers-settled, one did not': { type: 'numbers-settled', failed: 1 },
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

/** What each state becomes by each event; a dot: it stays. `ported`: activating, the carrier says that the numbers have moved. */
const table: Record<string, string> = {
  //                 ok  prob dra unk sub exc foc por pen can supp req ref beg set0 set1 gave
  draft: '           chk act  sub sub sub exc foc ing pen can .    can .   .   .    .    fai',
  checking: '        .   act  sub sub sub exc foc ing pen can .    can .   .   .    .    fai',
  'action-required': 'chk .    sub sub sub exc foc ing pen can chk  can .   .   .    .    fai',
  submitted: '       .   .    .   .   .   exc foc ing pen can .    pen .   .   .    .    fai',
  exception: '       .   .    .   .   sub .   foc ing pen can sub  pen .   .   .    .    fai',
  'foc-confirmed': ' .   .    .   .   sub exc .   ing pen can .    pen .   ing .    .    fai',
  activating: '      .   .    .   .   sub exc .   .   pen can .    pen .   .   .    .    fai',
  ported: '          .   .    .   .   .   .   .   .   .   can .    .   .   .   com  fai  fai',
  'cancel-pending': '.   .    .   .   .   .   .   ing .   can .    .   sub .   .    .    fai',
  completed: '       .   .    .   .   .   .   .   .   .   .   .    .   .   .   .    .    .',
  cancelled: '       .   .    .   .   .   .   .   .   .   .   .    .   .   .   .    .    .',
  failed: '          .   .    .   .   .   .   .   .   .   .   .    .   .   .   .    .    .',
};

function stateNamed(name: string): OrderState {
  return name === 'ported'
    ? { status: 'activating', since: began, problems: [], ported: true, focAt: foc }
    : { status: name as OrderState['status'], since: began, problems: [], ported: false };
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
    expect(Object.keys(table).filter((name) => name !== 'ported')).toEqual(expect.arrayContaining([...orderStatuses]));
    expect(cells).toHaveLength(Object.keys(table).length * Object.keys(events).length);
  });

  it.each(cells)('%s, %s → %s', (name, event, to) => {
    const before = stateNamed(name);
    const after = nextOrder(before, events[event] as OrderEvent, later);
    expect(after.status).toBe(to);
    // A status has begun when it was entered, and is not begun again by more news of the same.
    expect(after.since).toBe(to === before.status ? began : later);
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

  it('shows the carrier’s own word whatever it means', () => {
    for (const status of orderStatuses.filter((each) => !isFinalOrder(each))) {
      expect(nextOrder(at(status), view('unknown'), later).carrierState).toBe('raw-unknown');
    }
  });

  it('says how many numbers did not move', () => {
    const failed = nextOrder(stateNamed('ported'), { type: 'numbers-settled', failed: 3 }, later);
    expect(failed.problems).toEqual([{ code: 'numbers-failed', message: expect.stringContaining('3') }]);
  });

  it.each(orderStatuses.map((status) => [status] as const))(
    '%s: what people may do agrees with what it does',
    (status) => {
      const state = at(status);
      expect(nextOrder(state, { type: 'supplemented' }, later) !== state).toBe(canSupplement(state));
      expect(nextOrder(state, { type: 'cancel-requested' }, later) !== state).toBe(canCancel(state));
    },
  );
});

fc.configureGlobal({ numRuns: 1000 });

const anyEvent: fc.Arbitrary<OrderEvent> = fc.constantFrom(...Object.values(events));
/** Duplicated, reordered, lost: any sequence at all. */
const anyStory = fc.array(anyEvent, { maxLength: 30 });
const hour = 3600_000;
const tell = (story: readonly OrderEvent[]): OrderState[] => {
  const states = [newOrder(began)];
  story.forEach((event, hours) => {
    const at = new Date(Date.parse(began) + (hours + 1) * hour).toISOString();
    states.push(nextOrder(states.at(-1) as OrderState, event, at));
  });
  return states;
};

describe('an order, whatever happens in whatever order', () => {
  it('never leaves a final state, nor changes in it', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const states = tell(story);
        const end = states.findIndex((state) => isFinalOrder(state.status));
        if (end >= 0) for (const state of states.slice(end)) expect(state).toBe(states[end]);
      }),
    );
  });

  it('always waits for something until it has ended', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        for (const state of tell(story)) {
          const final = (finalOrderStatuses as readonly string[]).includes(state.status);
          expect(waitingOf(state) === undefined).toBe(final);
          expect(waitingOf(state)?.since ?? state.since).toBe(state.since);
        }
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
          expect(['activating', 'completed', 'failed', 'cancelled']).toContain(next.status);
          if (next.status === 'cancelled') {
            expect(story[index] === events['carrier: cancelled'] || state.status === 'cancelled').toBe(true);
          }
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
        if (tell(story).at(-1)?.status === 'completed') expect(story).toContain(events['carrier: ported']);
      }),
    );
  });
});
