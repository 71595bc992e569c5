import type { InboundEvent } from '../carrier.ts';
import type { DeliveryPdu } from './delivery-pdu.ts';

/** The content of an inbound text and, for one part of a longer text, which part it is. */
export interface UserData {
  readonly octets: Buffer;
  readonly part?: InboundEvent['part'];
}

const udhIndicator = 0x40;
/** Information elements of 3GPP TS 23.040 §9.2.3.24: concatenation with an 8-bit and with a 16-bit reference. */
const concatenation8 = 0x00;
const concatenation16 = 0x08;

/** Separates the user data header from the content. A header that doesn't fit its octets is taken for content. */
export function readUserData(pdu: DeliveryPdu): UserData {
  const { octets, sar } = pdu;
  const headerLength = octets[0];
  const hasHeader = (pdu.esmClass & udhIndicator) !== 0 && headerLength !== undefined && headerLength < octets.length;
  const content = hasHeader ? octets.subarray(1 + headerLength) : octets;
  const part = (hasHeader ? concatenationIn(octets.subarray(1, 1 + headerLength)) : undefined) ?? sar;
  return { octets: content, ...(part && isPart(part) && { part }) };
}

function concatenationIn(header: Buffer): InboundEvent['part'] {
  for (let at = 0; at + 2 <= header.length; ) {
    const length = header.readUInt8(at + 1);
    const data = header.subarray(at + 2, at + 2 + length);
    if (header[at] === concatenation8 && data.length === 3) {
      return { reference: data.readUInt8(0), total: data.readUInt8(1), sequence: data.readUInt8(2) };
    }
    if (header[at] === concatenation16 && data.length === 4) {
      return { reference: data.readUInt16BE(0), total: data.readUInt8(2), sequence: data.readUInt8(3) };
    }
    at += 2 + length;
  }
  return undefined;
}

/** Numbers that make no sense mean that it is no part (3GPP TS 23.040 §9.2.3.24.1: to be ignored). */
function isPart({ total, sequence }: NonNullable<InboundEvent['part']>): boolean {
  return total > 1 && sequence >= 1 && sequence <= total;
}
