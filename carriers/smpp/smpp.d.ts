/** The part of npm `smpp` 0.5.1 that is used here, client and server side; the package has no types of its own. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { Server as NetServer, Socket } from 'node:net';

  /** A decoded or to-be-encoded PDU; its parameters and TLVs are properties under their names in SMPP 3.4. */
  export class PDU {
    constructor(command: string, options?: Record<string, unknown>);
    constructor(octets: Buffer);
    command: string;
    command_id: number;
    command_status: number;
    command_length: number;
    sequence_number: number;
    [parameter: string]: unknown;
    isResponse(): boolean;
    response(options?: Record<string, unknown>): PDU;
    toBuffer(): Buffer;
  }

  export interface SessionOptions {
    host?: string;
    port?: number;
    tls?: boolean;
    servername?: string;
    socket?: Socket;
  }

  export class Session extends EventEmitter {
    constructor(options: SessionOptions);
    readonly socket: Socket;
    sequence: number;
    /** @returns false when the socket can't be written to: nothing was sent. */
    send(pdu: PDU, response?: (pdu: PDU) => void, sent?: (pdu: PDU) => void): boolean;
    pause(): void;
    resume(): void;
    /** Half-closes the socket. */
    close(closed?: () => void): void;
    destroy(closed?: () => void): void;
  }

  export interface Server extends NetServer {
    sessions: Session[];
    on(event: 'session', listener: (session: Session) => void): this;
    on(event: string, listener: (...values: never[]) => void): this;
  }

  interface ParameterType {
    read(octets: Buffer, offset: number, length?: number): unknown;
    size(value: unknown): number;
  }

  interface Library {
    PDU: typeof PDU;
    Session: typeof Session;
    connect(options: SessionOptions, connected?: () => void): Session;
    createServer(options: Record<string, unknown>, listener: (session: Session) => void): Server;
    createServer(listener: (session: Session) => void): Server;
    commands: Record<string, { id: number; params?: Record<string, { type: ParameterType }> }>;
    tlvsById: Record<number, { tag: string; type: ParameterType }>;
    gsmCoder: {
      encode(text: string, table: number): Buffer;
      decode(octets: Buffer, table: number): string;
    };
    errors: Record<string, number>;
  }

  const smpp: Library;
  export default smpp;
}
