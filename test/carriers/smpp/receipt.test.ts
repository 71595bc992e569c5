import fc from 'fast-check';
import smpp from 'smpp';
import { describe, expect, it } from 'vitest';
import { readDeliveryPdu } from '../../../carriers/smpp/delivery-pdu.ts';
import { readReceipt } from '../../../carriers/smpp/receipt.ts';
import { receiptDate, zoneOf } from '../../../carriers/smpp/receipt-date.ts';
import { idOfAnswer, idOfReceipt } from '../../../carriers/smpp/receipt-id.ts';
import { finalReceiptStates } from '../../../domain/message.ts';

const utc = zoneOf('+00:00');
const settings = { receiptId: 'same' as const, defaultAlphabet: 'gsm7' as const, zone: utc };

function delivery(text: string | Buffer, fields: Record<string, unknown> = {}) {
  const pdu = new smpp.PDU('deliver_sm', {
    source_addr: '12025550199',
    destination_addr: '12025550100',
    esm_class: 0x04,
    data_coding: 0,
    short_message: Buffer.from(text as string),
    ...fields,
  });
  return readDeliveryPdu(pdu.toBuffer().subarray(4));
}

describe('readReceipt', () => {
  it('reads the form of SMPP 3.4 appendix B', () => {
    const text =
      'id:0123456789 sub:001 dlvrd:001 submit date:2606301201 done date:2606301203 stat:DELIVRD err:000 text:Your code is 4711';
    expect(readReceipt(delivery(text), settings)).toEqual({
      carrierMessageId: '123456789',
      state: 'DELIVRD',
      doneAt: '2026-06-30T12:03:00Z',
      textStart: 'Your code is 4711',
    });
  });

  it.each([
    [
      'fields in capitals and another order',
      'STAT:UNDELIV ID:AB_1 ERR:01F Done Date:260630120359 Text:',
      { carrierMessageId: 'AB_1', state: 'UNDELIV', code: '01F', doneAt: '2026-06-30T12:03:59Z' },
    ],
    ['an empty field', 'id: sub:001 stat:REJECTD err: text:x', { state: 'REJECTD', textStart: 'x' }],
    [
      'words that only repeat the text',
      'id:7 stat:EXPIRED err:000 text:id:8 stat:DELIVRD err:123',
      { carrierMessageId: '7', state: 'EXPIRED', textStart: 'id:8 stat:DELIVRD err:123' },
    ],
    ['a long word for the state', 'id:7 stat:Undeliverable err:0', { carrierMessageId: '7', state: 'UNDELIV' }],
    [
      'a state that nobody knows',
      'id:7 stat:MISLAID err:042',
      { carrierMessageId: '7', state: 'UNKNOWN', code: '042' },
    ],
    ['a date that is none', 'id:7 stat:DELIVRD done date:2613451299', { carrierMessageId: '7', state: 'DELIVRD' }],
    ['nothing at all', '', { state: 'UNKNOWN' }],
  ])('reads %s', (_, text, receipt) => {
    expect(readReceipt(delivery(text), settings)).toEqual(receipt);
  });

  it('reads TLVs where the text says nothing (SMPP 3.4 §5.3.2)', () => {
    const pdu = delivery('', {
      receipted_message_id: 'a-1',
      message_state: 5,
      user_message_reference: 513,
      network_error_code: Buffer.from([3, 0, 27]),
    });
    expect(readReceipt(pdu, settings)).toEqual({
      carrierMessageId: 'a-1',
      userMessageReference: 513,
      state: 'UNDELIV',
      code: '27',
    });
  });

  it('recognises a receipt without esm_class by the id of a submitted text and a state', () => {
    const inText = delivery('id:9 stat:DELIVRD', { esm_class: 0, receipted_message_id: '9' });
    expect(readReceipt(inText, settings)).toMatchObject({ carrierMessageId: '9', state: 'DELIVRD' });
    const inTlvs = delivery('', { esm_class: 0, receipted_message_id: '9', message_state: 2 });
    expect(readReceipt(inTlvs, settings)).toMatchObject({ carrierMessageId: '9', state: 'DELIVRD' });
  });

  it('takes an inbound text for what it is, even if it looks like a receipt or has an id', () => {
    expect(readReceipt(delivery('id:9 stat:DELIVRD err:000', { esm_class: 0 }), settings)).toBeUndefined();
    expect(readReceipt(delivery('hello', { esm_class: 0, receipted_message_id: '9' }), settings)).toBeUndefined();
  });

  it('reads an underscore in an id as one, though in GSM-7 its octet is another letter', () => {
    expect(readReceipt(delivery('id:a_b@c stat:DELIVRD text:'), settings)?.carrierMessageId).toBe('a_b@c');
  });

  it('reads the start of the text in the alphabet of the carrier', () => {
    const octets = Buffer.concat([Buffer.from('id:1 stat:DELIVRD text:'), Buffer.from([0x00, 0x1b, 0x65])]);
    expect(readReceipt(delivery(octets as unknown as string, { short_message: octets }), settings)?.textStart).toBe(
      '@€',
    );
  });

  it('survives any octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 255 }), (octets, esmClass) => {
        readReceipt(delivery('', { short_message: Buffer.from(octets), esm_class: esmClass }), settings);
      }),
    );
  });

  it('finds what was written, whatever its values', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,36}$/);
    fc.assert(
      fc.property(
        id,
        fc.constantFrom(...finalReceiptStates),
        fc.stringMatching(/^[0-9A-F]{3}$/),
        (written, state, code) => {
          const receipt = readReceipt(
            delivery(`id:${written} sub:001 dlvrd:001 stat:${state} err:${code} text:abc`),
            settings,
          );
          expect(receipt).toMatchObject({ carrierMessageId: idOfAnswer(written, 'same'), state });
          expect(receipt?.code).toBe(code === '000' ? undefined : code);
        },
      ),
    );
  });
});

