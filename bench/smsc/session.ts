import type { Socket } from 'node:net';
import { headerOctets, setSequence } from './pdus.ts';

/** What a session tells the message centre. */
export interface SessionEvents {
  /** A whole PDU lies in `octets` from `start` to `end`; they are only good until this returns. */
  received(octets: Buffer, start: number, end: number): void;
  ended(): void;
}

/** No PDU of a text is as long: whoever says so has lost its place. */
const longestPdu = 70_000;

/** One connection: takes PDUs out of the stream, and gathers what is sent within a tick into one call of the system. */
export class Session {
  /** What it was bound for. */
  submits = false;
  receives = false;
  readonly #socket: Socket;
  readonly #events: SessionEvents;
  /** Receipts that are not acknowledged yet, by their sequence numbers. */
  readonly #open = new Map<number, Buffer>();
  #sequence = 0;
  #rest: Buffer | undefined;
  #gathered: Buffer[] = [];

  constructor(socket: Socket, events: SessionEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    // 'close' follows, and says all there is to say.
    socket.on('error', () => undefined);
    socket.on('close', () => events.ended());
  }

  send(pdu: Buffer): void {
    if (this.#gathered.length === 0) process.nextTick(() => this.#flush());
    this.#gathered.push(pdu);
  }

  /** Sends a receipt, which is kept until it is acknowledged. */
  deliver(receipt: Buffer): void {
    this.#sequence = this.#sequence === 0x7fffffff ? 1 : this.#sequence + 1;
    this.#open.set(this.#sequence, receipt);
    this.send(setSequence(receipt, this.#sequence));
  }

  /** @returns the receipt with this sequence number, which is not kept any longer; undefined when nothing is known of it */
  acknowledged(sequence: number): Buffer | undefined {
    const receipt = this.#open.get(sequence);
    this.#open.delete(sequence);
    return receipt;
  }

  /** Takes all receipts out that are not acknowledged. */
  takeOpen(): Buffer[] {
    const open = [...this.#open.values()];
    this.#open.clear();
    return open;
  }

  /** Ends the connection after what was sent. */
  end(): void {
    this.#flush();
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #flush(): void {
    const [first] = this.#gathered;
    if (!first) return;
    const octets = this.#gathered.length === 1 ? first : Buffer.concat(this.#gathered);
    this.#gathered = [];
    if (this.#socket.writable) this.#socket.write(octets);
  }

  #read(chunk: Buffer): void {
    const octets = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    let start = 0;
    while (octets.length - start >= 4) {
      const length = octets.readUInt32BE(start);
      if (length < headerOctets || length > longestPdu) {
        this.destroy();
        return;
      }
      const end = start + length;
      if (end > octets.length) break;
      this.#events.received(octets, start, end);
      start = end;
    }
    this.#rest = start === octets.length ? undefined : octets.subarray(start);
  }
}
