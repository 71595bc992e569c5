import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MessageKind, messageKinds } from '../../domain/message.ts';
import { isUrgent, type RoutingFacts, type RoutingQuestion, routeText, routingAt } from '../../domain/routing.ts';

const settled = (carrier?: string): RoutingFacts => ({ state: 'settled', ...(carrier && { carrier }) });
const gone: RoutingFacts = { state: 'gone' };
const before: RoutingFacts = { state: 'uncertain', losing: 'alpha', gaining: 'beta', activated: false };
const afterwards: RoutingFacts = { ...before, activated: true };
const foreignLosing: RoutingFacts = { state: 'uncertain', gaining: 'beta', activated: false };

const ask = (rest: Partial<RoutingQuestion>): RoutingQuestion => ({
  kind: 'marketing',
  canary: false,
  sender: settled('alpha'),
  refusedBy: [],
  carriers: new Set(['alpha', 'beta', 'gamma']),
  ...rest,
});

/** «by beta (sender, proves)», «hold sender», «refuse no-route»: the decision in one line. */
function inWords(question: RoutingQuestion): string {
  const decision = routeText(question);
  if (decision.decision === 'hold') return `hold ${decision.for}`;
  if (decision.decision === 'refuse') return `refuse ${decision.code}`;
  return `${decision.via} by ${decision.carrier}${decision.proves ? ', proves' : ''}: ${decision.reason}`;
}

const only = (...carriers: string[]) => new Set(carriers);

describe('routeText', () => {
  it.each<[string, Partial<RoutingQuestion>, string]>([
    ['a settled sender', {}, 'sender by alpha: settled'],
    ['refused before at a settled sender', { refusedBy: ['alpha'] }, 'sender by alpha: settled'],
    ['settled at a carrier that is not ours', { sender: settled('delta') }, 'refuse no-route'],
    ['settled nowhere', { sender: settled() }, 'refuse no-route'],
    ['an unknown sender', { sender: undefined }, 'refuse sender-gone'],
    ['a sender that was ported out', { sender: gone }, 'refuse sender-gone'],
    ['gone, urgent, with a standby', { sender: gone, kind: 'otp', standby: settled('gamma') }, 'refuse sender-gone'],

    ['uncertain, not urgent', { sender: before }, 'hold sender'],
    [
      'uncertain, conversational, with a standby',
      { sender: before, kind: 'conversational', standby: settled('gamma') },
      'hold sender',
    ],
    ['uncertain, urgent, before voice moved', { sender: before, kind: 'otp' }, 'sender by alpha: voice-has-not-moved'],
    ['transactional is urgent', { sender: before, kind: 'transactional' }, 'sender by alpha: voice-has-not-moved'],
    [
      'refused by the losing carrier',
      { sender: before, kind: 'otp', refusedBy: ['alpha'] },
      'sender by beta, proves: voice-has-not-moved',
    ],
    ['refused by both', { sender: before, kind: 'otp', refusedBy: ['alpha', 'beta'] }, 'hold sender'],
    [
      'the losing carrier is not ours',
      { sender: before, kind: 'otp', carriers: only('beta') },
      'sender by beta, proves: voice-has-not-moved',
    ],
    [
      'nobody knows the losing carrier',
      { sender: foreignLosing, kind: 'otp' },
      'sender by beta, proves: voice-has-not-moved',
    ],
    [
      'uncertain, urgent, after voice moved',
      { sender: afterwards, kind: 'otp' },
      'sender by beta, proves: voice-has-moved',
    ],
    ['… and refused by the gaining carrier', { sender: afterwards, kind: 'otp', refusedBy: ['beta'] }, 'hold sender'],
    [
      '… and the gaining carrier can’t be used',
      { sender: afterwards, kind: 'otp', carriers: only('alpha') },
      'hold sender',
    ],

    [
      'a standby sender',
      { sender: before, kind: 'otp', standby: settled('gamma') },
      'standby by gamma: standby-sender',
    ],
    [
      '… after voice moved',
      { sender: afterwards, kind: 'otp', standby: settled('gamma') },
      'standby by gamma: standby-sender',
    ],
    [
      '… whose carrier has refused this text',
      { sender: afterwards, kind: 'otp', standby: settled('gamma'), refusedBy: ['gamma'] },
      'sender by beta, proves: voice-has-moved',
    ],
    [
      '… that is uncertain itself',
      { sender: before, kind: 'otp', standby: before },
      'sender by alpha: voice-has-not-moved',
    ],
    ['… that is gone', { sender: before, kind: 'otp', standby: gone }, 'sender by alpha: voice-has-not-moved'],
    [
      '… at no carrier of ours',
      { sender: before, kind: 'otp', standby: settled('delta') },
      'sender by alpha: voice-has-not-moved',
    ],
    ['a settled sender needs no standby', { kind: 'otp', standby: settled('gamma') }, 'sender by alpha: settled'],

    ['the canary', { sender: before, canary: true }, 'sender by beta, proves: canary'],
    [
      '… has no use for the standby',
      { sender: afterwards, canary: true, kind: 'otp', standby: settled('gamma') },
      'sender by beta, proves: canary',
    ],
    ['… that the gaining carrier refused', { sender: afterwards, canary: true, refusedBy: ['beta'] }, 'hold sender'],
    ['… whose number was settled meanwhile', { sender: settled('beta'), canary: true }, 'sender by beta: settled'],

    ['to a number of ours that is moving', { recipient: before }, 'hold recipient'],
    ['… an urgent text', { recipient: before, kind: 'otp' }, 'sender by alpha: settled'],
    ['… the canary', { recipient: before, sender: afterwards, canary: true }, 'hold recipient'],
    ['to a number of ours that has moved', { recipient: settled('beta') }, 'sender by alpha: settled'],
    ['to a number that is not ours any more', { recipient: gone }, 'sender by alpha: settled'],
  ])('%s', (_case, question, expected) => {
    expect(inWords(ask(question))).toBe(expected);
  });

  it.each<[MessageKind, boolean]>([
    ['otp', true],
    ['transactional', true],
    ['conversational', false],
    ['marketing', false],
  ])('%s is urgent: %s', (kind, urgent) => {
    expect(isUrgent(kind)).toBe(urgent);
  });
});

