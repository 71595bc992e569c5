import { type Part, readUserDataHeader } from '../text/concatenation.ts';
import { decodeText } from '../text/segments.ts';
import { readAddress } from './addresses.ts';
import { type Pdu, STATUS } from './library.ts';

/** What a submit_sm asks for (SMPP 3.4 §4.4.1). */
export interface SubmittedSegment {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly part?: Part;
  readonly userMessageReference?: number;
  /** Milliseconds since 1970. */
  readonly validUntil?: number;
  /** registered_delivery bits 0–1: 0 none, 1 always, 2 on failure, 3 on success. */
  readonly receiptWanted: 0 | 1 | 2 | 3;
}

const UDH_INDICATOR = 0x40;
const MAX_SHORT_MESSAGE = 254;
const E164 = /^\+[1-9]\d{6,14}$/;

/** Reads a submit_sm. @returns the segment, or the status with which a carrier refuses such a PDU */
export function readSubmission(pdu: Pdu, now: number): SubmittedSegment | number {
  const short = octetsOf(pdu.short_message);
  const payload = octetsOf(pdu.message_payload);
  if (short.length > MAX_SHORT_MESSAGE) return STATUS.invalidMessageLength;
  const octets = short.length > 0 ? short : payload;
  const to = readAddress(pdu.dest_addr_ton, pdu.destination_addr);
  if (!E164.test(to) && !/^\d{3,8}$/.test(to)) return STATUS.invalidDestination;
  const from = readAddress(pdu.source_addr_ton, pdu.source_addr);
  if (from === '') return STATUS.invalidSource;
  const validUntil = readTime(String(pdu.validity_period ?? ''), now);
  if (validUntil !== undefined && Number.isNaN(validUntil)) return STATUS.invalidExpiry;
  const hasHeader = (Number(pdu.esm_class) & UDH_INDICATOR) !== 0;
  const { part, body } = hasHeader ? readUserDataHeader(octets) : { part: undefined, body: octets };
  return {
    from,
    to,
    text: decodeText(body, Number(pdu.data_coding ?? 0)),
    part: partOf(part ?? sarPart(pdu)),
    userMessageReference: optionalNumber(pdu.user_message_reference),
    validUntil,
    receiptWanted: (Number(pdu.registered_delivery ?? 0) & 3) as 0 | 1 | 2 | 3,
  };
}

/** Segments by TLV instead of a header (SMPP 3.4 §5.3.2.22–24). */
function sarPart(pdu: Pdu): Part | undefined {
  const reference = optionalNumber(pdu.sar_msg_ref_num);
  const total = optionalNumber(pdu.sar_total_segments);
  const sequence = optionalNumber(pdu.sar_segment_seqnum);
  if (reference === undefined || total === undefined || sequence === undefined) return undefined;
  return { reference, total, sequence };
}

/** A single segment that calls itself «1 of 1» is a whole text; impossible counts are no segment at all (TS 23.040 §9.2.3.24.1). */
function partOf(part: Part | undefined): Part | undefined {
  if (!part || part.total <= 1 || part.sequence < 1 || part.sequence > part.total) return undefined;
  return part;
}

/**
 * SMPP 3.4 §7.1.1: `YYMMDDhhmmsstnnp`, absolute with `+`/`-` and quarter hours, or relative with `R`.
 * @returns undefined for none, NaN for nonsense
 */
export function readTime(value: string, now: number): number | undefined {
  if (value === '') return undefined;
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d)(\d\d)([+\-R])$/.exec(value);
  if (!match) return Number.NaN;
  const [years, months, days, hours, minutes, seconds, tenths, quarters] = match.slice(1, 9).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (match[9] === 'R') {
    const until = new Date(now);
    until.setUTCFullYear(until.getUTCFullYear() + years, until.getUTCMonth() + months, until.getUTCDate() + days);
    return until.getTime() + ((hours * 60 + minutes) * 60 + seconds) * 1000;
  }
  const local = Date.UTC(2000 + years, months - 1, days, hours, minutes, seconds, tenths * 100);
  return local - (match[9] === '+' ? 1 : -1) * quarters * 15 * 60_000;
}

function octetsOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

function optionalNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
