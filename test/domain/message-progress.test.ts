import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finalReceiptStates, isFinal, type MessageStatus, type ReceiptState } from '../../domain/message.ts';
import {
  type Answer,
  type Attempt,
  applyAnswers,
  applyReceipt,
  type MessageProgress,
  type PartProgress,
  type ProgressChange,
} from '../../domain/message-progress.ts';

const start = Date.parse('2026-06-01T12:00:00Z');
const hour = 3600_000;

const attempt = (token: string, carrier = 'alpha'): Attempt => ({
  carrier,
  token,
  claimedAt: new Date(start),
  workflowId: 'messages/msg_1/token',
  runId: 'run',
});
const claimed = (rest: Partial<MessageProgress> = {}): MessageProgress => ({
  status: 'claimed',
  expiresAt: new Date(start + 4 * hour),
  attempts: [attempt('claim-1')],
  ...rest,
});
/** As the next claim does it (store/messages.ts). */
const claimedAgain = (text: MessageProgress, carrier = 'alpha'): MessageProgress => ({
  ...text,
  status: 'claimed',
  attempts: [...text.attempts, attempt(`claim-${text.attempts.length + 1}`, carrier)],
});

/** What a carrier may answer to a segment (SMPP 3.4 §5.1.3); the names are used by the properties, too. */
const answers = {
  accepted: { outcome: 'accepted', carrierMessageId: 'a1' },
  'no answer': { outcome: 'ambiguous' },
  'never written': { outcome: 'unsent' },
  throttled: { outcome: 'rejected', code: '0x58' },
  'system error': { outcome: 'rejected', code: '0x8' },
  'no such recipient': { outcome: 'rejected', code: '0xb' },
  'no such sender': { outcome: 'rejected', code: '0xa' },
  'server error': { outcome: 'rejected', code: 'http-500' },
  'unheard-of code': { outcome: 'rejected', code: '0x4ff' },
} as const satisfies Record<string, Answer>;
type AnswerName = keyof typeof answers;

function merged(text: MessageProgress, change: ProgressChange | undefined): MessageProgress {
  return change ? { ...text, ...change } : text;
}
function answer(text: MessageProgress, token: string, names: readonly AnswerName[], random = 0.5): MessageProgress {
  const context = { vocabulary: 'smpp', at: new Date(start + 1000), random } as const;
  const given = names.map((name) => answers[name]);
  return merged(text, applyAnswers(text, token, given, context));
}
interface Receipt {
  readonly state: ReceiptState;
  readonly code?: string;
  readonly part?: number;
  readonly of?: number;
  readonly attempt?: number;
  readonly carrierMessageId?: string;
}
function receive(text: MessageProgress, { part = 0, of = 1, attempt, ...receipt }: Receipt, random = 0.5) {
  const context = { vocabulary: 'smpp', at: new Date(start + 2000), random } as const;
  const index = attempt ?? text.attempts.length - 1;
  return merged(text, applyReceipt(text, index, part, { parts: of, ...receipt }, context));
}

