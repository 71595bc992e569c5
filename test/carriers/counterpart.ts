import type { Logger } from '../../carriers/adapter.ts';
import type { Carrier, EventSink, ReceiptEvent } from '../../carriers/carrier.ts';

/** What a counterpart does with the texts that it reads from now on. */
export type Behaviour = 'accept' | 'reject' | 'throttle' | 'silence' | 'hold-answers';

/** A text as the carrier's side read it: its parts joined. */
export interface ReadText {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Ids that the carrier's side answered with, in the form that our side should know them by. */
  readonly ids: readonly string[];
}

/** The other end of the wire, as a test plays it. Every adapter's contract is run against one. */
export interface Counterpart {
  /** The code that `reject` is answered with. */
  readonly rejection: string;
  /** True where parts of one text are answered one by one. */
  readonly answersPerPart: boolean;
  /** A carrier that is configured to talk to this counterpart. */
  createCarrier(logger: Logger, overrides?: Record<string, unknown>): Carrier;
  /** Makes the carrier deliver what arrives to the sink, as the service does. */
  attach(carrier: Carrier, sink: EventSink): void;
  behave(behaviour: Behaviour): void;
  /** Answers everything that `hold-answers` kept. */
  releaseAnswers(): void;
  /** Complete texts, in the order of reading. */
  texts(): readonly ReadText[];
  /** Every segment or request that was read, also of incomplete texts; the same one twice counts twice. */
  written(): number;
  /** Most segments or requests that were unanswered at once. */
  mostUnanswered(): number;
  /** Breaks every connection; new ones are taken at once. */
  cutConnections(): void;
  /** Takes no connections until `listen`. */
  goAway(): Promise<void>;
  listen(): Promise<void>;
  /** Delivers a receipt, and again while it is not acknowledged. Resolves when it is. */
  receipt(id: string, text: { from: string; to: string }, state: ReceiptEvent['state'], code?: string): Promise<void>;
  /** Delivers an inbound text likewise. */
  inbound(text: { from: string; to: string; text: string }): Promise<void>;
  stop(): Promise<void>;
}
