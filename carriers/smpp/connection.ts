import { isIP } from 'node:net';
import smpp, { type PDU, type Session } from 'smpp';
import { codeOfStatus } from './answer.ts';
import type { SmppConfig } from './config.ts';
import { type DeliveryPdu, readDeliveryPdu } from './delivery-pdu.ts';

export type BindKind = 'transceiver' | 'transmitter' | 'receiver';

/** What a connection tells its owner. */
export interface ConnectionEvents {
  bound(): void;
  /** An answer to what was sent: `submit_sm_resp`, `query_sm_resp`, or the `generic_nack` that stands for it. */
  answered(pdu: PDU): void;
  /** The request with this sequence number was answered, so everything that was written before it has arrived. */
  heard(request: number): void;
  delivered(pdu: DeliveryPdu): void;
  /** Once, whatever ended it. */
  ended(reason: string): void;
}

const interfaceVersion = 0x34;
const lingerMs = 1_000;
/** Carriers don't like to be asked all the time. */
const enquireAtMostEveryMs = 200;

/**
 * One TCP connection and its bind, from `connect` to its end. The library stops reading for good after an error in its parser or
 * in a listener, so either one ends the connection; a new one is a new object.
 */
export class Connection {
  readonly #config: SmppConfig;
  readonly #kind: BindKind;
  readonly #events: ConnectionEvents;
  readonly #session: Session;
  readonly #bindTimer: NodeJS.Timeout;
  #enquireTimer: NodeJS.Timeout | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  #lastPdu: Buffer = Buffer.alloc(0);
  #soonTimer: NodeJS.Timeout | undefined;
  #askedAt = 0;
  #bound = false;
  #ended = false;
  #isCorked = false;
  #onUnbound: (() => void) | undefined;

  constructor(config: SmppConfig, kind: BindKind, events: ConnectionEvents) {
    this.#config = config;
    this.#kind = kind;
    this.#events = events;
    const { host, port, tls, responseTimeoutMs } = config;
    // An address has no server name (RFC 6066 §3).
    this.#session = smpp.connect({ host, port, tls, ...(tls && !isIP(host) && { servername: host }) });
    this.#keepOctets();
    this.#session.socket.setNoDelay(true);
    this.#session.on(tls ? 'secureConnect' : 'connect', () => this.#guarded(() => this.#bind()));
    this.#session.on('pdu', (pdu: PDU) => this.#guarded(() => this.#received(pdu)));
    this.#session.on('error', (error: Error & { code?: string }) =>
      this.end(`connection error ${error.code ?? error.name}`),
    );
    this.#session.on('close', () => this.end('connection closed by the carrier'));
    this.#bindTimer = setTimeout(() => this.end(`no bind within ${responseTimeoutMs} ms`), responseTimeoutMs);
  }

  get isBound(): boolean {
    return this.#bound && !this.#ended;
  }

  /** Sequence number of the last request that was written; they count up. */
  get lastRequest(): number {
    return this.#session.sequence;
  }

  /** Asks for an answer soon, to know that what was written so far has arrived. */
  enquireSoon(): void {
    if (this.#soonTimer || this.#ended) return;
    const sinceLastMs = performance.now() - this.#askedAt;
    this.#soonTimer = setTimeout(
      () => {
        this.#soonTimer = undefined;
        this.#enquire();
      },
      Math.max(0, enquireAtMostEveryMs - sinceLastMs),
    );
  }

  /** @returns the sequence number under which it was written, or undefined when certainly nothing was. */
  send(pdu: PDU): number | undefined {
    if (this.#ended) return undefined;
    this.#gather();
    return this.#session.send(pdu) ? pdu.sequence_number : undefined;
  }

  /** Takes leave of the carrier and closes; at most a second. */
  async unbind(): Promise<void> {
    if (this.isBound && this.send(new smpp.PDU('unbind')) !== undefined) {
      await new Promise<void>((resolve) => {
        this.#onUnbound = resolve;
        setTimeout(resolve, lingerMs).unref();
      });
    }
    this.end('unbound');
  }

  /** Ends the connection at once. Harmless when it has ended. */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#bindTimer);
    clearInterval(this.#enquireTimer);
    clearTimeout(this.#soonTimer);
    clearTimeout(this.#silenceTimer);
    this.#flush();
    this.#session.destroy();
    this.#onUnbound?.();
    this.#events.ended(reason);
  }

  /** What is sent with nothing awaited in between goes in one call of the system: each costs as much as all else about a PDU. */
  #gather(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#session.socket.cork();
    process.nextTick(() => this.#flush());
  }

  #flush(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#session.socket.uncork();
  }

  #bind(): void {
    const { systemId, password, systemType } = this.#config;
    this.send(
      new smpp.PDU(`bind_${this.#kind}`, {
        system_id: systemId,
        password,
        system_type: systemType,
        interface_version: interfaceVersion,
      }),
    );
  }

  #received(pdu: PDU): void {
    if (pdu.isResponse()) this.#events.heard(pdu.sequence_number);
    switch (pdu.command) {
      case 'bind_transceiver_resp':
      case 'bind_transmitter_resp':
      case 'bind_receiver_resp':
        this.#bindAnswered(pdu);
        return;
      case 'submit_sm_resp':
      case 'query_sm_resp':
      case 'generic_nack':
        this.#events.answered(pdu);
        return;
      case 'deliver_sm':
        this.#events.delivered(readDeliveryPdu(this.#lastPdu));
        return;
      case 'enquire_link':
        this.send(pdu.response());
        return;
      case 'enquire_link_resp':
        clearTimeout(this.#silenceTimer);
        this.#silenceTimer = undefined;
        return;
      case 'unbind':
        this.send(pdu.response());
        this.end('unbound by the carrier');
        return;
      case 'unbind_resp':
        this.#onUnbound?.();
        return;
      case 'alert_notification':
      case 'outbind':
        // Neither has an answer (SMPP 3.4 §4.12, §4.1.7), and we asked for neither.
        return;
      default:
        if (!pdu.isResponse()) this.send(pdu.response({ command_status: smpp.errors.ESME_RINVCMDID }));
    }
  }

  #bindAnswered(pdu: PDU): void {
    if (this.#bound) return;
    if (pdu.command_status !== 0) {
      this.end(`bind refused with ${codeOfStatus(pdu.command_status)}`);
      return;
    }
    this.#bound = true;
    clearTimeout(this.#bindTimer);
    this.#enquireTimer = setInterval(() => this.#enquire(), this.#config.enquireLinkMs);
    this.#events.bound();
  }

  #enquire(): void {
    this.send(new smpp.PDU('enquire_link'));
    this.#askedAt = performance.now();
    // The first unanswered one counts, even if the time limit is longer than the interval.
    this.#silenceTimer ??= setTimeout(() => this.end('enquire_link unanswered'), this.#config.responseTimeoutMs);
  }

  /** The library hands out texts that it has decoded by its own alphabet; the octets pass by here. */
  #keepOctets(): void {
    const { socket } = this.#session;
    const read = socket.read.bind(socket);
    socket.read = (size?: number) => {
      const octets = read(size);
      // It reads the four octets of the length, then the rest.
      if (octets && size !== 4) this.#lastPdu = octets;
      return octets;
    };
  }

  #guarded(react: () => void): void {
    try {
      react();
    } catch (error) {
      this.end(`internal error ${error instanceof Error ? error.name : typeof error}`);
    }
  }
}
