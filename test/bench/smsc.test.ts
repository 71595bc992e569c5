import { connect } from 'node:net';
import smpp, { type PDU, type Session } from 'smpp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSmsc } from '../../bench/smsc/process.ts';
import { Smsc } from '../../bench/smsc/smsc.ts';
import type { CarrierEvent } from '../../carriers/carrier.ts';
import { createCarriers } from '../../carriers/registry.ts';
import { smppConfig } from '../../carriers/smpp/config.ts';
import { sinkOf } from '../carriers/event-sink.ts';

type Bind = 'transceiver' | 'transmitter' | 'receiver';

let smsc: Smsc;
let port: number;
const sessions: Session[] = [];

beforeEach(async () => {
  smsc = new Smsc();
  port = await smsc.listen();
});
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await smsc.stop();
});

/** A client on npm `smpp` that acknowledges what is delivered to it. */
async function bound(kind: Bind, statusOf: (nth: number) => number | undefined = () => 0) {
  const session = smpp.connect({ host: '127.0.0.1', port });
  sessions.push(session);
  const delivered: PDU[] = [];
  session.on('error', () => undefined);
  session.on('deliver_sm', (pdu: PDU) => {
    delivered.push(pdu);
    const status = statusOf(delivered.length);
    if (status !== undefined) session.send(pdu.response({ command_status: status }));
  });
  const request = (command: string, fields: Record<string, unknown> = {}) =>
    new Promise<PDU>((resolve) => session.send(new smpp.PDU(command, fields), resolve));
  const submit = (text: string, fields: Record<string, unknown> = {}) =>
    request('submit_sm', { ...submission, short_message: Buffer.from(text), ...fields });
  await new Promise((resolve) => session.once('connect', resolve));
  const answer = await request(`bind_${kind}`, { system_id: 'portsms', password: 'secret' });
  expect([answer.command, answer.command_status]).toEqual([`bind_${kind}_resp`, 0]);
  return { session, delivered, request, submit };
}

const submission = {
  source_addr_ton: 1,
  source_addr_npi: 1,
  source_addr: '12065550199',
  dest_addr_ton: 1,
  dest_addr_npi: 1,
  destination_addr: '12065552000',
  registered_delivery: 1,
  data_coding: 0,
};

const message = ({ short_message }: PDU) => (short_message as { message: string }).message;

const texts = (count: number) => Array.from({ length: count }, (_, index) => `Your parcel ${index} arrives today.`);
const received = (receipts: () => readonly unknown[], count: number) =>
  expect.poll(() => receipts().length, { interval: 5 }).toBe(count);
const octetsOf = (command: string, fields: Record<string, unknown>) => new smpp.PDU(command, fields).toBuffer();

