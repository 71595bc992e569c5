/** A carrier's limit: so many segments per second, with one second's worth at a burst. */
export class RateLimit {
  #tokens = 0;
  #filledAt = 0;

  /** @param perSecond null for no limit. @returns whether `segments` more are within it */
  take(perSecond: number | null, segments = 1): boolean {
    if (perSecond === null) return true;
    const now = Date.now();
    this.#tokens = Math.min(perSecond, this.#tokens + ((now - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = now;
    if (this.#tokens < segments) return false;
    this.#tokens -= segments;
    return true;
  }
}
