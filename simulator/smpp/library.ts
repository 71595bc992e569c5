import { createRequire } from 'node:module';

/** The fields of a PDU as the library reads and writes them, by their names in SMPP 3.4. */
export type PduFields = Record<string, string | number | Buffer | undefined>;

export interface Pdu {
  readonly command: string;
  readonly command_id: number;
  readonly command_status: number;
  readonly sequence_number: number;
  readonly [field: string]: unknown;
  isResponse(): boolean;
  toBuffer(): Buffer;
}

interface PduClass {
  new (command: string | Buffer, fields?: PduFields): Pdu;
  readonly maxLength: number;
}

interface SmppLibrary {
  readonly PDU: PduClass;
}

/** npm `smpp` ships no types; of it the simulator uses the encoding and decoding of PDUs. */
const { PDU } = createRequire(import.meta.url)('smpp') as SmppLibrary;

export const MAX_PDU_LENGTH = PDU.maxLength;

/** A PDU whose texts, times and headers stay octets: what they mean is decided by the carrier, not by the library. */
class RawPdu extends PDU {
  _filter(): void {}
}

/** @throws Error when the octets are not the PDU that their header announces */
export function decodePdu(octets: Buffer): Pdu {
  return new RawPdu(octets);
}

export function encodePdu(command: string, fields: PduFields): Buffer {
  return new PDU(command, fields).toBuffer();
}

/** Answers to a command, by their names in SMPP 3.4 §5.1.3. */
export const STATUS = {
  ok: 0x00,
  invalidMessageLength: 0x01,
  invalidCommandLength: 0x02,
  invalidCommandId: 0x03,
  wrongBindState: 0x04,
  alreadyBound: 0x05,
  systemError: 0x08,
  invalidSource: 0x0a,
  invalidDestination: 0x0b,
  invalidMessageId: 0x0c,
  bindFailed: 0x0d,
  invalidPassword: 0x0e,
  invalidSystemId: 0x0f,
  cancelFailed: 0x11,
  queueFull: 0x14,
  submitFailed: 0x45,
  throttled: 0x58,
  invalidExpiry: 0x62,
  queryFailed: 0x67,
} as const;

/** As carriers and their documents write it: `0x58`, `0x0A`. */
export function statusCode(status: number): string {
  return `0x${status.toString(16).toUpperCase().padStart(2, '0')}`;
}
