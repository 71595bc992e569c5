import smpp from 'smpp';
import { describe, expect, it } from 'vitest';
import { fromAddress } from '../../../carriers/smpp/address.ts';
import { smppConfig } from '../../../carriers/smpp/config.ts';
import { readDeliveryPdu } from '../../../carriers/smpp/delivery-pdu.ts';
import { EventReader } from '../../../carriers/smpp/events.ts';
import { RedeliveryMemory, SessionDeliveries } from '../../../carriers/smpp/redelivery.ts';

const base = { id: 'a', adapter: 'smpp', host: 'h', systemId: 's', password: 'p' };

function read(fields: Record<string, unknown>, settings: Record<string, unknown> = {}) {
  const reader = new EventReader(smppConfig.parse({ ...base, ...settings }));
  return reader.read(pdu(fields), new SessionDeliveries(new RedeliveryMemory()));
}

function pdu(fields: Record<string, unknown>) {
  const octets = new smpp.PDU('deliver_sm', {
    source_addr: '12025550199',
    source_addr_ton: 1,
    destination_addr: '12025550100',
    dest_addr_ton: 1,
    data_coding: 0,
    short_message: Buffer.from('hi'),
    sequence_number: 1,
    ...fields,
  }).toBuffer();
  return readDeliveryPdu(octets.subarray(4));
}

describe('inbound texts', () => {
  it.each([
    [
      'data_coding 0 at a GSM-7 carrier',
      { short_message: Buffer.from([0x00, 0x02, 0x11, 0x1b, 0x65, 0x1b, 0x41]) },
      {},
      '@$_€ A',
    ],
    [
      'data_coding 0 at a Latin-1 carrier',
      { short_message: Buffer.from([0x40, 0xe9]) },
      { defaultAlphabet: 'latin1' },
      '@é',
    ],
    [
      'data_coding 0 at a UCS-2 carrier',
      { short_message: Buffer.from([0x04, 0x3f]) },
      { defaultAlphabet: 'ucs2' },
      'п',
    ],
    ['data_coding 1', { data_coding: 1, short_message: Buffer.from('a@b_c') }, {}, 'a@b_c'],
    ['data_coding 3', { data_coding: 3, short_message: Buffer.from([0xfc]) }, {}, 'ü'],
    ['data_coding 8', { data_coding: 8, short_message: Buffer.from([0xd8, 0x3d, 0xde, 0x42]) }, {}, '🙂'],
    ['data_coding 8 with an odd octet', { data_coding: 8, short_message: Buffer.from([0x00, 0x41, 0x00]) }, {}, 'A'],
    ['UCS-2 with a message class', { data_coding: 0x18, short_message: Buffer.from([0x00, 0x41]) }, {}, 'A'],
    ['a flash text', { data_coding: 0xf0, short_message: Buffer.from([0x00]) }, {}, '@'],
    ['binary content, as its octets', { data_coding: 4, short_message: Buffer.from([0xde, 0xad]) }, {}, 'dead'],
    [
      'message_payload',
      { short_message: Buffer.alloc(0), message_payload: Buffer.from('x'.repeat(300)) },
      {},
      'x'.repeat(300),
    ],
  ])('reads %s', (_, fields, settings, text) => {
    expect(read(fields, settings)).toMatchObject({ type: 'inbound', from: '+12025550199', to: '+12025550100', text });
  });

  it.each([
    ['an 8-bit reference', [5, 0, 3, 7, 3, 2], { reference: 7, total: 3, sequence: 2 }],
    ['a 16-bit reference', [6, 8, 4, 1, 7, 3, 2], { reference: 263, total: 3, sequence: 2 }],
    ['another element before it', [8, 1, 1, 0, 0, 3, 7, 3, 2], { reference: 7, total: 3, sequence: 2 }],
    ['a part that is out of range', [5, 0, 3, 7, 3, 4], undefined],
    ['no concatenation', [3, 1, 1, 0], undefined],
  ])('reads a user data header with %s', (_, header, part) => {
    const event = read({ esm_class: 0x40, short_message: Buffer.concat([Buffer.from(header), Buffer.from('hello')]) });
    expect(event).toMatchObject({ type: 'inbound', text: 'hello' });
    expect((event as { part?: unknown }).part).toEqual(part);
  });

  it('takes a header that is longer than its octets for text', () => {
    expect(read({ esm_class: 0x40, short_message: Buffer.from('zap'), data_coding: 3 })).toMatchObject({ text: 'zap' });
  });

  it('reads a part in sar TLVs', () => {
    const event = read({ sar_msg_ref_num: 300, sar_total_segments: 2, sar_segment_seqnum: 1 });
    expect(event).toMatchObject({ text: 'hi', part: { reference: 300, total: 2, sequence: 1 } });
  });

  it('tells the parties of a receipt the other way round', () => {
    const event = read(
      { esm_class: 4, short_message: Buffer.from('id:1 stat:DELIVRD done date:2606301203') },
      { receiptTimeZone: '+01:00' },
    );
    expect(event).toMatchObject({
      type: 'receipt',
      from: '+12025550100',
      to: '+12025550199',
      at: '2026-06-30T11:03:00Z',
    });
  });

  it('names a receipt by what it says, so that it is recognised when it comes twice on any session', () => {
    const fields = { esm_class: 4, short_message: Buffer.from('id:1 stat:DELIVRD done date:2606301203') };
    expect(read(fields).eventId).toBe(read({ ...fields, sequence_number: 99 }).eventId);
    expect(read({ ...fields, short_message: Buffer.from('id:1 stat:ENROUTE done date:2606301203') }).eventId).not.toBe(
      read(fields).eventId,
    );
  });
});

