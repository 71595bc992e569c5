import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CutoverEvent,
  type CutoverState,
  campaignPatienceMs,
  type MessagingPlan,
  newCutover,
  nextCutover,
} from '../../../domain/lifecycle/cutover.ts';

const plans: readonly MessagingPlan[] = ['move', 'stay', 'messaging-only'];
const began = '2026-06-10T14:45:00.000Z';
const later = '2026-06-10T15:00:00.000Z';
const quarter = 15 * 60_000;

const events: Record<string, CutoverEvent> = {
  margin: { type: 'margin-reached' },
  activating: { type: 'voice', voice: 'activating' },
  active: { type: 'voice', voice: 'active' },
  database: { type: 'database-names-gaining' },
  out: { type: 'outbound-proven' },
  in: { type: 'inbound-proven' },
  deadline: { type: 'deadline' },
  returned: { type: 'returned' },
  probed: { type: 'terms', terms: { databaseProves: true, probed: true, campaign: 'not-needed' } },
  donor: { type: 'terms', terms: { databaseProves: false, probed: false, campaign: 'not-needed' } },
  donorProbed: { type: 'terms', terms: { databaseProves: false, probed: true, campaign: 'not-needed' } },
  campaign: { type: 'terms', terms: { databaseProves: true, probed: false, campaign: 'waiting' } },
  attached: { type: 'campaign', answer: 'attached' },
  refused: { type: 'campaign', answer: 'refused' },
};
type EventName = keyof typeof events;

/** The state after these events: those of the margin at `began`, all others at `later`. */
function cutoverAfter(plan: MessagingPlan, names: string): CutoverState {
  return names
    .split(' ')
    .filter(Boolean)
    .reduce(
      (state, name) => nextCutover(state, events[name] as CutoverEvent, name === 'margin' ? began : later),
      newCutover(plan),
    );
}

/** Voice, messaging, what is proven (d, o, i), campaign (waiting ?, attached +, failed -), escalated (!), outcome. */
function shortForm(state: CutoverState): string {
  const proof = `${state.databaseNamesGaining ? 'd' : ''}${state.outboundProven ? 'o' : ''}${state.inboundProven ? 'i' : ''}`;
  const campaign = { 'not-needed': '', waiting: '?', attached: '+', failed: '-' }[state.campaign];
  const marks = `${proof}${campaign}${state.escalatedAt ? '!' : ''}`;
  return [state.voice, state.messaging, marks, state.outcome].filter(Boolean).join(' ');
}

/** States by the events that lead to them, and what each becomes by one more event; a dot: it stays. */
const tables: Record<MessagingPlan, Record<string, Record<string, string>>> = {
  move: {
    '': {
      margin: 'pending uncertain',
      activating: 'activating losing',
      active: 'active losing',
      database: 'active losing d',
      out: 'pending losing o',
      in: 'pending losing i',
      deadline: 'pending losing !',
      returned: 'pending losing returned',
    },
    margin: {
      margin: '.',
      activating: 'activating uncertain',
      active: 'active uncertain',
      database: 'active uncertain d',
      out: 'pending uncertain o',
      in: 'pending uncertain i',
      deadline: 'pending uncertain !',
      returned: 'pending losing returned',
    },
    'margin active': {
      margin: '.',
      activating: '.',
      active: '.',
      database: 'active uncertain d',
      out: 'active uncertain o',
      in: 'active uncertain i',
      deadline: 'active uncertain !',
      returned: 'unknown losing returned',
    },
    'margin database': {
      margin: '.',
      activating: '.',
      active: '.',
      database: '.',
      out: 'active gaining do ported',
      in: 'active uncertain di',
      deadline: 'active uncertain d!',
      returned: 'unknown losing returned',
    },
    'margin out': {
      margin: '.',
      activating: 'activating uncertain o',
      active: 'active uncertain o',
      database: 'active gaining do ported',
      out: '.',
      in: 'pending uncertain oi',
      deadline: 'pending uncertain o!',
      returned: 'pending losing o returned',
    },
    'margin activating': { returned: 'unknown losing returned' },
    // With a number that can write to it, a text in is required as well.
    'margin probed database': { out: 'active uncertain do', in: 'active uncertain di' },
    'margin probed database out': { in: 'active gaining doi ported', probed: '.', margin: '.' },
    'margin probed in out': { database: 'active gaining doi ported', active: 'active uncertain oi' },
    // Where the database proves nothing, the carrier's word on voice counts instead, and what it names is only noted.
    'margin donor out': {
      database: 'pending uncertain do',
      active: 'active gaining o ported',
      in: 'pending uncertain oi',
    },
    'margin donor active': { out: 'active gaining o ported', database: 'active uncertain d' },
    'margin donorProbed active out': { in: 'active gaining oi ported', database: 'active uncertain do' },
    'margin active out': { donor: 'active gaining o ported', donorProbed: '.', probed: '.' },
    // Texts may be refused by both carriers until the number is attached to its campaign.
    'margin campaign database': { out: 'active uncertain do?', attached: 'active uncertain d+', refused: '.' },
    'margin campaign database out': {
      attached: 'active gaining do+ ported',
      campaign: '.',
      probed: 'active uncertain do',
    },
    'margin campaign attached database': { campaign: '.', probed: '.', out: 'active gaining do+ ported' },
    'margin in deadline': {
      margin: '.',
      activating: 'activating uncertain i!',
      active: 'active uncertain i!',
      database: 'active uncertain di!',
      out: 'pending uncertain oi!',
      in: '.',
      deadline: '.',
      returned: 'pending losing i! returned',
    },
  },
  'messaging-only': {
    'margin out': { database: 'active uncertain do', in: 'pending gaining oi ported' },
    'margin campaign out in': { attached: 'pending gaining oi+ ported', active: 'active uncertain oi?' },
    margin: {
      margin: '.',
      activating: 'activating uncertain',
      active: 'active uncertain',
      database: 'active uncertain d',
      out: 'pending uncertain o',
      in: 'pending uncertain i',
      deadline: 'pending uncertain !',
      returned: 'pending losing returned',
    },
    'margin in': { database: 'active uncertain di', out: 'pending gaining oi ported' },
  },
  stay: {
    '': {
      margin: '.',
      activating: 'activating losing',
      active: 'active losing',
      database: 'active losing d ported',
      out: 'pending losing o',
      in: 'pending losing i',
      deadline: 'pending losing !',
      returned: 'pending losing returned',
    },
    'active out in': { database: 'active losing doi ported' },
    active: { donor: 'active losing ported' },
    donor: { active: 'active losing ported', database: 'pending losing d' },
  },
};

