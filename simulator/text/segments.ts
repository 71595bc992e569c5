import { decodeGsm7, encodeGsm7 } from './gsm7.ts';

/** SMPP 3.4 §5.2.19: 0 is the carrier's default alphabet, 8 is UCS-2. */
export type DataCoding = 0 | 8;

export interface EncodedText {
  readonly dataCoding: DataCoding;
  /** The octets of each segment, without any header. */
  readonly segments: readonly Buffer[];
}

const SINGLE_OCTETS = { 0: 160, 8: 140 } as const;
const PART_OCTETS = { 0: 153, 8: 134 } as const;

/** A text as the air interface carries it: GSM-7 if it fits that alphabet, else UCS-2; split where it is too long for one segment. */
export function encodeText(text: string): EncodedText {
  const septets = encodeGsm7(text);
  if (septets) return { dataCoding: 0, segments: split(septets, 0) };
  return { dataCoding: 8, segments: split(Buffer.from(text, 'utf16le').swap16(), 8) };
}

/** The text of one segment’s octets: the default alphabet, UCS-2, or else Latin-1 (of which IA5 is a part). */
export function decodeText(octets: Buffer, dataCoding: number): string {
  const alphabet = dataCoding & 0x0f;
  if (alphabet === 8) {
    const even = Buffer.from(octets.subarray(0, octets.length & ~1));
    return even.swap16().toString('utf16le');
  }
  return alphabet === 0 ? decodeGsm7(octets) : octets.toString('latin1');
}

function split(octets: Buffer, coding: DataCoding): Buffer[] {
  if (octets.length <= SINGLE_OCTETS[coding]) return [octets];
  const segments: Buffer[] = [];
  for (let start = 0; start < octets.length; ) {
    let end = Math.min(start + PART_OCTETS[coding], octets.length);
    if (end < octets.length && splitsACharacter(octets, end, coding)) end -= coding === 8 ? 2 : 1;
    segments.push(octets.subarray(start, end));
    start = end;
  }
  return segments;
}

/** True between the escape and its extension character, and between the two halves of a surrogate pair. */
function splitsACharacter(octets: Buffer, end: number, coding: DataCoding): boolean {
  if (coding === 0) return octets[end - 1] === 0x1b;
  const unit = octets.readUInt16BE(end - 2);
  return unit >= 0xd800 && unit <= 0xdbff;
}
