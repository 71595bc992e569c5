import type { PDU } from 'smpp';

/** Questions on one session that are not answered yet, each with its own time limit: the library has none. */
export class OpenQueries {
  readonly #timeoutMs: number;
  readonly #open = new Map<number, { settle(answer: PDU | undefined): void; readonly timer: NodeJS.Timeout }>();

  /** @param timeoutMs a question that is not answered by then has no answer */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Waits for the answer to what was just written under this sequence number. The promise never rejects. */
  opened(sequence: number): Promise<PDU | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(sequence, undefined), this.#timeoutMs);
      this.#open.set(sequence, { settle: resolve, timer });
    });
  }

  /** @returns false when nothing was asked under this number */
  answered(pdu: PDU): boolean {
    return this.#settle(pdu.sequence_number, pdu);
  }

  /** The connection is gone. */
  abandon(): void {
    for (const sequence of [...this.#open.keys()]) this.#settle(sequence, undefined);
  }

  #settle(sequence: number, answer: PDU | undefined): boolean {
    const open = this.#open.get(sequence);
    if (!open) return false;
    this.#open.delete(sequence);
    clearTimeout(open.timer);
    open.settle(answer);
    return true;
  }
}