fc.configureGlobal({ numRuns: 1000 });

const carrier = fc.constantFrom('alpha', 'beta', 'gamma', 'delta');
const facts: fc.Arbitrary<RoutingFacts> = fc.oneof(
  fc.record({ state: fc.constant('settled' as const), carrier }, { requiredKeys: ['state'] }),
  fc.record(
    { state: fc.constant('uncertain' as const), losing: carrier, gaining: carrier, activated: fc.boolean() },
    { requiredKeys: ['state', 'gaining', 'activated'] },
  ),
  fc.constant(gone),
);
const question: fc.Arbitrary<RoutingQuestion> = fc.record(
  {
    kind: fc.constantFrom(...messageKinds),
    canary: fc.boolean(),
    sender: fc.option(facts, { nil: undefined }),
    standby: facts,
    recipient: facts,
    refusedBy: fc.uniqueArray(carrier),
    carriers: fc.uniqueArray(carrier).map((each) => new Set(each)),
  },
  { requiredKeys: ['kind', 'canary', 'sender', 'refusedBy', 'carriers'] },
);

describe('any question', () => {
  it('is answered by a carrier that can be used, or not sent', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const answer = routeText(asked);
        if (answer.decision === 'send') expect(asked.carriers.has(answer.carrier)).toBe(true);
      }),
    );
  });

  it('never sends from a moving number by the losing carrier once voice has moved', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const answer = routeText(asked);
        const { sender } = asked;
        if (answer.decision !== 'send' || answer.via !== 'sender') return;
        if (sender?.state === 'uncertain' && sender.activated) expect(answer.carrier).toBe(sender.gaining);
      }),
    );
  });

  it('never goes to a carrier that has refused the text while the routing is uncertain', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const answer = routeText(asked);
        if (answer.decision === 'send' && asked.sender?.state === 'uncertain') {
          expect(asked.refusedBy).not.toContain(answer.carrier);
        }
      }),
    );
  });

  it('lets texts that are not urgent wait while their sender’s routing is uncertain, but for the canary', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const answer = routeText(asked);
        if (asked.sender?.state !== 'uncertain' || isUrgent(asked.kind) || asked.canary) return;
        expect(answer.decision).toBe('hold');
      }),
    );
  });

  it('says that a delivery proves something only of the gaining carrier of an uncertain sender', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const answer = routeText(asked);
        if (answer.decision !== 'send') return;
        const gaining =
          asked.sender?.state === 'uncertain' && answer.via === 'sender' ? asked.sender.gaining : undefined;
        expect(answer.proves).toBe(answer.carrier === gaining);
      }),
    );
  });
});

describe('routingAt', () => {
  const focAt = new Date('2026-06-01T12:00:00Z');
  const justBefore = new Date(focAt.getTime() - 1);
  const move = { portId: 'port_1', losing: 'alpha', gaining: 'beta', focAt };
  const ofPort = (portId: string) => ({ ...before, portId }) as RoutingFacts & { portId: string };

  it.each<[string, RoutingFacts & { portId?: string }, Date, RoutingFacts]>([
    ['settled before the date', settled('alpha'), justBefore, settled('alpha')],
    ['still called settled at the date', settled('alpha'), focAt, afterwards],
    ['uncertain before the date', ofPort('port_1'), justBefore, ofPort('port_1')],
    [
      'uncertain, and nobody has seen voice move',
      ofPort('port_1'),
      focAt,
      { ...afterwards, portId: 'port_1' } as RoutingFacts,
    ],
    ['uncertain because of another port', ofPort('port_2'), focAt, ofPort('port_2')],
    ['ported out', gone, focAt, gone],
  ])('%s', (_, routing, now, expected) => {
    expect(routingAt(routing, move, now)).toEqual(expected);
  });

  it('is the record where no move has a date', () => {
    expect(routingAt(settled('alpha'), undefined, focAt)).toEqual(settled('alpha'));
  });
});
