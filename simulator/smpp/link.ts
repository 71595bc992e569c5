import type { Socket } from 'node:net';
import { decodePdu, encodePdu, MAX_PDU_LENGTH, type Pdu, type PduFields, STATUS } from './library.ts';

const HEADER_OCTETS = 16;

/**
 * One TCP connection that carries SMPP. The framing is our own: the library's session stops reading for good at the
 * first PDU that it cannot parse, whereas a carrier answers with generic_nack and goes on.
 */
export class SmppLink {
  readonly #socket: Socket;
  readonly #onRequest: (pdu: Pdu) => void;
  readonly #responses = new Map<number, (pdu: Pdu) => void>();
  #rest: Buffer = Buffer.alloc(0);
  #sequence = 0;
  #heardAt = Date.now();
  #corked = false;

  constructor(socket: Socket, onRequest: (pdu: Pdu) => void, onClose: () => void) {
    this.#socket = socket;
    this.#onRequest = onRequest;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#read(chunk));
    // A reset by the peer is a way to leave like any other; 'close' follows.
    socket.on('error', () => {});
    socket.on('close', onClose);
  }

  get isOpen(): boolean {
    return this.#socket.writable;
  }

  /** When the peer last sent anything, in milliseconds since 1970. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Sends a request; `onResponse` is called at most once, never after the connection has ended. @returns its sequence number */
  request(command: string, fields: PduFields, onResponse: (pdu: Pdu) => void): number {
    this.#sequence = this.#sequence >= 0x7fffffff ? 1 : this.#sequence + 1;
    this.#responses.set(this.#sequence, onResponse);
    this.#write(encodePdu(command, { ...fields, sequence_number: this.#sequence }));
    return this.#sequence;
  }

  /** Stops waiting for the answer to a request. */
  forget(sequence: number): void {
    this.#responses.delete(sequence);
  }

  answer(request: Pdu, status: number, fields: PduFields = {}): void {
    const command = request.command === 'unknown' ? 'generic_nack' : `${request.command}_resp`;
    this.#write(encodePdu(command, { ...fields, command_status: status, sequence_number: request.sequence_number }));
  }

  /** Ends the connection after what is written. */
  close(): void {
    this.#socket.end();
  }

  /** Ends it at once, as a network does. */
  cut(): void {
    this.#socket.destroy();
  }

  #write(octets: Buffer): void {
    if (!this.#socket.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(octets);
  }

  #read(chunk: Buffer): void {
    this.#heardAt = Date.now();
    let octets = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (octets.length >= 4) {
      const length = octets.readUInt32BE(0);
      if (length < HEADER_OCTETS || length > MAX_PDU_LENGTH) {
        this.#write(encodePdu('generic_nack', { command_status: STATUS.invalidCommandLength }));
        this.close();
        return;
      }
      if (octets.length < length) break;
      this.#take(octets.subarray(0, length));
      octets = octets.subarray(length);
    }
    this.#rest = octets;
  }

  #take(octets: Buffer): void {
    let pdu: Pdu;
    try {
      pdu = decodePdu(octets);
    } catch {
      const sequence_number = octets.readUInt32BE(12);
      this.#write(encodePdu('generic_nack', { command_status: STATUS.invalidCommandLength, sequence_number }));
      return;
    }
    if (!pdu.isResponse()) {
      this.#onRequest(pdu);
      return;
    }
    const onResponse = this.#responses.get(pdu.sequence_number);
    this.#responses.delete(pdu.sequence_number);
    onResponse?.(pdu);
  }
}
