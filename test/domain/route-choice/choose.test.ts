import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MessageKind, messageKinds } from '../../../domain/message.ts';
import { chooseRoute } from '../../../domain/route-choice/choose.ts';
import type { Candidate } from '../../../domain/route-choice/decision.ts';
import { lotOf } from '../../../domain/route-choice/lot.ts';
import { routingParameters } from '../../../domain/route-choice/parameters.ts';

const candidate = (carrier: string, delivery: number, price?: number, excluded?: Candidate['excluded']): Candidate => ({
  carrier,
  delivery,
  weight: 100,
  ...(price !== undefined && { price }),
  ...(excluded && { excluded }),
});
const ask = (
  kind: MessageKind,
  candidates: readonly Candidate[],
  rest: { conversation?: string; lot?: number } = {},
) => {
  const { carrier, reason } = chooseRoute({ kind, candidates, lot: 0.5, ...rest }, routingParameters);
  return `${carrier}: ${reason}`;
};

const good = candidate('good', 0.98, 9000);
const fair = candidate('fair', 0.95, 6000);
const poor = candidate('poor', 0.9, 3000);
const all = [good, fair, poor];

describe('the choice of a route', () => {
  it.each<[MessageKind, readonly Candidate[], string]>([
    ['otp', all, 'good: cheapest-good-enough'],
    ['transactional', all, 'fair: cheapest-good-enough'],
    ['conversational', all, 'fair: cheapest-good-enough'],
    ['marketing', all, 'poor: cheapest-good-enough'],
    ['otp', [poor], 'poor: only-route'],
    // Exactly within the tolerance is within it.
    ['otp', [candidate('a', 1, 9), candidate('b', 0.98, 8)], 'b: cheapest-good-enough'],
    ['otp', [candidate('a', 1, 9), candidate('b', 0.9799, 8)], 'a: cheapest-good-enough'],
    // Among equals the preferred one, which stands first; without a price one is dearer than any.
    ['otp', [candidate('own', 0.9), candidate('other', 0.9)], 'own: cheapest-good-enough'],
    ['otp', [candidate('own', 0.9), candidate('other', 0.9, 100)], 'other: cheapest-good-enough'],
  ])('%s among %j', (kind, candidates, expected) => {
    expect(ask(kind, candidates)).toBe(expected);
  });

  it('leaves out what is excluded, also for what it would have set the measure for', () => {
    const broken = candidate('broken', 0.99, 1, 'breaker-open');
    expect(ask('transactional', [broken, fair, poor])).toBe('fair: cheapest-good-enough');
    expect(ask('transactional', [candidate('tried', 0.99, 1, 'failed-before'), poor])).toBe(
      'poor: cheapest-good-enough',
    );
  });

  it('takes an excluded one rather than none: first what the text has failed on, then a broken one, last one that is used up', () => {
    const tried = candidate('tried', 0.9, 1, 'failed-before');
    const broken = candidate('broken', 0.99, 1, 'breaker-open');
    expect(ask('otp', [broken, tried])).toBe('tried: last-resort');
    expect(ask('otp', [broken, candidate('also', 0.5, 1, 'breaker-open')])).toBe('broken: last-resort');
    expect(ask('marketing', [broken, tried], { lot: 0 })).toBe('tried: last-resort');
    const tomorrow = candidate('tomorrow', 1, 1, 'daily-limit-reached');
    expect(ask('otp', [tomorrow, broken])).toBe('broken: last-resort');
    expect(ask('otp', [tomorrow, poor])).toBe('poor: cheapest-good-enough');
  });

  it('stays with a conversation while its route is good enough', () => {
    expect(ask('conversational', all, { conversation: 'good' })).toBe('good: conversation');
    expect(ask('conversational', all, { conversation: 'poor' })).toBe('fair: cheapest-good-enough');
    expect(ask('conversational', all, { conversation: 'gone' })).toBe('fair: cheapest-good-enough');
    expect(ask('conversational', all, { conversation: 'good', lot: 0 })).toBe('good: conversation');
  });

  it('tries the others by lot, each alike, two in a hundred; one-time passwords never', () => {
    const count = new Map<string, number>();
    for (let i = 0; i < 100_000; i++) {
      const chosen = ask('transactional', all, { lot: lotOf(`msg_${i}`, 0) });
      count.set(chosen, (count.get(chosen) ?? 0) + 1);
    }
    const explored = (count.get('good: explored') ?? 0) + (count.get('poor: explored') ?? 0);
    expect(explored / 100_000).toBeCloseTo(0.02, 2);
    expect((count.get('good: explored') ?? 0) / explored).toBeCloseTo(0.5, 1);
    expect([...count.keys()].filter((each) => each.startsWith('fair'))).toEqual(['fair: cheapest-good-enough']);
    expect(ask('otp', all, { lot: 0 })).toBe('good: cheapest-good-enough');
  });

  it('is, whatever the candidates, one of them; never worse than the tolerance and never dearer than the best but by lot', () => {
    const candidates = fc.uniqueArray(
      fc.record({
        carrier: fc.constantFrom('a', 'b', 'c', 'd'),
        delivery: fc.double({ min: 0, max: 1, noNaN: true }),
        weight: fc.nat(),
        price: fc.option(fc.nat(100_000), { nil: undefined }),
        excluded: fc.option(
          fc.constantFrom('breaker-open' as const, 'failed-before' as const, 'daily-limit-reached' as const),
          { nil: undefined },
        ),
      }),
      { minLength: 1, selector: ({ carrier }) => carrier },
    ) as fc.Arbitrary<Candidate[]>;
    const lot = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...messageKinds), candidates, lot, (kind, given, drawn) => {
        const { carrier, reason } = chooseRoute({ kind, candidates: given, lot: drawn }, routingParameters);
        const chosen = given.find((each) => each.carrier === carrier) as Candidate;
        const free = given.filter(({ excluded }) => !excluded);
        if (free.length > 0 && given.length > 1) expect(chosen.excluded).toBeUndefined();
        if (reason !== 'cheapest-good-enough') return;
        const best = free.reduce((most, each) => (each.delivery > most.delivery ? each : most));
        expect(chosen.delivery).toBeGreaterThanOrEqual(best.delivery * (1 - routingParameters.tolerance[kind]) - 1e-6);
        const priceOf = (each: Candidate) => each.price ?? Number.POSITIVE_INFINITY;
        expect(priceOf(chosen)).toBeLessThanOrEqual(priceOf(best));
      }),
    );
  });
});

describe('a lot', () => {
  it('is the same for the same text and try, and even over all of them', () => {
    expect(lotOf('msg_1', 0)).toBe(lotOf('msg_1', 0));
    expect(lotOf('msg_1', 0)).not.toBe(lotOf('msg_1', 1));
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 20_000; i++) {
      const tenth = Math.floor(lotOf(`msg_${i}`, 0) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const share of tenths) expect(Math.abs(share - 2000)).toBeLessThan(200);
  });
});
