import type { PartAnswer } from '../carrier.ts';

/** What is written to one session and not answered yet, each with its own time limit: the library has neither. */
export class SubmissionWindow {
  readonly #timeoutMs: number;
  readonly #onFreed: () => void;
  readonly #open = new Map<number, { settle(answer: PartAnswer): void; readonly timer: NodeJS.Timeout }>();

  /**
   * @param timeoutMs without an answer for so long, the carrier may or may not have it
   * @param onFreed called after a slot became free
   */
  constructor(timeoutMs: number, onFreed: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onFreed = onFreed;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Remembers what was just written under this sequence number. The promise never rejects. */
  opened(sequence: number): Promise<PartAnswer> {
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => this.answered(sequence, { outcome: 'ambiguous', reason: `no answer within ${this.#timeoutMs} ms` }),
        this.#timeoutMs,
      );
      this.#open.set(sequence, { settle: resolve, timer });
    });
  }

  /** @returns false when nothing was open under this number: the answer came too late, or twice. */
  answered(sequence: number, answer: PartAnswer): boolean {
    const open = this.#open.get(sequence);
    if (!open) return false;
    this.#open.delete(sequence);
    clearTimeout(open.timer);
    open.settle(answer);
    this.#onFreed();
    return true;
  }

  /** The connection is gone: the carrier may have everything that is open. */
  abandon(reason: string): void {
    for (const sequence of [...this.#open.keys()]) this.answered(sequence, { outcome: 'ambiguous', reason });
  }
}