describe('applyAnswers', () => {
  it('leaves a text claimed when there is no answer for any of its segments (invariant 5)', () => {
    expect(answer(claimed(), 'claim-1', [])).toEqual(claimed());
  });

  it.each<[AnswerName[], MessageStatus]>([
    [['accepted'], 'submitted'],
    [['no answer'], 'claimed'],
    [['never written'], 'queued'],
    [['throttled'], 'retrying'],
    [['system error'], 'retrying'],
    [['no such recipient'], 'retrying'],
    [['no such sender'], 'failed'],
    [['unheard-of code'], 'retrying'],
    // «I failed» does not say that the text wasn't taken.
    [['server error'], 'claimed'],
    [['accepted', 'accepted'], 'submitted'],
    [['accepted', 'no answer'], 'claimed'],
    [['no answer', 'no answer'], 'claimed'],
    [['never written', 'never written'], 'queued'],
    [['throttled', 'throttled'], 'retrying'],
    [['throttled', 'never written'], 'retrying'],
    // A part is, or may be, at the handset: a second submission would deliver it twice (invariant 5).
    [['accepted', 'throttled'], 'failed'],
    [['accepted', 'never written'], 'failed'],
    [['no answer', 'throttled'], 'failed'],
    [['no answer', 'never written'], 'failed'],
  ])('%j: %s', (names, status) => {
    const text = answer(claimed(), 'claim-1', names);
    expect(text.status).toBe(status);
    expect(text.attempts[0]).toMatchObject({ answeredAt: new Date(start + 1000) });
    expect(text.attempts[0]?.parts).toHaveLength(names.length);
    expect(text.retryAt !== undefined).toBe(status === 'retrying');
    expect(text.finalAt !== undefined).toBe(status === 'failed');
  });

  it('keeps each part’s id and code', () => {
    const { attempts } = answer(claimed(), 'claim-1', ['accepted', 'throttled']);
    expect(attempts[0]?.parts).toEqual([
      { outcome: 'accepted', carrierMessageId: 'a1' },
      { outcome: 'rejected', code: '0x58' },
    ]);
  });

  it('waits as long as the carrier asks for, and a little longer', () => {
    const asked: Answer = { outcome: 'rejected', code: '0x58', retryAfterMs: 30_000 };
    const context = { vocabulary: 'smpp', at: new Date(start), random: 0.5 } as const;
    expect(applyAnswers(claimed(), 'claim-1', [asked], context)?.retryAt).toEqual(new Date(start + 30_500));
  });

  it('takes an answer once, and none to a claim that is not its own', () => {
    const text = answer(claimed(), 'claim-1', ['accepted']);
    expect(answer(text, 'claim-1', ['no such sender'])).toBe(text);
    expect(answer(text, 'claim-2', ['accepted'])).toBe(text);
  });

  it.each<AnswerName>(['accepted', 'never written', 'throttled', 'no such sender'])(
    'an answer that comes late («%s») does not touch a newer submission that is under way (invariant 5)',
    (late) => {
      const again = claimedAgain(receive(claimed(), { state: 'UNDELIV', code: '27' }));
      const text = answer(again, 'claim-1', [late]);
      expect(text.status).toBe('claimed');
      expect(text.attempts[0]?.answeredAt).toBeDefined();
      expect(answer(text, 'claim-2', ['accepted']).status).toBe('submitted');
    },
  );

  it('has a recipient who «does not exist» looked up once, then believes it', () => {
    const first = answer(claimed(), 'claim-1', ['no such recipient']);
    expect(first).toMatchObject({ status: 'retrying', lookUpFirst: true, failure: { carrierCode: '0xb' } });
    const second = answer(claimedAgain(first), 'claim-2', ['no such recipient']);
    expect(second).toMatchObject({ status: 'failed', failure: { code: 'recipient-unreachable' } });
  });

  it('lets a text wait however often the gaining carrier does not know its number yet', () => {
    let text = claimed({ route: { proves: true, uncertain: true } });
    for (let i = 1; i <= 20; i++) {
      text = answer(text, `claim-${i}`, ['no such recipient']);
      expect(text).toMatchObject({ status: 'retrying', lookUpFirst: false });
      text = claimedAgain(text);
    }
  });

  it('asks again, or waits, when a carrier does not take a number on the move as a sender; else that is final', () => {
    const refused = (route: MessageProgress['route']) => answer(claimed({ route }), 'claim-1', ['no such sender']);
    expect(refused({ proves: false, uncertain: true })).toMatchObject({ status: 'retrying', lookUpFirst: false });
    expect(refused({ proves: true, uncertain: true })).toMatchObject({ status: 'retrying', lookUpFirst: false });
    expect(refused({ proves: false })).toMatchObject({ status: 'failed', failure: { code: 'sender-not-accepted' } });
  });

  it('counts tries by class and carrier: throttling uses up no other patience', () => {
    let text = claimed();
    for (let i = 1; i <= 20; i++) {
      text = answer(text, `claim-${i}`, ['throttled']);
      expect(text.status).toBe('retrying');
      text = claimedAgain(text);
    }
    expect(answer(text, 'claim-21', ['system error']).status).toBe('retrying');
    let tired = claimed();
    for (let i = 1; tired.status === 'claimed'; i++) {
      tired = answer(tired, `claim-${i}`, ['system error'], 0);
      if (tired.status === 'retrying') tired = claimedAgain(tired);
    }
    expect(tired.attempts).toHaveLength(9);
    // Another carrier has its own.
    const elsewhere = claimedAgain({ ...tired, status: 'retrying', finalAt: undefined }, 'beta');
    expect(answer(elsewhere, 'claim-10', ['system error']).status).toBe('retrying');
  });

  it('does not try again what would come too late', () => {
    const nearlyOver = claimed({ expiresAt: new Date(start + 1500) });
    expect(answer(nearlyOver, 'claim-1', ['throttled']).status).toBe('failed');
  });
});

