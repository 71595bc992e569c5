import type { Lane } from '../room.ts';

const firstPauseMs = 500;
const longestPauseMs = 30_000;

/** The requests to the carrier as one window. After a failed connection it closes for a while, longer each time. */
export class RequestLane implements Lane {
  /** Segments in unanswered requests that this process may have now. */
  capacity: number;
  readonly #changed: () => void;
  #unanswered = 0;
  #failures = 0;
  #pause: NodeJS.Timeout | undefined;

  constructor(capacity: number, changed: () => void) {
    this.capacity = capacity;
    this.#changed = changed;
  }

  get unanswered(): number {
    return this.#unanswered;
  }

  get isOpen(): boolean {
    return this.#pause === undefined && this.capacity > 0;
  }

  started(segments: number): void {
    this.#unanswered += segments;
  }

  answered(segments: number): void {
    this.#unanswered -= segments;
    this.#failures = 0;
    this.#changed();
  }

  /** No connection was made for these segments. */
  unreachable(segments: number): void {
    this.#unanswered -= segments;
    if (this.#pause) return;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(this.#failures, 10));
    this.#failures++;
    this.#pause = setTimeout(
      () => {
        this.#pause = undefined;
        this.#changed();
      },
      pauseMs / 2 + (Math.random() * pauseMs) / 2,
    );
  }

  close(): void {
    clearTimeout(this.#pause);
  }
}
