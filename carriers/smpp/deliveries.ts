import type { Logger } from '../adapter.ts';
import type { CarrierEvent, EventSink } from '../carrier.ts';

/** Events handed over in one call at most. */
const groupSize = 500;
/** So many may wait to be handed over; a carrier that does not wait for our answers has to send the rest again. */
const mostWaiting = 10_000;
/** Receipts may wait for the answers that they have overtaken, which others need not. What else arrives keeps its order. */
const callsAtATime = { receipts: 4, others: 1 } as const;

interface Arrival {
  readonly event: CarrierEvent;
  /**
   * Called once, when the event is stored or it must come again.
   * @param knownAs the id under which another process had stored it before
   */
  answer(stored: boolean, knownAs?: string): void;
}

/**
 * Hands what arrives to the sink, and answers the carrier afterwards (invariant 3). What arrives while the sink works goes to it
 * together, next: so that the store syncs once for many receipts.
 */
export class Deliveries {
  readonly #carrier: string;
  readonly #sink: EventSink;
  readonly #logger: Logger;
  readonly #lanes = { receipts: new Lane(callsAtATime.receipts), others: new Lane(callsAtATime.others) };
  #settled: string[] = [];
  #noting: Promise<void> | undefined;

  constructor(carrier: string, sink: EventSink, logger: Logger) {
    this.#carrier = carrier;
    this.#sink = sink;
    this.#logger = logger;
  }

  add(arrival: Arrival): void {
    const lane = arrival.event.type === 'receipt' ? this.#lanes.receipts : this.#lanes.others;
    if (lane.waiting.length >= mostWaiting) {
      arrival.answer(false);
      return;
    }
    lane.waiting.push(arrival);
    if (lane.calls.size >= lane.callsAtATime) return;
    const call = this.#drain(lane).finally(() => lane.calls.delete(call));
    lane.calls.add(call);
  }

  /** Tells the sink what the carrier knows that we have; together, and behind. */
  settled(eventIds: readonly string[]): void {
    if (eventIds.length === 0) return;
    this.#settled.push(...eventIds);
    this.#noting ??= this.#note();
  }

  /** Resolves when nothing waits and the sink is idle. */
  async idle(): Promise<void> {
    await Promise.all([...this.#lanes.receipts.calls, ...this.#lanes.others.calls]);
    await this.#noting;
  }

  async #note(): Promise<void> {
    await new Promise(setImmediate);
    while (this.#settled.length > 0) {
      try {
        await this.#sink.settled(this.#settled.splice(0));
      } catch (error) {
        // For a few minutes an equal text on another process's session counts as a repetition: no reason to trouble anybody.
        this.#logger.warn(
          { carrier: this.#carrier, error: error instanceof Error ? error.name : typeof error },
          'It could not be noted that a carrier knows what we have of it',
        );
      }
    }
    this.#noting = undefined;
  }

  async #drain({ waiting }: Lane): Promise<void> {
    // PDUs that came in the same packet are read in this tick and belong together.
    await new Promise(setImmediate);
    while (waiting.length > 0) {
      const group = waiting.splice(0, groupSize);
      const known = await this.#store(group.map((arrival) => arrival.event));
      for (const { event, answer } of group) answer(known !== undefined, known?.get(event.eventId));
    }
  }

  /** @returns what was known before, by the ids that it came with; undefined when the carrier has to send all again */
  async #store(events: readonly CarrierEvent[]): Promise<ReadonlyMap<string, string> | undefined> {
    try {
      return await this.#sink.receive(events);
    } catch (error) {
      this.#logger.error(
        { carrier: this.#carrier, events: events.length, error: error instanceof Error ? error.name : typeof error },
        'What a carrier delivered could not be stored; it is asked to send it again',
      );
      return undefined;
    }
  }
}

/** What arrived and has not been handed over, and the calls of the sink that are under way for it. */
class Lane {
  readonly waiting: Arrival[] = [];
  readonly calls = new Set<Promise<void>>();
  readonly callsAtATime: number;

  constructor(callsAtATime: number) {
    this.callsAtATime = callsAtATime;
  }
}
