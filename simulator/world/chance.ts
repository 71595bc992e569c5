/** A closed interval of milliseconds: `[from, to]`. */
export type Span = readonly [number, number];

/**
 * Decisions by lot that come out the same for the same seed and the same identity, whatever happened in between and in
 * whichever order: a decision is a hash of (seed, what is decided, identity of the text), never the next number of a stream.
 */
export class Chance {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** A number in [0, 1) for one decision about one thing. */
  number(decision: string, identity: string): number {
    return hash53(`${decision}\u0000${identity}`, this.#seed) / 2 ** 53;
  }

  /** Whether something that happens in `rate` of all cases (0–1) happens here. */
  happens(rate: number, decision: string, identity: string): boolean {
    return rate > 0 && (rate >= 1 || this.number(decision, identity) < rate);
  }

  /** A whole number of milliseconds within the span. */
  within(span: Span, decision: string, identity: string): number {
    const [from, to] = span;
    return to <= from ? from : from + Math.floor(this.number(decision, identity) * (to - from + 1));
  }

  /** One of the values. @throws RangeError when there are none. */
  pick<T>(values: readonly T[], decision: string, identity: string): T {
    const value = values[Math.floor(this.number(decision, identity) * values.length)];
    if (value === undefined) throw new RangeError(`nothing to choose from for the decision ${decision}`);
    return value;
  }
}

/** A 53-bit hash of a string (two multiplicative 32-bit lanes, mixed as in MurmurHash3): spreads well, is no secret. */
export function hash53(value: string, seed = 0): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