describe('the message centre of the benchmark', () => {
  it.each(['transceiver', 'transmitter+receiver'])(
    'takes 1,000 texts of the product’s own client, bound as %s, and reports each',
    async (bind) => {
      const address = { host: '127.0.0.1', port, systemId: 'portsms', password: 'secret' };
      const limits = { sessions: 2, window: 1000, segmentsPerSecond: 100_000 };
      const config = smppConfig.parse({ id: 'alpha', adapter: 'smpp', ...address, bind, ...limits });
      const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
      const carrier = createCarriers({ carriers: [config] }, { logger }).get('alpha');
      if (!carrier) throw new Error('The registry made no carrier alpha.');
      const receipts: CarrierEvent[] = [];
      carrier.connect(sinkOf(async (events) => receipts.push(...events)));
      const from = '+12065550199';
      const to = '+12065552000';
      const answers: unknown[] = [];
      while (answers.length < 1000) {
        const room = await carrier.messaging.reserve({ wanted: 1000 - answers.length, timeoutMs: 2_000 });
        const portion = texts(1000).slice(answers.length, answers.length + room.segments);
        const submissions = portion.map((text, index) => ({
          ...{ from, to, text, validityMs: 60_000 },
          references: [1 + answers.length + index],
        }));
        answers.push(...(await Promise.all(carrier.messaging.submit(submissions, room))).flat());
        room.release();
      }
      await received(() => receipts, 1000);
      await carrier.close(0);
      const ids = answers.map((answer) => (answer as { carrierMessageId?: string }).carrierMessageId);
      expect(new Set(ids).size).toBe(1000);
      const byId = new Map(receipts.map((each) => [(each as { carrierMessageId?: string }).carrierMessageId, each]));
      expect(ids.map((id) => byId.get(id))).toEqual(
        texts(1000).map((text, index) =>
          expect.objectContaining({
            ...{ type: 'receipt', state: 'DELIVRD', from, to },
            userMessageReference: index + 1,
            textStart: text.slice(0, 20),
          }),
        ),
      );
      expect(smsc.tally).toEqual({ texts: 1000, again: 0, receipts: 1000 });
    },
  );

  it('says in its receipt what others say in theirs', async () => {
    const client = await bound('transceiver');
    const { message_id } = await client.submit('Hello');
    await received(() => client.delivered, 1);
    const [receipt] = client.delivered as [PDU];
    expect(receipt).toMatchObject({
      ...{ esm_class: 4, source_addr: '12065552000', destination_addr: '12065550199' },
      ...{ source_addr_ton: 1, source_addr_npi: 1, dest_addr_ton: 1, dest_addr_npi: 1 },
      ...{ receipted_message_id: message_id, message_state: 2 },
    });
    const date = String.raw`\d{10}`;
    expect(message(receipt)).toMatch(
      new RegExp(
        `^id:${message_id} sub:001 dlvrd:001 submit date:${date} done date:${date} stat:DELIVRD err:000 text:Hello$`,
      ),
    );
    expect(receipt.user_message_reference).toBeUndefined();
  });

  it('sends no receipt that nobody asked for', async () => {
    const client = await bound('transceiver');
    await client.submit('Nobody asks', { registered_delivery: 0 });
    await client.submit('Somebody asks');
    await received(() => client.delivered, 1);
    expect(message(client.delivered[0] as PDU)).toContain('text:Somebody asks');
  });

  it('counts a text that comes twice, by sender, recipient and content', async () => {
    const client = await bound('transmitter');
    await client.submit('Hello', { user_message_reference: 1 });
    await client.submit('Hello', { user_message_reference: 2 });
    await client.submit('Hello', { destination_addr: '12065552001' });
    await client.submit('', { message_payload: Buffer.from('Hello') });
    expect(smsc.tally).toEqual({ texts: 2, again: 2, receipts: 0 });
  });

  it.each([1, 7, 100, 4096])('reads a stream that comes in chunks of %i octets', async (size) => {
    const stream = Buffer.concat([
      octetsOf('bind_transmitter', { system_id: 'portsms', password: 'secret', sequence_number: 1 }),
      ...texts(30).map((text, index) =>
        octetsOf('submit_sm', { ...submission, short_message: Buffer.from(text), sequence_number: 2 + index }),
      ),
      octetsOf('unbind', { sequence_number: 32 }),
    ]);
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const answers: Buffer[] = [];
    socket.on('data', (octets) => answers.push(octets));
    const ended = new Promise((resolve) => socket.once('end', resolve));
    for (let at = 0; at < stream.length; at += size) {
      socket.write(stream.subarray(at, at + size));
      await new Promise(setImmediate);
    }
    await ended;
    expect(smsc.tally).toEqual({ texts: 30, again: 0, receipts: 0 });
    const octets = Buffer.concat(answers);
    const sequences: number[] = [];
    for (let at = 0; at < octets.length; at += octets.readUInt32BE(at)) {
      expect(octets.readUInt32BE(at + 8)).toBe(0);
      sequences.push(octets.readUInt32BE(at + 12));
    }
    expect(sequences).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
  });

  it('hands the receipts of a session that goes away to another, or keeps them until there is one', async () => {
    const silent = await bound('transceiver', () => undefined);
    await Promise.all(texts(10).map((text) => silent.submit(text)));
    await received(() => silent.delivered, 10);
    silent.session.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const leaving = await bound('receiver', () => undefined);
    await received(() => leaving.delivered, 10);
    const next = await bound('receiver');
    await leaving.request('unbind');
    await received(() => next.delivered, 10);
    await expect.poll(() => smsc.tally).toEqual({ texts: 10, again: 0, receipts: 10 });
    expect(next.delivered.map(message).sort()).toEqual(silent.delivered.map(message).sort());
  });

  it('sends a receipt again that was refused', async () => {
    const client = await bound('transceiver', (nth) => (nth === 1 ? 0x64 : 0));
    await client.submit('Hello');
    await received(() => client.delivered, 2);
    await expect.poll(() => smsc.tally.receipts).toBe(1);
    const [first, second] = client.delivered.map(message);
    expect(second).toBe(first);
  });

  it('spreads the receipts of transmitters over all that are bound to receive', async () => {
    const transmitter = await bound('transmitter');
    const receivers = [await bound('receiver'), await bound('receiver')];
    await Promise.all(texts(10).map((text) => transmitter.submit(text)));
    await expect.poll(() => receivers.map(({ delivered }) => delivered.length)).toEqual([5, 5]);
    expect(transmitter.delivered).toEqual([]);
  });

  it('answers what a session may not or cannot do, and goes on', async () => {
    const receiver = await bound('receiver');
    expect((await receiver.submit('Hello')).command_status).toBe(0x04);
    const client = await bound('transceiver');
    expect((await client.request('enquire_link')).command).toBe('enquire_link_resp');
    const refused = await client.request('query_sm', { message_id: '1' });
    expect([refused.command, refused.command_status]).toEqual(['generic_nack', 0x03]);
    const cut = octetsOf('submit_sm', { ...submission, short_message: Buffer.from('Hello'), sequence_number: 77 });
    const answer = new Promise<PDU>((resolve) => client.session.once('submit_sm_resp', resolve));
    client.session.socket.write(Buffer.concat([Buffer.from([0, 0, 0, cut.length - 3]), cut.subarray(4, -3)]));
    expect(await answer).toMatchObject({ sequence_number: 77, command_status: 0x02 });
    expect((await client.submit('Hello')).command_status).toBe(0);
    expect((await client.request('unbind')).command).toBe('unbind_resp');
  });

  it('leaves a session whose stream has no length that can be', async () => {
    const socket = connect(port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.write(Buffer.from('ffffffff00000015000000000000000100', 'hex'));
    await closed;
  });

  it('runs as a process of its own, and says what it has taken', async () => {
    const started = await startSmsc();
    ({ port } = started);
    const client = await bound('transceiver');
    await client.submit('Hello');
    await client.submit('Hello');
    await received(() => client.delivered, 2);
    await expect.poll(() => started.tally()).toEqual({ texts: 1, again: 1, receipts: 2 });
    await started.stop();
    await expect(started.tally()).rejects.toThrow('has ended');
  });
});
