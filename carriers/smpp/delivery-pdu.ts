import smpp from 'smpp';

/** A `deliver_sm` as it was on the wire. The library decodes texts by an alphabet of its own choice, so they are read again here. */
export interface DeliveryPdu {
  readonly sequence: number;
  readonly source: { readonly digits: string; readonly ton: number };
  readonly destination: { readonly digits: string; readonly ton: number };
  readonly esmClass: number;
  readonly dataCoding: number;
  /** `short_message`, or the `message_payload` that takes its place (SMPP 3.4 §5.3.2.32); with its header if it has one. */
  readonly octets: Buffer;
  readonly receiptedMessageId?: string;
  readonly messageState?: number;
  readonly userMessageReference?: number;
  /** Network type and code (SMPP 3.4 §5.3.2.31). */
  readonly networkError?: { readonly network: number; readonly code: number };
  /** Segment numbers in TLVs, the other way to send a long text (SMPP 3.4 §5.3.2.22 to .24). */
  readonly sar?: { readonly reference: number; readonly total: number; readonly sequence: number };
}

/** Of the header after its first field, the length (SMPP 3.4 §3.2). */
const headerOctets = 12;
const sequenceOffset = 8;

/**
 * Reads a `deliver_sm`; what its end cuts off is empty.
 * @param pdu the PDU after its length
 */
export function readDeliveryPdu(pdu: Buffer): DeliveryPdu {
  const fields: Record<string, unknown> = {};
  let offset = headerOctets;
  for (const [name, { type }] of Object.entries(smpp.commands.deliver_sm?.params ?? {})) {
    if (offset >= pdu.length) break;
    const value = type.read(pdu, offset);
    offset += type.size(value);
    fields[name] = value;
  }
  const tlvs = readTlvs(pdu, offset);
  const text = (name: string) => String(fields[name] ?? '');
  const number = (name: string) => Number(fields[name] ?? 0);
  const shortMessage = (fields.short_message as Buffer | undefined) ?? Buffer.alloc(0);
  const networkError = tlvs.get('network_error_code');
  const [reference, total, sequence] = [
    integer(tlvs.get('sar_msg_ref_num')),
    integer(tlvs.get('sar_total_segments')),
    integer(tlvs.get('sar_segment_seqnum')),
  ];
  return {
    sequence: pdu.readUInt32BE(sequenceOffset),
    source: { digits: text('source_addr'), ton: number('source_addr_ton') },
    destination: { digits: text('destination_addr'), ton: number('dest_addr_ton') },
    esmClass: number('esm_class'),
    dataCoding: number('data_coding'),
    octets: shortMessage.length > 0 ? shortMessage : (tlvs.get('message_payload') ?? shortMessage),
    receiptedMessageId: cString(tlvs.get('receipted_message_id')),
    messageState: integer(tlvs.get('message_state')),
    userMessageReference: integer(tlvs.get('user_message_reference')),
    ...(networkError?.length === 3 && {
      networkError: { network: networkError.readUInt8(0), code: networkError.readUInt16BE(1) },
    }),
    ...(reference !== undefined &&
      total !== undefined &&
      sequence !== undefined && { sar: { reference, total, sequence } }),
  };
}

/** The octets of each TLV by its name. A length that points past the end takes what is there. */
function readTlvs(pdu: Buffer, start: number): Map<string, Buffer> {
  const tlvs = new Map<string, Buffer>();
  let offset = start;
  while (offset + 4 <= pdu.length) {
    const length = pdu.readUInt16BE(offset + 2);
    const known = smpp.tlvsById[pdu.readUInt16BE(offset)];
    if (known) tlvs.set(known.tag, pdu.subarray(offset + 4, offset + 4 + length));
    offset += 4 + length;
  }
  return tlvs;
}

/** Carriers write integers in more octets than the standard has, and in fewer. */
function integer(octets: Buffer | undefined): number | undefined {
  if (!octets || octets.length === 0 || octets.length > 6) return undefined;
  return octets.readUIntBE(0, octets.length);
}

function cString(octets: Buffer | undefined): string | undefined {
  return octets?.toString('latin1').replace(/\0.*$/s, '').trim() || undefined;
}