describe('applyReceipt', () => {
  const submitted = answer(claimed(), 'claim-1', ['accepted']);
  const twoParts = answer(claimed(), 'claim-1', ['accepted', 'accepted']);

  it.each<[Omit<Receipt, 'part'>, MessageStatus]>([
    [{ state: 'ENROUTE' }, 'submitted'],
    [{ state: 'ACCEPTD' }, 'submitted'],
    [{ state: 'UNKNOWN' }, 'submitted'],
    [{ state: 'DELIVRD' }, 'delivered'],
    [{ state: 'EXPIRED' }, 'expired'],
    [{ state: 'REJECTD' }, 'retrying'],
    [{ state: 'DELETED' }, 'retrying'],
    [{ state: 'UNDELIV' }, 'retrying'],
    // GSM causes: absent; unknown subscriber; illegal subscriber.
    [{ state: 'UNDELIV', code: '27' }, 'retrying'],
    [{ state: 'UNDELIV', code: '1' }, 'retrying'],
    [{ state: 'UNDELIV', code: '1/2' }, 'retrying'],
  ])('one part, %j: %s', (receipt, status) => {
    expect(receive(submitted, receipt).status).toBe(status);
  });

  it('keeps the id that came instead of the answer', () => {
    const unanswered = receive(claimed(), { state: 'ENROUTE', carrierMessageId: 'late' });
    expect(unanswered.status).toBe('claimed');
    expect(unanswered.attempts[0]?.parts).toMatchObject([{ outcome: 'accepted', carrierMessageId: 'late' }]);
    expect(receive(unanswered, { state: 'DELIVRD', carrierMessageId: 'late' }).status).toBe('delivered');
  });

  it('delivered when all parts are, not before', () => {
    const half = receive(twoParts, { state: 'DELIVRD', part: 1, of: 2 });
    expect(half.status).toBe('submitted');
    expect(receive(half, { state: 'DELIVRD', part: 0, of: 2 })).toMatchObject({
      status: 'delivered',
      finalAt: new Date(start + 2000),
    });
  });

  it('failed when one part is: the others are, or may be, at the handset', () => {
    const half = receive(twoParts, { state: 'DELIVRD', part: 1, of: 2 });
    expect(receive(half, { state: 'UNDELIV', code: '27', part: 0, of: 2 })).toMatchObject({
      status: 'failed',
      failure: { carrierCode: '27' },
    });
    expect(receive(twoParts, { state: 'UNDELIV', part: 0, of: 2 }).status).toBe('failed');
  });

  it('a receipt for no part or no attempt changes nothing', () => {
    expect(receive(submitted, { state: 'DELIVRD', part: 1 })).toBe(submitted);
    expect(receive(submitted, { state: 'DELIVRD', attempt: 7 })).toBe(submitted);
  });

  it('an older attempt’s failure changes nothing while a newer one is under way; its delivery ends the text', () => {
    const again = claimedAgain(receive(submitted, { state: 'UNDELIV', code: '27' }));
    expect(receive(again, { state: 'UNDELIV', attempt: 0 })).toBe(again);
    const open = claimedAgain(submitted);
    expect(receive(open, { state: 'UNDELIV', attempt: 0 }).status).toBe('claimed');
    expect(receive(open, { state: 'DELIVRD', attempt: 0 }).status).toBe('delivered');
  });

  it('a receipt for a try that was refused does not end the next one', () => {
    const refused = answer(claimed(), 'claim-1', ['throttled', 'throttled']);
    expect(receive(refused, { state: 'UNDELIV', code: '27', part: 1, of: 2 })).toMatchObject({
      status: 'retrying',
      failure: refused.failure,
    });
  });

  it('a receipt that says the opposite later is not believed', () => {
    const delivered = receive(submitted, { state: 'DELIVRD' });
    expect(receive(delivered, { state: 'UNDELIV' })).toBe(delivered);
    const failing = receive(submitted, { state: 'UNDELIV', code: '27' });
    expect(receive(failing, { state: 'DELIVRD' })).toBe(failing);
  });
});