const cells = plans.flatMap((plan) =>
  Object.entries(tables[plan]).flatMap(([state, row]) =>
    Object.entries(row).map(([event, to]) => [plan, state, event, to] as const),
  ),
);

describe('nextCutover, state × event', () => {
  it.each(cells)('%s, «%s», then %s: %s', (plan, state, event, to) => {
    const before = cutoverAfter(plan, state);
    const next = nextCutover(before, events[event] as CutoverEvent, later);
    expect(shortForm(next)).toBe(to === '.' ? shortForm(before) : to);
  });

  const ended = plans.flatMap((plan) =>
    ['margin database out in', 'margin returned', 'returned'].flatMap((state) =>
      Object.keys(events).map((event) => [plan, state, event] as const),
    ),
  );
  it.each(ended)('%s, ended by «%s»: %s changes nothing', (plan, state, event) => {
    const before = cutoverAfter(plan, state);
    expect(before.outcome).toBeDefined();
    expect(nextCutover(before, events[event] as CutoverEvent, later)).toBe(before);
  });
});

describe('how long texts were uncertain', () => {
  it('counts from the margin to the proof, or to the return', () => {
    expect(cutoverAfter('move', 'margin database out').uncertainMs).toBe(quarter);
    expect(cutoverAfter('move', 'margin returned').uncertainMs).toBe(quarter);
  });

  it('is nothing when they never were', () => {
    expect(cutoverAfter('stay', 'margin database').uncertainMs).toBe(0);
    expect(cutoverAfter('move', 'database out').uncertainMs).toBe(0);
    expect(cutoverAfter('move', 'returned').uncertainMs).toBe(0);
  });

  it('is what it was when a number that had moved is given back', () => {
    const { outcome: _ported, ...moved } = cutoverAfter('move', 'margin database out');
    expect(nextCutover(moved, { type: 'returned' }, '2026-06-11T15:00:00.000Z')).toMatchObject({
      outcome: 'returned',
      // What held before does not any more, and nobody knows yet.
      voice: 'unknown',
      databaseNamesGaining: false,
      uncertainMs: quarter,
    });
  });

  it('is not told before it is over', () => {
    expect(cutoverAfter('move', 'margin database in deadline').uncertainMs).toBeUndefined();
  });
});

describe('the campaign', () => {
  const at = (ms: number) => new Date(Date.parse(later) + ms).toISOString();
  const waiting = cutoverAfter('move', 'margin campaign active');
  const refused = (ms: number) => nextCutover(waiting, { type: 'campaign', answer: 'refused' }, at(ms));

  it('is refused for good only when the carrier has had the number for a while, and may be attached even then', () => {
    expect(refused(campaignPatienceMs - 1).campaign).toBe('waiting');
    const failed = refused(campaignPatienceMs);
    expect(failed.campaign).toBe('failed');
    expect(nextCutover(failed, { type: 'campaign', answer: 'pending' }, at(campaignPatienceMs)).campaign).toBe(
      'failed',
    );
    expect(nextCutover(failed, { type: 'campaign', answer: 'attached' }, at(campaignPatienceMs)).campaign).toBe(
      'attached',
    );
  });

  it('does not hold proven texts back once it has failed: they demonstrably arrive', () => {
    const proven = ['database', 'out'].reduce(
      (state, name) => nextCutover(state, events[name] as CutoverEvent, later),
      refused(campaignPatienceMs),
    );
    expect(proven).toMatchObject({ messaging: 'gaining', campaign: 'failed', outcome: 'ported' });
  });

  it('that nobody named is none to wait for', () => {
    const state = cutoverAfter('move', 'margin active');
    expect(nextCutover(state, { type: 'campaign', answer: 'refused' }, at(campaignPatienceMs)).campaign).toBe(
      'not-needed',
    );
  });
});

