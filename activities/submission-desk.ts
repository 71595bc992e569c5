import type { Carrier } from '../carriers/carrier.ts';

/** As many submissions of a carrier as its task queue gives one worker at a time; what is urgent has a queue and places of its own. */
export const submissionsAtATime = 4;

/**
 * The submissions that this process has in hand. While it has few of a carrier's whose sessions it holds, that carrier's task queue would give it
 * the next one at once: nobody waits there whom a text could pass that is submitted without the queue.
 */
export class SubmissionDesk {
  readonly #carriers: ReadonlyMap<string, Pick<Carrier, 'isConnected'>>;
  readonly #inHand = new Map<string, number>();

  constructor(carriers: ReadonlyMap<string, Pick<Carrier, 'isConnected'>>) {
    this.#carriers = carriers;
  }

  /** Whether this process, which holds sessions or slots of the carrier then (invariant 8), may submit texts without its task queue. */
  isFree(carrier: string): boolean {
    const isConnected = this.#carriers.get(carrier)?.isConnected() ?? false;
    return isConnected && (this.#inHand.get(carrier) ?? 0) < submissionsAtATime;
  }

  /** Counts a submission. @returns what is to be called when it has ended */
  take(carrier: string): () => void {
    this.#inHand.set(carrier, (this.#inHand.get(carrier) ?? 0) + 1);
    return () => this.#inHand.set(carrier, (this.#inHand.get(carrier) ?? 1) - 1);
  }

  /** Counts a submission while it runs. */
  async during<T>(carrier: string, submission: () => Promise<T>): Promise<T> {
    const leave = this.take(carrier);
    try {
      return await submission();
    } finally {
      leave();
    }
  }
}
