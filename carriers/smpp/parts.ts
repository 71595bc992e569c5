import { segmentText } from '../../domain/segments.ts';
import { dataCoding, encodeGsm7, encodeLatin1, encodeUcs2, isLatin1 } from './alphabet.ts';
import type { SmppConfig } from './config.ts';

/** What of a text goes into one `submit_sm`. */
export interface EncodedPart {
  readonly dataCoding: number;
  /** 0x40 when the octets begin with a user data header (SMPP 3.4 §5.2.12). */
  readonly esmClass: number;
  readonly octets: Buffer;
}

type Alphabets = Pick<SmppConfig, 'defaultAlphabet' | 'concatenationReference'>;

const udhIndicator = 0x40;
/** Octets of a short message on the air (3GPP TS 23.040 §9.2.3.16). */
const airOctets = 140;

interface Cut {
  readonly dataCoding: number;
  readonly texts: readonly string[];
  encode(text: string): Buffer;
}

/** Parts that this carrier needs for a text. */
export function countParts(text: string, alphabets: Alphabets): number {
  return cut(text, alphabets).texts.length;
}

/**
 * Encodes a text in the carrier's default alphabet, or in UCS-2 when that lacks a letter; a long one in parts with a
 * concatenation header (3GPP TS 23.040 §9.2.3.24.1 and .8).
 * @param reference what the parts have in common; its low octet is used where the carrier's header has only one
 */
export function encodeParts(text: string, reference: number, alphabets: Alphabets): EncodedPart[] {
  const { dataCoding: coding, texts, encode } = cut(text, alphabets);
  if (texts.length === 1) return [{ dataCoding: coding, esmClass: 0, octets: encode(text) }];
  return texts.map((part, index) => {
    const header = concatenationHeader(reference, texts.length, index + 1, alphabets.concatenationReference);
    return { dataCoding: coding, esmClass: udhIndicator, octets: Buffer.concat([header, encode(part)]) };
  });
}

function cut(text: string, { defaultAlphabet, concatenationReference }: Alphabets): Cut {
  if (defaultAlphabet === 'latin1' && isLatin1(text)) {
    return {
      dataCoding: dataCoding.carrierDefault,
      texts: cutLatin1(text, concatenationReference),
      encode: encodeLatin1,
    };
  }
  const { alphabet, parts } = segmentText(text, { reference: concatenationReference });
  if (alphabet === 'gsm7' && defaultAlphabet === 'gsm7') {
    return { dataCoding: dataCoding.carrierDefault, texts: parts, encode: encodeGsm7 };
  }
  const texts = alphabet === 'ucs2' ? parts : cutUcs2(text, concatenationReference);
  return { dataCoding: dataCoding.ucs2, texts, encode: encodeUcs2 };
}

/** One octet per letter: 140 alone, 134 or 133 in a part. */
function cutLatin1(text: string, reference: 8 | 16): string[] {
  if (text.length <= airOctets) return [text];
  return slices(text, airOctets - headerOctets(reference));
}

/** For a text of GSM-7 letters at a carrier that knows only UCS-2; none of those letters is a surrogate pair. */
function cutUcs2(text: string, reference: 8 | 16): string[] {
  if (text.length * 2 <= airOctets) return [text];
  return slices(text, Math.floor((airOctets - headerOctets(reference)) / 2));
}

function slices(text: string, length: number): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += length) parts.push(text.slice(at, at + length));
  return parts;
}

const headerOctets = (reference: 8 | 16) => (reference === 8 ? 6 : 7);

function concatenationHeader(reference: number, total: number, sequence: number, bits: 8 | 16): Buffer {
  return bits === 8
    ? Buffer.from([5, 0x00, 3, reference & 0xff, total, sequence])
    : Buffer.from([6, 0x08, 4, (reference >> 8) & 0xff, reference & 0xff, total, sequence]);
}