describe('texts in, by network', () => {
  const heard = (state: CutoverState, byNetwork: Record<string, string>) =>
    nextCutover(state, { type: 'inbound-proven', byNetwork }, later);

  it('keeps the first of each', () => {
    const first = heard(cutoverAfter('move', 'margin'), { alpha: began });
    const second = heard(first, { alpha: later, beta: later });
    expect(second).toMatchObject({ inboundProven: true, inboundByNetwork: { alpha: began, beta: later } });
    expect(heard(second, {}).inboundByNetwork).toEqual({ alpha: began, beta: later });
  });
});

it('asks a person once: a second deadline keeps the time of the first', () => {
  const first = nextCutover(cutoverAfter('move', 'margin'), { type: 'deadline' }, began);
  expect(nextCutover(first, { type: 'deadline' }, later).escalatedAt).toBe(began);
});

fc.configureGlobal({ numRuns: 1000 });

const plan = fc.constantFrom(...plans);
const anyEvent = fc.constantFrom<EventName>(...Object.keys(events));
/** Duplicated, reordered, lost; and a clock that may go back between two workers. */
const anyStory = fc.array(fc.tuple(anyEvent, fc.integer({ min: -60_000, max: 3600_000 })), { maxLength: 25 });

function tell(startPlan: MessagingPlan, story: readonly (readonly [EventName, number])[]): CutoverState[] {
  let clock = Date.parse(began);
  const states = [newCutover(startPlan)];
  for (const [name, passed] of story) {
    clock += passed;
    states.push(
      nextCutover(states.at(-1) as CutoverState, events[name] as CutoverEvent, new Date(clock).toISOString()),
    );
  }
  return states;
}

const proofs = ['databaseNamesGaining', 'outboundProven', 'inboundProven'] as const;

describe('a cutover, whatever happens in whatever order', () => {
  it('never changes after its end', () => {
    fc.assert(
      fc.property(plan, anyStory, (startPlan, story) => {
        const states = tell(startPlan, story);
        const end = states.findIndex((state) => state.outcome !== undefined);
        if (end >= 0) for (const state of states.slice(end)) expect(state).toBe(states[end]);
      }),
    );
  });

  it('never takes proof back, but by the return of the number: then nobody knows who has its calls', () => {
    fc.assert(
      fc.property(plan, anyStory, (startPlan, story) => {
        tell(startPlan, story).reduce((before, next) => {
          const returned = next.outcome === 'returned';
          for (const proof of proofs) {
            if (before[proof]) expect(next[proof]).toBe(!(returned && proof === 'databaseNamesGaining'));
          }
          if (before.voice === 'active') expect(next.voice).toBe(returned ? 'unknown' : 'active');
          if (before.escalatedAt) expect(next.escalatedAt).toBe(before.escalatedAt);
          return next;
        });
      }),
    );
  });

  it('never makes the uncertain time negative, and tells it exactly when it has ended', () => {
    fc.assert(
      fc.property(plan, anyStory, (startPlan, story) => {
        for (const state of tell(startPlan, story)) {
          if (state.outcome === undefined) expect(state.uncertainMs).toBeUndefined();
          else expect(state.uncertainMs).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('sends texts by the gaining carrier only when its plan’s proof is there, and never lets them wait under «stay»', () => {
    fc.assert(
      fc.property(plan, anyStory, (startPlan, story) => {
        for (const state of tell(startPlan, story)) {
          if (startPlan === 'stay') expect(state.messaging).toBe('losing');
          if (state.messaging === 'gaining') {
            expect(state).toMatchObject({ outcome: 'ported', outboundProven: true });
            expect(state.campaign).not.toBe('waiting');
            if (startPlan === 'messaging-only' || state.probed) expect(state.inboundProven).toBe(true);
            if (startPlan === 'move' && state.databaseProves) expect(state.databaseNamesGaining).toBe(true);
            if (startPlan === 'move' && !state.databaseProves) expect(state.voice).toBe('active');
          }
          if (state.messaging === 'uncertain') expect(state.uncertainSince).toBeDefined();
        }
      }),
    );
  });

  it('ends the same in whatever order the same proofs come', () => {
    const someProofs = fc.uniqueArray(fc.constantFrom<EventName>('database', 'out', 'in', 'active', 'deadline'));
    const orders = someProofs.chain((names) =>
      fc.tuple(fc.constant(names), fc.shuffledSubarray(names, { minLength: names.length })),
    );
    const result = ({ outcome, messaging, uncertainMs }: CutoverState) => ({ outcome, messaging, uncertainMs });
    fc.assert(
      fc.property(plan, orders, (startPlan, [one, other]) => {
        expect(result(cutoverAfter(startPlan, `margin ${one.join(' ')}`))).toEqual(
          result(cutoverAfter(startPlan, `margin ${other.join(' ')}`)),
        );
      }),
    );
  });
});