fc.configureGlobal({ numRuns: 1000 });

const random = fc.double({ min: 0, max: 0.999, noNaN: true });
const answerName = fc.constantFrom(...(Object.keys(answers) as AnswerName[]));
const receiptState = fc.constantFrom<ReceiptState>('ENROUTE', 'ACCEPTD', 'UNKNOWN', ...finalReceiptStates);
const receiptCode = fc.option(fc.constantFrom('0', '1', '1/2', '27', '34', '0x58', '4711'), { nil: undefined });
type Event =
  | { readonly type: 'answer'; readonly claim: number; readonly names: readonly AnswerName[]; readonly random: number }
  | { readonly type: 'receipt'; readonly receipt: Receipt; readonly random: number }
  | { readonly type: 'claim'; readonly carrier: string };

/** Answers and receipts for any attempt in any order, doubled and lost, and new claims of what may be claimed. */
const story = fc.integer({ min: 1, max: 3 }).chain((parts) => {
  const claim = fc.integer({ min: 1, max: 4 });
  const event: fc.Arbitrary<Event> = fc.oneof(
    fc.record({
      type: fc.constant('answer' as const),
      claim,
      names: fc.array(answerName, { minLength: parts, maxLength: parts }),
      random,
    }),
    fc.record({
      type: fc.constant('receipt' as const),
      receipt: fc
        .record({ state: receiptState, part: fc.nat(parts - 1), claim, code: receiptCode })
        .map(({ claim: of, code, ...rest }) => ({ ...rest, of: parts, attempt: of - 1, ...(code && { code }) })),
      random,
    }),
    fc.record({ type: fc.constant('claim' as const), carrier: fc.constantFrom('alpha', 'beta') }),
  );
  return fc.array(event, { minLength: 1, maxLength: 25 });
});

function happen(text: MessageProgress, event: Event): MessageProgress {
  switch (event.type) {
    case 'answer':
      return answer(text, `claim-${event.claim}`, event.names, event.random);
    case 'receipt':
      return receive(text, event.receipt, event.random);
    case 'claim':
      return text.status === 'queued' || text.status === 'retrying' ? claimedAgain(text, event.carrier) : text;
  }
}

function tell(events: readonly Event[], check: (before: MessageProgress, after: MessageProgress, by: Event) => void) {
  let text = claimed();
  for (const event of events) {
    const after = happen(text, event);
    check(text, after, event);
    text = after;
  }
}

/** Whoever has this part may deliver it yet, or has. */
function mayArrive({ outcome, state }: PartProgress): boolean {
  const certainlyNot = state !== undefined && finalReceiptStates.includes(state) && state !== 'DELIVRD';
  return (outcome === 'accepted' || outcome === 'ambiguous') && !certainlyNot;
}

