/** `command_id` of SMPP 3.4 §5.1.2.1; an answer has the top bit. */
export const commands = {
  bindReceiver: 0x01,
  bindTransmitter: 0x02,
  submitSm: 0x04,
  deliverSm: 0x05,
  unbind: 0x06,
  bindTransceiver: 0x09,
  enquireLink: 0x15,
  genericNack: 0x80000000,
} as const;
export const answerBit = 0x80000000;

/** `command_status` of SMPP 3.4 §5.1.3. */
export const statuses = { ok: 0x00, invalidCommandLength: 0x02, invalidCommandId: 0x03, wrongBindState: 0x04 } as const;

export const headerOctets = 16;
const sequenceOffset = 12;
/** All ids are as long as this, so that what is around them lies at fixed places. */
export const idOctets = 9;

const receiptEsmClass = 0x04;
const headerInText = 0x40;
const delivered = 2;
const tags = { receiptedMessageId: 0x001e, userMessageReference: 0x0204, messagePayload: 0x0424, messageState: 0x0427 };
/** Between the addresses and the text, from `esm_class` to `sm_length`. */
const plainFields = 10;
const tlvHeader = 4;
/** Appendix B: the first octets of the text that a receipt is about. */
const quotedOctets = 20;

/** Where the fields of a `submit_sm` lie in what was read (SMPP 3.4 §4.4.1). */
export interface Submission {
  /** From `source_addr_ton` to the end of `destination_addr`. */
  readonly source: number;
  readonly destination: number;
  readonly addressesEnd: number;
  readonly text: number;
  readonly textEnd: number;
  /** The text is of the carrier's own alphabet, and without a header. */
  readonly isPlain: boolean;
  readonly wantsReceipt: boolean;
  /** `user_message_reference`; -1 without one. */
  readonly reference: number;
}

/** @returns undefined when the PDU is shorter than its fields */
export function readSubmission(octets: Buffer, start: number, end: number): Submission | undefined {
  const source = afterString(octets, start + headerOctets, end);
  const destination = afterString(octets, source + 2, end);
  const addressesEnd = afterString(octets, destination + 2, end);
  const afterTimes = afterString(octets, afterString(octets, addressesEnd + 3, end), end);
  let text = afterTimes + 5;
  if (text > end) return undefined;
  let textEnd = text + (octets[text - 1] as number);
  let reference = -1;
  let at = textEnd;
  for (; at + tlvHeader <= end; ) {
    const tag = octets.readUInt16BE(at);
    const value = at + tlvHeader;
    at = value + octets.readUInt16BE(at + 2);
    if (at > end) return undefined;
    if (tag === tags.userMessageReference && at - value === 2) reference = octets.readUInt16BE(value);
    if (tag === tags.messagePayload && text === textEnd) [text, textEnd] = [value, at];
  }
  if (at !== end) return undefined;
  return {
    source,
    destination,
    addressesEnd,
    text,
    textEnd,
    isPlain: octets[afterTimes + 2] === 0 && ((octets[addressesEnd] as number) & headerInText) === 0,
    wantsReceipt: ((octets[afterTimes] as number) & 0x03) === 1,
    reference,
  };
}

/** An answer without an id or a name: to everything but `submit_sm` and binds, and to what is refused (§4.4.2). */
export function answerPdu(command: number, sequence: number, status: number = statuses.ok): Buffer {
  return writeHeader(Buffer.allocUnsafe(headerOctets), (command | answerBit) >>> 0, sequence, status);
}

/** An answer with one C-octet string: the id of a `submit_sm_resp`, the `system_id` of an answered bind. */
export function answerWith(text: string, command: number, sequence: number): Buffer {
  const pdu = Buffer.allocUnsafe(headerOctets + text.length + 1);
  writeHeader(pdu, (command | answerBit) >>> 0, sequence, statuses.ok);
  pdu.write(text, headerOctets, 'latin1');
  pdu[pdu.length - 1] = 0;
  return pdu;
}

/**
 * The receipt of a text that has arrived: a `deliver_sm` with the usual text (appendix B) and TLVs, its sequence number still to be set.
 * @param octets what the submission was read from
 */
export function receiptPdu(octets: Buffer, submission: Submission, id: string): Buffer {
  const { source, destination, addressesEnd, text, textEnd, isPlain, reference } = submission;
  const state = receiptState(Date.now());
  const quoted = isPlain ? Math.min(textEnd - text, quotedOctets) : 0;
  const textOctets = 3 + idOctets + state.length + quoted;
  const tlvs = tlvHeader + idOctets + 1 + tlvHeader + 1 + (reference < 0 ? 0 : tlvHeader + 2);
  const pdu = Buffer.allocUnsafe(headerOctets + 1 + (addressesEnd - source) + plainFields + textOctets + tlvs);
  writeHeader(pdu, commands.deliverSm, 0, statuses.ok);
  let at = headerOctets;
  pdu[at++] = 0;
  at += octets.copy(pdu, at, destination, addressesEnd);
  at += octets.copy(pdu, at, source, destination);
  pdu.fill(0, at, at + plainFields);
  pdu[at] = receiptEsmClass;
  at += plainFields;
  pdu[at - 1] = textOctets;
  at += pdu.write('id:', at, 'latin1');
  at += pdu.write(id, at, 'latin1');
  at += state.copy(pdu, at);
  at += octets.copy(pdu, at, text, text + quoted);
  at = pdu.writeUInt32BE(tags.receiptedMessageId * 0x10000 + idOctets + 1, at);
  at += pdu.write(id, at, 'latin1');
  pdu[at++] = 0;
  at = pdu.writeUInt32BE(tags.messageState * 0x10000 + 1, at);
  pdu[at++] = delivered;
  if (reference >= 0) pdu.writeUInt16BE(reference, pdu.writeUInt32BE(tags.userMessageReference * 0x10000 + 2, at));
  return pdu;
}

/** @returns the PDU itself */
export function setSequence(pdu: Buffer, sequence: number): Buffer {
  pdu.writeUInt32BE(sequence, sequenceOffset);
  return pdu;
}

function writeHeader(pdu: Buffer, command: number, sequence: number, status: number): Buffer {
  pdu.writeUInt32BE(pdu.length, 0);
  pdu.writeUInt32BE(command, 4);
  pdu.writeUInt32BE(status, 8);
  return setSequence(pdu, sequence);
}

/** What lies behind a C-octet string; more than `end` when it has no end. */
function afterString(octets: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && octets[at] !== 0) at++;
  return at + 1;
}

const minuteMs = 60_000;
let stateMinute = -1;
let stateText = Buffer.alloc(0);

/** The part between id and text; the dates, in UTC, have no seconds. */
function receiptState(now: number): Buffer {
  const minute = Math.floor(now / minuteMs);
  if (minute !== stateMinute) {
    const date = new Date(now).toISOString().replace(/\D/g, '').slice(2, 12);
    stateMinute = minute;
    stateText = Buffer.from(
      ` sub:001 dlvrd:001 submit date:${date} done date:${date} stat:DELIVRD err:000 text:`,
      'latin1',
    );
  }
  return stateText;
}
