/** Which segment of a longer text this is (3GPP TS 23.040 §9.2.3.24.1 and .8); `sequence` counts from 1. */
export interface Part {
  readonly reference: number;
  readonly total: number;
  readonly sequence: number;
}

const CONCATENATED_8_BIT = 0x00;
const CONCATENATED_16_BIT = 0x08;

/** Splits a short message with a user data header into what the header says and the octets after it. */
export function readUserDataHeader(octets: Buffer): { part?: Part; body: Buffer } {
  const length = octets[0] ?? 0;
  const end = Math.min(length + 1, octets.length);
  let part: Part | undefined;
  let at = 1;
  while (at + 1 < end) {
    const element = octets[at];
    const size = octets[at + 1] ?? 0;
    const value = octets.subarray(at + 2, at + 2 + size);
    if (element === CONCATENATED_8_BIT && value.length === 3) {
      part = { reference: value.readUInt8(0), total: value.readUInt8(1), sequence: value.readUInt8(2) };
    } else if (element === CONCATENATED_16_BIT && value.length === 4) {
      part = { reference: value.readUInt16BE(0), total: value.readUInt8(2), sequence: value.readUInt8(3) };
    }
    at += 2 + size;
  }
  return { part, body: octets.subarray(end) };
}

/** The user data header of one segment, its length octet included, with an 8-bit reference. */
export function userDataHeader(part: Part): Buffer {
  return Buffer.from([5, CONCATENATED_8_BIT, 3, part.reference & 0xff, part.total, part.sequence]);
}
