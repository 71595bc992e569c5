/**
 * A token bucket counted in segments. Unlike those on npm it takes back what was not spent and goes into debt for a text that is
 * larger than its burst. The burst is a tenth of a second's worth, because carriers count over any second: a bucket that holds a
 * whole second's worth lets twice the rate through after a pause.
 */
export class Pace {
  /** Most tokens that gather while nothing is sent. */
  readonly burst: number;
  readonly #perMs: number;
  #tokens: number;
  #at: number;
  readonly #now: () => number;

  /**
   * @param segmentsPerSecond the carrier's limit
   * @param now milliseconds on a clock that never goes back
   */
  constructor(segmentsPerSecond: number, now: () => number = () => performance.now()) {
    this.burst = Math.max(1, segmentsPerSecond / 10);
    this.#perMs = segmentsPerSecond / 1000;
    this.#tokens = this.burst;
    this.#now = now;
    this.#at = now();
  }

  /** Whole tokens that may be taken now. */
  available(): number {
    this.#refill();
    return Math.max(0, Math.floor(this.#tokens));
  }

  /** Takes tokens, into debt if there are fewer. */
  take(tokens: number): void {
    this.#refill();
    this.#tokens -= tokens;
  }

  giveBack(tokens: number): void {
    this.#refill();
    this.#tokens = Math.min(this.burst, this.#tokens + tokens);
  }

  /** No tokens for so long: the carrier said that it is too much. */
  pause(ms: number): void {
    this.#refill();
    this.#tokens = Math.min(this.#tokens, -ms * this.#perMs);
  }

  /** Milliseconds until so many tokens (at most the burst) are there. */
  msUntil(tokens: number): number {
    this.#refill();
    return Math.max(0, (Math.min(tokens, this.burst) - this.#tokens) / this.#perMs);
  }

  #refill(): void {
    const now = this.#now();
    this.#tokens = Math.min(this.burst, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}
