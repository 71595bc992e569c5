import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arrival, copyAmong, copyWindowMs } from '../../domain/inbound-copies.ts';

const start = Date.parse('2026-06-01T12:00:00Z');

/** `A1 B1` means: the first arrival is A's first, the second B's first. */
const list = (names: string, stepMs = 1000): Arrival[] =>
  names
    .split(' ')
    .filter(Boolean)
    .map((textId, i) => ({ textId, carrier: textId.charAt(0), at: new Date(start + i * stepMs) }));
const verdicts = (arrivals: Arrival[]) => arrivals.map(({ textId }) => copyAmong(arrivals, textId) ?? 'new');

describe('copyAmong', () => {
  it.each([
    ['A1', 'new'],
    ['A1 B1', 'new A1'],
    ['B1 A1', 'new B1'],
    ['A1 A2', 'new new'],
    ['A1 A2 B1 B2', 'new new A1 A2'],
    ['A1 B1 A2 B2', 'new A1 new A2'],
    ['A1 B1 B2 A2', 'new A1 new B2'],
    ['A1 A2 B1', 'new new A1'],
    ['A1 B1 C1', 'new A1 A1'],
    ['A1 B1 C1 C2 B2', 'new A1 A1 new C2'],
  ])('%s: %s', (arrivals, expected) => {
    expect(verdicts(list(arrivals)).join(' ')).toBe(expected);
  });

  it('takes nothing for a copy after the window, however many were equal in between', () => {
    const [first, late] = list('A1 B1', copyWindowMs + 1) as [Arrival, Arrival];
    expect(copyAmong([first, late], 'B1')).toBeUndefined();
    const edge = { ...late, at: new Date(start + copyWindowMs) };
    expect(copyAmong([first, edge], 'B1')).toBe('A1');
    expect(verdicts(list('A1 B1 A2 B2', copyWindowMs - 1000))).toEqual(['new', 'A1', 'new', 'A2']);
  });

  it('counts an arrival once that was entered twice', () => {
    expect(copyAmong(list('A1 A1 B1 B2'), 'B2')).toBeUndefined();
  });

  it('refuses to judge what was not entered', () => {
    expect(() => copyAmong(list('A1'), 'B1')).toThrow(RangeError);
  });

  /** Any interleaving: each carrier delivers its texts in order. */
  const interleaving = (a: number, b: number) =>
    fc
      .shuffledSubarray([...Array(a).fill('A'), ...Array(b).fill('B')], { minLength: a + b, maxLength: a + b })
      .map((carriers) => {
        const count = new Map<string, number>();
        return carriers.map((carrier, i): Arrival => {
          const k = (count.get(carrier) ?? 0) + 1;
          count.set(carrier, k);
          return { carrier, textId: `${carrier}${k}`, at: new Date(start + i * 1000) };
        });
      });
  const anyCounts = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }));
  const newOnes = (arrivals: Arrival[]) => verdicts(arrivals).filter((verdict) => verdict === 'new').length;

  it('forwards exactly the texts that were sent when each carrier delivered all, and any that one delivered', () => {
    fc.assert(
      fc.property(
        anyCounts.chain(([a, b]) => fc.tuple(fc.constant(Math.max(a, b)), interleaving(a, b))),
        ([sent, arrivals]) => {
          expect(newOnes(arrivals)).toBe(sent);
        },
      ),
    );
  });

  it('never forwards more than were sent, nor fewer than the busiest carrier delivered', () => {
    const deliveries = fc.array(fc.constantFrom('A', 'B', 'AB'), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        deliveries.chain((by) => {
          const a = by.filter((who) => who.includes('A')).length;
          const b = by.filter((who) => who.includes('B')).length;
          return fc.tuple(fc.constant({ sent: by.length, busiest: Math.max(a, b) }), interleaving(a, b));
        }),
        ([{ sent, busiest }, arrivals]) => {
          expect(newOnes(arrivals)).toBeLessThanOrEqual(sent);
          expect(newOnes(arrivals)).toBeGreaterThanOrEqual(busiest);
        },
      ),
    );
  });

  it('never takes a text for a copy of its own carrier, nor two of one carrier for the same', () => {
    fc.assert(
      fc.property(
        anyCounts.chain(([a, b]) => interleaving(a, b)),
        (arrivals) => {
          const copies = verdicts(arrivals).map((verdict, i) => ({ verdict, carrier: arrivals[i]?.carrier }));
          for (const { verdict, carrier } of copies) {
            if (verdict !== 'new') expect(verdict.charAt(0)).not.toBe(carrier);
          }
          const pairs = copies
            .filter(({ verdict }) => verdict !== 'new')
            .map((copy) => `${copy.carrier}${copy.verdict}`);
          expect(new Set(pairs).size).toBe(pairs.length);
        },
      ),
    );
  });

  it('never changes its mind about a text when more arrive', () => {
    fc.assert(
      fc.property(
        anyCounts.filter(([a, b]) => a + b > 0).chain(([a, b]) => fc.tuple(interleaving(a, b), fc.nat(a + b - 1))),
        ([arrivals, index]) => {
          const { textId } = arrivals[index] as Arrival;
          expect(copyAmong(arrivals.slice(0, index + 1), textId)).toBe(copyAmong(arrivals, textId));
        },
      ),
    );
  });
});
