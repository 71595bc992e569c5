import smpp from 'smpp';
import type { SmppConfig } from './config.ts';

/** `data_coding` values of SMPP 3.4 §5.2.19; 0 is whatever the carrier's own default alphabet is. */
export const dataCoding = { carrierDefault: 0, ia5: 1, latin1: 3, ucs2: 8 } as const;

const gsm7Table = 0;

/** One octet per septet, unpacked, as SMPP carries GSM-7. The text must be of that alphabet. */
export const encodeGsm7 = (text: string): Buffer => smpp.gsmCoder.encode(text, gsm7Table);

/** Big-endian 16-bit units. Letters outside the basic plane travel as surrogate pairs, which handsets read as UTF-16. */
export const encodeUcs2 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

export const encodeLatin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** True when every letter has an octet in ISO 8859-1. */
export function isLatin1(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0xff) return false;
  return true;
}

/**
 * Reads the octets of an inbound text.
 * @param coding `data_coding` of the PDU; message class and compression bits (3GPP TS 23.038 §4) are looked through
 * @returns undefined when the coding is one that we have no alphabet for: binary content, or an Asian 8-bit set
 */
export function decodeText(
  octets: Buffer,
  coding: number,
  defaultAlphabet: SmppConfig['defaultAlphabet'],
): string | undefined {
  switch (alphabetOf(coding, defaultAlphabet)) {
    case 'gsm7':
      return decodeGsm7(octets);
    case 'latin1':
      return octets.toString('latin1');
    case 'ucs2':
      return Buffer.from(octets.subarray(0, octets.length & ~1))
        .swap16()
        .toString('utf16le');
    default:
      return undefined;
  }
}

function alphabetOf(
  coding: number,
  defaultAlphabet: SmppConfig['defaultAlphabet'],
): 'gsm7' | 'latin1' | 'ucs2' | undefined {
  // 0xF0–0xFF: data coding with a message class; bit 2 says 8-bit data (3GPP TS 23.038 §4).
  if (coding >= 0xf0) return coding & 0x04 ? undefined : defaultAlphabet;
  // 0x10–0x1F: general coding group with a message class; bits 3-2 are the alphabet.
  if (coding >= 0x10 && coding <= 0x1f) {
    return [defaultAlphabet, undefined, 'ucs2' as const, undefined][(coding >> 2) & 3];
  }
  switch (coding) {
    case dataCoding.carrierDefault:
      return defaultAlphabet;
    case dataCoding.ia5:
    case dataCoding.latin1:
      // IA5 is a subset of ISO 8859-1.
      return 'latin1';
    case dataCoding.ucs2:
      return 'ucs2';
    default:
      return undefined;
  }
}

/** An escape before a letter that has no extension stands for a space (3GPP TS 23.038 §6.2.1.1, note 1). */
function decodeGsm7(octets: Buffer): string {
  return smpp.gsmCoder.decode(octets, gsm7Table).replaceAll('\x1b', ' ');
}
