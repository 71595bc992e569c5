/** Carriers count over any second. */
const secondMs = 1000;

/** Segments that were written, and when; at most one entry for each millisecond. */
interface Written {
  readonly at: number;
  tokens: number;
}

/**
 * A limit of segments per second that holds over *any* second, not only in the mean. A token bucket whose burst is a tenth of a second's
 * worth keeps what is written even; beside it stands what was written within the last second, and what is taken and not written yet, which
 * together never exceed the limit. Those on npm do one or the other, take nothing back, and don't go into debt for a text that is
 * larger than their burst.
 *
 * A rate below one per second lets one segment through in each `1 / rate` seconds.
 */
export class Pace {
  #rate = 0;
  #perMs = 0;
  #burst = 1;
  #limit = 1;
  #windowMs = secondMs;
  #tokens = 0;
  #at: number;
  #taken = 0;
  #sum = 0;
  #written: Written[] = [];
  readonly #now: () => number;

  /**
   * @param segmentsPerSecond the limit; 0: nothing may be written
   * @param now milliseconds on a clock that never goes back
   */
  constructor(segmentsPerSecond: number, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#at = now();
    this.setRate(segmentsPerSecond);
    this.#tokens = this.#burst;
  }

  /** Most tokens that gather while nothing is sent. */
  get burst(): number {
    return this.#burst;
  }

  /** Segments per second. */
  get rate(): number {
    return this.#rate;
  }

  /** The limit is another one from now on. What grew begins without a burst: whoever had it before may just have spent one. */
  setRate(segmentsPerSecond: number): void {
    this.#refill();
    this.#rate = segmentsPerSecond;
    this.#perMs = segmentsPerSecond / secondMs;
    this.#burst = segmentsPerSecond === 0 ? 0 : Math.max(1, segmentsPerSecond / 10);
    this.#limit = segmentsPerSecond === 0 ? 0 : Math.max(1, segmentsPerSecond);
    this.#windowMs = segmentsPerSecond === 0 ? secondMs : Math.max(secondMs, secondMs / segmentsPerSecond);
    this.#tokens = Math.min(this.#tokens, this.#burst);
  }

  /** Whole tokens that may be taken now. */
  available(): number {
    this.#refill();
    // Sums of fractions may be a hair too small.
    const whole = (tokens: number) => Math.floor(tokens + 1e-9);
    return Math.max(0, Math.min(whole(this.#tokens), whole(this.#limit - this.#sum - this.#taken)));
  }

  /** Takes tokens, into debt if there are fewer. They count until they are given back, or for a second after they were spent. */
  take(tokens: number): void {
    this.#refill();
    this.#tokens -= tokens;
    this.#taken += tokens;
  }

  /** What was taken is being written. */
  spend(tokens: number): void {
    this.#refill();
    this.#taken -= tokens;
    this.#sum += tokens;
    const last = this.#written.at(-1);
    if (last && last.at === this.#at) last.tokens += tokens;
    else this.#written.push({ at: this.#at, tokens });
  }

  giveBack(tokens: number): void {
    this.#refill();
    this.#taken -= tokens;
    this.#tokens = Math.min(this.#burst, this.#tokens + tokens);
  }

  /** No tokens for so long: the carrier said that it is too much. */
  pause(ms: number): void {
    this.#refill();
    this.#tokens = Math.min(this.#tokens, -ms * this.#perMs);
  }

  /** Whether a text of so many segments may be written; one that is larger than the burst, or than the limit, on credit. */
  isReadyFor(segments: number): boolean {
    return this.msUntil(segments) === 0;
  }

  /** Milliseconds until a text of so many segments may be written, if nothing that is taken is spent before. */
  msUntil(segments: number): number {
    this.#refill();
    if (this.#perMs === 0) return Number.POSITIVE_INFINITY;
    const missing = Math.min(segments, Math.max(1, Math.floor(this.#burst))) - this.#tokens;
    const byBucket = missing <= 1e-9 ? 0 : missing / this.#perMs;
    return Math.max(byBucket, this.#msUntilInWindow(segments));
  }

  #msUntilInWindow(segments: number): number {
    let excess = this.#sum + this.#taken + Math.min(segments, Math.floor(this.#limit)) - this.#limit;
    if (excess <= 1e-9) return 0;
    for (const { at, tokens } of this.#written) {
      excess -= tokens;
      if (excess <= 1e-9) return Math.max(0, at + this.#windowMs - this.#at);
    }
    // What is taken stands in the way: it is spent or given back soon.
    return this.#windowMs;
  }

  #refill(): void {
    const now = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
    let over = 0;
    for (const { at, tokens } of this.#written) {
      if (now - at < this.#windowMs) break;
      this.#sum -= tokens;
      over++;
    }
    if (over > 0) this.#written.splice(0, over);
    if (this.#written.length === 0) this.#sum = 0;
  }
}