describe('fromAddress', () => {
  it.each([
    ['12025550199', 1, 'US', '+12025550199'],
    ['2025550199', 2, 'US', '+12025550199'],
    ['07911123456', 2, 'GB', '+447911123456'],
    ['447911123456', 0, 'GB', '+447911123456'],
    ['2025550199', 0, 'US', '+12025550199'],
    ['+447911123456', 0, 'US', '+447911123456'],
    ['72345', 0, 'US', '72345'],
    ['72345', 3, 'US', '72345'],
    ['ACME', 5, 'US', 'ACME'],
    ['12345', 5, 'US', '12345'],
  ])('%s with type %i in %s is %s', (digits, ton, country, address) => {
    expect(fromAddress(digits, ton, country)).toBe(address);
  });
});

describe('the ids of inbound texts', () => {
  const text = (sequence: number, letter = '1') =>
    pdu({ sequence_number: sequence, short_message: Buffer.from(letter) });

  it('is the same for a PDU that is repeated on its session, before and after it was acknowledged', () => {
    const session = new SessionDeliveries(new RedeliveryMemory());
    const id = session.name(text(5));
    expect(session.name(text(5))).toBe(id);
    session.acknowledged(5, 0);
    expect(session.name(text(5))).toBe(id);
  });

  it('differs for equal texts under other sequence numbers, and for equal numbers on other sessions', () => {
    const memory = new RedeliveryMemory();
    const [session, other] = [new SessionDeliveries(memory), new SessionDeliveries(memory)];
    const ids = [session.name(text(5)), session.name(text(6)), other.name(text(5)), session.name(text(5, '2'))];
    expect(new Set(ids).size).toBe(4);
  });

  it('stays when a refused text comes again under a new sequence number, and is used up by it', () => {
    const session = new SessionDeliveries(new RedeliveryMemory());
    const id = session.name(text(5));
    session.refused(5);
    expect(session.name(text(8))).toBe(id);
    session.acknowledged(8, 0);
    expect(session.name(text(9))).not.toBe(id);
  });

  it('stays when an open text, or one whose acknowledgement may not have arrived, comes again on the next session', () => {
    const memory = new RedeliveryMemory();
    const session = new SessionDeliveries(memory);
    const open = session.name(text(1, 'open'));
    const unproven = session.name(text(2, 'late'));
    expect(session.acknowledged(2, 7)).toBe(true);
    session.answered(7);
    session.ended();
    const next = new SessionDeliveries(memory);
    expect([next.name(text(1, 'late')), next.name(text(2, 'open'))]).toEqual([unproven, open]);
  });

  it('is new for an equal text on the next session when the carrier has answered something later', () => {
    const memory = new RedeliveryMemory();
    const session = new SessionDeliveries(memory);
    const id = session.name(text(1));
    session.acknowledged(1, 7);
    session.answered(8);
    session.ended();
    expect(new SessionDeliveries(memory).name(text(1))).not.toBe(id);
  });

  it('stays when we are so slow to answer that the carrier sends again under a new number', () => {
    let now = 0;
    const session = new SessionDeliveries(new RedeliveryMemory(() => now), () => now);
    const id = session.name(text(1));
    now = 2_000;
    const another = session.name(text(2));
    expect(another).not.toBe(id);
    now = 4_900;
    expect(session.name(text(3))).toBe(id);
    expect(session.name(text(4))).not.toBe(id);
    now = 5_100;
    session.acknowledged(2, 0);
    expect(session.name(text(5))).toBe(another);
  });

  it('is not taken over by a text that comes long after an answer that was late', () => {
    let now = 0;
    const session = new SessionDeliveries(new RedeliveryMemory(() => now), () => now);
    const id = session.name(text(1));
    now = 10_000;
    session.acknowledged(1, 0);
    now = 10 * 60_000;
    expect(session.name(text(2))).not.toBe(id);
  });

  it('counts equal texts right when two of them are outstanding', () => {
    const memory = new RedeliveryMemory();
    const session = new SessionDeliveries(memory);
    const ids = [session.name(text(1)), session.name(text(2))];
    session.ended();
    const next = new SessionDeliveries(memory);
    expect(new Set([next.name(text(1)), next.name(text(2))])).toEqual(new Set(ids));
    expect(ids).not.toContain(next.name(text(3)));
  });

  it('forgets the oldest rather than grow without end', () => {
    const memory = new RedeliveryMemory();
    for (let index = 0; index < 10_001; index++) memory.expect({ id: `id-${index}`, content: `text ${index}` }, 60_000);
    expect(memory.claim('text 0')).toBeUndefined();
    expect(memory.claim('text 10000')).toBe('id-10000');
  });
});
