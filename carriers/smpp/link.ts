import smpp, { type PDU } from 'smpp';
import type { Logger } from '../adapter.ts';
import type { PartAnswer } from '../carrier.ts';
import type { Lane } from '../room.ts';
import { readAnswer } from './answer.ts';
import type { SmppConfig } from './config.ts';
import { type BindKind, Connection } from './connection.ts';
import type { DeliveryPdu } from './delivery-pdu.ts';
import { OpenQueries } from './open-queries.ts';
import { type RedeliveryMemory, SessionDeliveries } from './redelivery.ts';
import { SubmissionWindow } from './window.ts';

export interface LinkOwner {
  /** A slot became free, or the link opened or closed. */
  changed(): void;
  delivered(pdu: DeliveryPdu, session: DeliverySession): void;
  /** The carrier knows that we have these deliveries. */
  settled(eventIds: readonly string[]): void;
  throttled(): void;
}

/** The session that a `deliver_sm` came on, to name and answer it. */
export interface DeliverySession {
  readonly deliveries: SessionDeliveries;
  /** Tells the carrier that we have it, or that it has to send it again. */
  answer(sequence: number, stored: boolean): void;
}

function answerDelivery(
  connection: Connection,
  deliveries: SessionDeliveries,
  sequence: number,
  stored: boolean,
): void {
  const status = stored ? smpp.errors.ESME_ROK : smpp.errors.ESME_RX_T_APPN;
  const response = new smpp.PDU('deliver_sm_resp', { sequence_number: sequence, command_status: status });
  const lastRequest = connection.lastRequest;
  if (connection.send(response) === undefined) return;
  if (!stored) deliveries.refused(sequence);
  else if (deliveries.acknowledged(sequence, lastRequest)) connection.enquireSoon();
}

/** One bind that is kept open: a new connection after each end, later each time that it fails. */
export class Link implements Lane {
  readonly capacity: number;
  readonly #config: SmppConfig;
  readonly #kind: BindKind;
  readonly #owner: LinkOwner;
  readonly #memory: RedeliveryMemory;
  readonly #logger: Logger;
  readonly #fields: object;
  #connection: Connection | undefined;
  #window: SubmissionWindow;
  readonly #queries: OpenQueries;
  #failures = 0;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    config: SmppConfig,
    kind: BindKind,
    index: number,
    owner: LinkOwner,
    memory: RedeliveryMemory,
    logger: Logger,
  ) {
    this.capacity = config.window;
    this.#config = config;
    this.#kind = kind;
    this.#owner = owner;
    this.#memory = memory;
    this.#logger = logger;
    this.#fields = { carrier: config.id, bind: kind, session: index };
    this.#window = this.#newWindow();
    this.#queries = new OpenQueries(config.responseTimeoutMs);
  }

  get unanswered(): number {
    return this.#window.size;
  }

  get isOpen(): boolean {
    return this.#connection?.isBound ?? false;
  }

  start(): void {
    if (this.#stopped) return;
    const window = this.#newWindow();
    this.#window = window;
    const deliveries = new SessionDeliveries(this.#memory);
    const connection = new Connection(this.#config, this.#kind, {
      bound: () => {
        this.#failures = 0;
        this.#logger.info(this.#fields, 'Bound to the carrier');
        this.#owner.changed();
      },
      answered: (pdu) => this.#answered(pdu, window),
      heard: (request) => this.#owner.settled(deliveries.answered(request)),
      delivered: (pdu) => this.#owner.delivered(pdu, session),
      ended: (reason) => {
        window.abandon(`connection lost before the answer: ${reason}`);
        this.#queries.abandon();
        deliveries.ended();
        this.#owner.changed();
        this.#reconnectAfter(reason);
      },
    });
    const session = {
      deliveries,
      answer: (sequence: number, stored: boolean) => answerDelivery(connection, deliveries, sequence, stored),
    };
    this.#connection = connection;
  }

  /** Writes one `submit_sm`. The promise never rejects. */
  write(pdu: PDU): Promise<PartAnswer> {
    const sequence = this.isOpen ? this.#connection?.send(pdu) : undefined;
    if (sequence === undefined) return Promise.resolve({ outcome: 'unsent', reason: 'not connected to the carrier' });
    return this.#window.opened(sequence);
  }

  /** Writes one `query_sm`. @returns its answer; undefined when none came */
  async query(pdu: PDU): Promise<PDU | undefined> {
    const sequence = this.isOpen ? this.#connection?.send(pdu) : undefined;
    return sequence === undefined ? undefined : this.#queries.opened(sequence);
  }

  /** Unbinds and stays closed. What is unanswered is ambiguous. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#reconnectTimer);
    await this.#connection?.unbind();
  }

  #newWindow(): SubmissionWindow {
    return new SubmissionWindow(this.#config.responseTimeoutMs, () => this.#owner.changed());
  }

  #answered(pdu: PDU, window: SubmissionWindow): void {
    // Numbers count on through all that is written to a session, so a refusal (`generic_nack`) finds its question by it, too.
    if (this.#queries.answered(pdu) || pdu.command === 'query_sm_resp') return;
    const answer = readAnswer(pdu, this.#config.receiptId);
    if (answer.outcome === 'rejected' && answer.retryAfterMs !== undefined) this.#owner.throttled();
    if (!window.answered(pdu.sequence_number, answer)) {
      this.#logger.warn(
        { ...this.#fields, outcome: answer.outcome },
        'An answer came that nothing waited for any more',
      );
    }
  }

  /** Half of the delay is chance, so that all workers don't come back at once. */
  #reconnectAfter(reason: string): void {
    if (this.#stopped) return;
    const { reconnectMinMs, reconnectMaxMs } = this.#config;
    const most = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(this.#failures, 20));
    const delayMs = Math.round(most / 2 + (Math.random() * most) / 2);
    this.#failures++;
    this.#logger.warn(
      { ...this.#fields, reason, delayMs },
      'No bind to the carrier; it is tried again after the delay',
    );
    this.#reconnectTimer = setTimeout(() => this.start(), delayMs);
  }
}
