import type { Logger } from '../adapter.ts';
import type { CarrierEvent, EventSink } from '../carrier.ts';

/** Events handed over in one call at most. */
const groupSize = 500;

interface Arrival {
  readonly event: CarrierEvent;
  /** Called once, when the event is stored or certainly isn't. */
  answer(stored: boolean): void;
}

/**
 * Hands what arrives to the sink, and answers the carrier afterwards (invariant 3). What arrives while the sink works goes to it
 * together, next: so that the store syncs once for many receipts.
 */
export class Deliveries {
  readonly #carrier: string;
  readonly #sink: EventSink;
  readonly #logger: Logger;
  #waiting: Arrival[] = [];
  #work: Promise<void> | undefined;

  constructor(carrier: string, sink: EventSink, logger: Logger) {
    this.#carrier = carrier;
    this.#sink = sink;
    this.#logger = logger;
  }

  add(arrival: Arrival): void {
    this.#waiting.push(arrival);
    this.#work ??= this.#drain();
  }

  /** Resolves when nothing waits and the sink is idle. */
  async idle(): Promise<void> {
    await this.#work;
  }

  async #drain(): Promise<void> {
    // PDUs that came in the same packet are read in this tick and belong together.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, groupSize);
      const stored = await this.#store(group.map((arrival) => arrival.event));
      for (const arrival of group) arrival.answer(stored);
    }
    this.#work = undefined;
  }

  async #store(events: readonly CarrierEvent[]): Promise<boolean> {
    try {
      await this.#sink(events);
      return true;
    } catch (error) {
      this.#logger.error(
        { carrier: this.#carrier, events: events.length, error: error instanceof Error ? error.name : typeof error },
        'What a carrier delivered could not be stored; it is asked to send it again',
      );
      return false;
    }
  }
}