describe('a text, whatever answers and receipts come in whatever order', () => {
  it('ends once: a final state, its time and its reason stay', () => {
    fc.assert(
      fc.property(story, (events) => {
        tell(events, (before, after) => {
          if (!isFinal(before.status)) return;
          const { status, finalAt, failure } = after;
          expect({ status, finalAt, failure }).toEqual({
            status: before.status,
            finalAt: before.finalAt,
            failure: before.failure,
          });
        });
      }),
    );
  });

  it('has an end time and no other try exactly when it has ended', () => {
    fc.assert(
      fc.property(story, (events) => {
        tell(events, (_before, after) => {
          expect(after.finalAt !== undefined).toBe(isFinal(after.status));
          if (isFinal(after.status)) expect(after.retryAt).toBeUndefined();
          if (after.status === 'retrying') expect(after.retryAt).toBeDefined();
        });
      }),
    );
  });

  it('never goes back from what the carrier has', () => {
    fc.assert(
      fc.property(story, (events) => {
        tell(events, (before, after, by) => {
          if (before.status === 'submitted') expect(['claimed', 'queued']).not.toContain(after.status);
          if (by.type !== 'claim' && before.status !== 'claimed') expect(after.status).not.toBe('claimed');
        });
      }),
    );
  });

  it('is queued or tried again only when no part of its last submission may arrive (invariant 5)', () => {
    fc.assert(
      fc.property(story, (events) => {
        tell(events, (before, after, by) => {
          if (by.type === 'claim' || after.status === before.status) return;
          if (after.status !== 'queued' && after.status !== 'retrying') return;
          const last = after.attempts.at(-1);
          expect(last?.parts?.length).toBeGreaterThan(0);
          expect(last?.parts?.filter(mayArrive)).toEqual([]);
        });
      }),
    );
  });

  it('is delivered exactly when all parts of one submission are', () => {
    fc.assert(
      fc.property(story, (events) => {
        tell(events, (before, after) => {
          const arrived = after.attempts.some(({ parts }) => parts?.every((part) => part.state === 'DELIVRD'));
          if (!isFinal(before.status)) expect(after.status === 'delivered').toBe(arrived);
        });
      }),
    );
  });

  it('keeps the last word of every part’s receipts', () => {
    fc.assert(
      fc.property(story, (events) => {
        tell(events, (before, after) => {
          before.attempts.forEach((earlier, index) => {
            earlier.parts?.forEach((part, at) => {
              if (!part.state || !finalReceiptStates.includes(part.state)) return;
              expect(after.attempts[index]?.parts?.[at]?.state).toBe(part.state);
            });
          });
        });
      }),
    );
  });

  it('takes everything twice for once', () => {
    fc.assert(
      fc.property(story, (events) => {
        tell(events, (_before, after, by) => {
          if (by.type !== 'claim') expect(happen(after, by)).toBe(after);
        });
      }),
    );
  });

  it('ends the same whether the answer comes before, between or after the receipts', () => {
    const ends = fc.array(fc.constantFrom<ReceiptState>('DELIVRD', 'UNDELIV'), { minLength: 1, maxLength: 3 });
    const ordered = ends.chain((states) => {
      const events: Event[] = [
        { type: 'answer', claim: 1, names: states.map(() => 'accepted'), random: 0.5 },
        ...states.flatMap((state, part): Event[] =>
          (['ENROUTE', state] as const).map((each) => ({
            type: 'receipt',
            receipt: { state: each, part, of: states.length },
            random: 0.5,
          })),
        ),
      ];
      const shuffled = fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 });
      return fc.tuple(fc.constant(events), shuffled);
    });
    fc.assert(
      fc.property(ordered, ([inOrder, shuffled]) => {
        const end = (events: readonly Event[]) => events.reduce(happen, claimed()).status;
        expect(end(shuffled)).toBe(end(inOrder));
      }),
    );
  });
});