describe('receipt ids in other bases', () => {
  const ids = fc.bigInt({ min: 0n, max: 2n ** 63n });
  const padding = fc.integer({ min: 0, max: 6 });

  it('hexThenDecimal: answer in hex, receipt in decimal, either one padded and in any case', () => {
    fc.assert(
      fc.property(ids, padding, padding, fc.boolean(), (id, before, after, capitals) => {
        const hex = '0'.repeat(before) + id.toString(16);
        const answer = idOfAnswer(capitals ? hex.toUpperCase() : hex, 'hexThenDecimal');
        expect(idOfReceipt('0'.repeat(after) + id.toString(10), 'hexThenDecimal')).toBe(answer);
      }),
    );
  });

  it('decimalThenHex: answer in decimal, receipt in hex', () => {
    fc.assert(
      fc.property(ids, padding, padding, (id, before, after) => {
        const answer = idOfAnswer('0'.repeat(before) + id.toString(10), 'decimalThenHex');
        expect(idOfReceipt('0'.repeat(after) + id.toString(16).toUpperCase(), 'decimalThenHex')).toBe(answer);
      }),
    );
  });

  it('same: only zeros in front of digits are no difference', () => {
    expect(idOfReceipt('0000000042', 'same')).toBe(idOfAnswer('42', 'same'));
    expect(idOfReceipt(' 0aF ', 'same')).toBe('0aF');
    expect(idOfAnswer('0', 'same')).toBe('0');
    expect(idOfAnswer('0f0e-42', 'hexThenDecimal')).toBe('0f0e-42');
  });
});

describe('receiptDate', () => {
  it.each([
    ['2606301203', '+02:00', '2026-06-30T10:03:00Z'],
    ['2606301203', '-05:30', '2026-06-30T17:33:00Z'],
    ['2606301203', 'Europe/Berlin', '2026-06-30T10:03:00Z'],
    ['2601301203', 'Europe/Berlin', '2026-01-30T11:03:00Z'],
    ['260630120305', '+00:00', '2026-06-30T12:03:05Z'],
    ['2602301203', '+00:00', undefined],
    ['0', '+00:00', undefined],
  ])('%s in %s is %s', (text, zone, date) => {
    expect(receiptDate(text, zoneOf(zone))).toBe(date);
  });
});
