import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import smpp, { type PDU, type Server, type Session } from 'smpp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CarrierEvent, PartAnswer } from '../../../carriers/carrier.ts';
import { smppConfig } from '../../../carriers/smpp/config.ts';
import { EventReader } from '../../../carriers/smpp/events.ts';
import { SmppCarrier } from '../../../carriers/smpp/smpp-carrier.ts';
import { sinkOf } from '../event-sink.ts';
import { readMessage } from './smsc.ts';

const running: { carrier?: SmppCarrier; server: Server; sessions: Set<Session> }[] = [];

afterEach(async () => {
  for (const { carrier, server, sessions } of running.splice(0)) {
    await carrier?.close(0);
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server that does what the test says with each PDU, and a carrier bound to it. */
async function connect(react: (pdu: PDU, session: Session) => void, overrides: Record<string, unknown> = {}) {
  const sessions = new Set<Session>();
  const lines: { fields: Record<string, unknown>; message: string }[] = [];
  const events: CarrierEvent[] = [];
  const groups: number[] = [];
  const sink = vi.fn(async (group: readonly CarrierEvent[]) => {
    groups.push(group.length);
    events.push(...group);
  });
  /** Ids under which texts were stored before, by those that they come with. */
  const known = new Map<string, string>();
  const settled: string[] = [];
  const server = smpp.createServer((session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
    session.on('pdu', (pdu: PDU) => react(pdu, session));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const config = smppConfig.parse({
    id: 'alpha',
    adapter: 'smpp',
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    systemId: 'portsms',
    password: 'pw',
    segmentsPerSecond: 10_000,
    responseTimeoutMs: 200,
    enquireLinkMs: 100,
    reconnectMinMs: 10,
    reconnectMaxMs: 50,
    ...overrides,
  });
  const log = (fields: object, message: string) => lines.push({ fields: { ...fields }, message });
  const carrier = new SmppCarrier(config, { info: log, warn: log, error: log });
  running.push({ carrier, server, sessions });
  carrier.connect({
    receive: async (group) => {
      await sink(group);
      return known;
    },
    settled: async (eventIds) => void settled.push(...eventIds),
  });
  return { carrier, sessions, lines, events, groups, sink, known, settled };
}

const isBind = (pdu: PDU) => pdu.command.startsWith('bind_') && !pdu.isResponse();

/** Binds, stays alive, and takes leave. */
function polite(pdu: PDU, session: Session): void {
  if (isBind(pdu) || pdu.command === 'enquire_link' || pdu.command === 'unbind') session.send(pdu.response());
}

async function send(carrier: SmppCarrier): Promise<PartAnswer | undefined> {
  const reservation = await carrier.messaging.reserve({ wanted: 1, timeoutMs: 1_000 });
  const text = { from: '+12025550100', to: '+12025550199', text: 'hi', validityMs: 60_000, references: [1] };
  const [answers] = carrier.messaging.submit([text], reservation);
  reservation.release();
  return (await answers)?.[0];
}

/** In four parts. */
const long = {
  from: '+12025550100',
  to: '+12025550199',
  text: 'x'.repeat(600),
  validityMs: 60_000,
  references: [1, 2, 3, 4],
};
const queueFull = 0x14;
const invalidDestination = 0x0b;

const reasons = (lines: readonly { fields: Record<string, unknown> }[]) =>
  lines.map(({ fields }) => fields.reason).filter(Boolean);

describe('an SMPP session', () => {
  it('binds as SMPP 3.4 with its credentials', async () => {
    const binds: PDU[] = [];
    const { carrier } = await connect((pdu, session) => {
      if (isBind(pdu)) binds.push(pdu);
      polite(pdu, session);
    });
    await vi.waitFor(() => expect(carrier.isConnected()).toBe(true));
    expect(binds).toMatchObject([
      { command: 'bind_transceiver', system_id: 'portsms', password: 'pw', interface_version: 0x34 },
    ]);
  });

  it('tries again after a refused bind, each time later, and says why', async () => {
    let binds = 0;
    const { carrier, lines } = await connect((pdu, session) => {
      if (isBind(pdu) && ++binds < 4) session.send(pdu.response({ command_status: 0x0e }));
      else polite(pdu, session);
    });
    await vi.waitFor(() => expect(carrier.isConnected()).toBe(true));
    expect(reasons(lines)).toEqual(Array.from({ length: 3 }, () => 'bind refused with 0x0E'));
    const delays = lines.map(({ fields }) => fields.delayMs).filter((ms) => ms !== undefined) as number[];
    expect(delays[2]).toBeGreaterThanOrEqual(20);
    expect(delays[0]).toBeLessThanOrEqual(10);
  });

  it.each([
    ['a PDU that says it is enormous', Buffer.from('7fffffff000000040000000000000001', 'hex')],
    ['a PDU shorter than a header', Buffer.from('0000000800000004', 'hex')],
    [
      'a deliver_sm that ends too early',
      Buffer.concat([
        Buffer.from('00000015000000050000000000000001', 'hex'),
        Buffer.from([0x41, 0x41, 0x41, 0x41, 0x41]),
      ]),
    ],
    ['an answer to a web browser', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a length of zero', Buffer.alloc(4)],
  ])('starts anew after %s', async (_, octets) => {
    let sent = false;
    const { carrier, sink } = await connect((pdu, session) => {
      polite(pdu, session);
      if (isBind(pdu) && !sent) {
        sent = true;
        session.socket.write(octets);
      }
      if (pdu.command === 'submit_sm') session.send(pdu.response({ message_id: 'after' }));
    });
    await vi.waitFor(
      async () => expect(await send(carrier)).toEqual({ outcome: 'accepted', carrierMessageId: 'after' }),
      3_000,
    );
    expect(
      sink.mock.calls
        .flat()
        .flat()
        .every((event) => event.type === 'inbound'),
    ).toBe(true);
  });

  it('gives up a connection on which nobody answers enquire_link, and what was open on it', async () => {
    let silent = true;
    const { carrier, lines } = await connect(
      (pdu, session) => {
        if (isBind(pdu) || !silent) session.send(pdu.response(pdu.command === 'submit_sm' ? { message_id: '1' } : {}));
      },
      { responseTimeoutMs: 250, enquireLinkMs: 100 },
    );
    expect(await send(carrier)).toMatchObject({ outcome: 'ambiguous' });
    await vi.waitFor(() => expect(reasons(lines)).toContain('enquire_link unanswered'));
    silent = false;
    await vi.waitFor(async () => expect(await send(carrier)).toMatchObject({ outcome: 'accepted' }));
  });

  it('gives up a connection that takes no bind', async () => {
    const { lines } = await connect(() => {});
    await vi.waitFor(() => expect(reasons(lines)).toContain('no bind within 200 ms'));
  });

  it('answers enquire_link, unbind and what it does not know', async () => {
    const responses: PDU[] = [];
    let asked = false;
    const { lines } = await connect((pdu, session) => {
      polite(pdu, session);
      if (pdu.isResponse()) responses.push(pdu);
      if (!isBind(pdu) || asked) return;
      asked = true;
      session.send(new smpp.PDU('enquire_link', { sequence_number: 1 }));
      session.send(new smpp.PDU('query_sm', { sequence_number: 2, message_id: '1' }));
      session.send(new smpp.PDU('alert_notification', { sequence_number: 3 }));
      session.send(new smpp.PDU('unbind', { sequence_number: 4 }));
    });
    await vi.waitFor(() => expect(reasons(lines)).toContain('unbound by the carrier'));
    expect(responses.map((pdu) => [pdu.command, pdu.command_status, pdu.sequence_number])).toEqual([
      ['enquire_link_resp', 0, 1],
      ['query_sm_resp', 3, 2],
      ['unbind_resp', 0, 4],
    ]);
  });

  it('takes leave when it closes', async () => {
    const commands: string[] = [];
    const { carrier } = await connect((pdu, session) => {
      commands.push(pdu.command);
      polite(pdu, session);
    });
    await vi.waitFor(() => expect(carrier.isConnected()).toBe(true));
    await carrier.close(100);
    expect(commands.at(-1)).toBe('unbind');
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(commands.filter((command) => command.startsWith('bind'))).toHaveLength(1);
  });

  it('spreads texts over its sessions, and keeps the parts of one text on one of them', async () => {
    const bySession = new Map<Session, number>();
    const { carrier } = await connect(
      (pdu, session) => {
        polite(pdu, session);
        if (pdu.command === 'submit_sm') bySession.set(session, (bySession.get(session) ?? 0) + 1);
      },
      { sessions: 3, window: 4 },
    );
    await vi.waitFor(async () => {
      const all = await Promise.all(
        [1, 2, 3].map(() => carrier.messaging.reserve({ wanted: 4, timeoutMs: 300, atLeast: 4 })),
      );
      for (const each of all) each.release();
    });
    for (let each = 0; each < 3; each++) {
      const reservation = await carrier.messaging.reserve({ wanted: 4, timeoutMs: 300, atLeast: 4 });
      carrier.messaging.submit([long], reservation);
      reservation.release();
    }
    await vi.waitFor(() => expect([...bySession.values()]).toEqual([4, 4, 4]));
  });

  it('writes only those parts again, on the same session, that were refused for now while others were taken', async () => {
    const written: { readonly session: Session; readonly part: number }[] = [];
    const { carrier } = await connect(
      (pdu, session) => {
        polite(pdu, session);
        if (pdu.command !== 'submit_sm') return;
        const part = readMessage(pdu).udh?.[0]?.at(-1) ?? 0;
        const times = written.filter((each) => each.part === part).length;
        written.push({ session, part });
        const refused = (part === 2 && times < 2) || (part === 3 && times < 1);
        session.send(pdu.response(refused ? { command_status: queueFull } : { message_id: `m-${part}` }));
      },
      { sessions: 2, window: 6 },
    );
    const reservation = await carrier.messaging.reserve({ wanted: 4, timeoutMs: 1_000, atLeast: 4 });
    const [answers] = carrier.messaging.submit([long], reservation);
    reservation.release();
    expect(await answers).toEqual([1, 2, 3, 4].map((part) => ({ outcome: 'accepted', carrierMessageId: `m-${part}` })));
    expect(written.map(({ part }) => part)).toEqual([1, 2, 3, 4, 2, 3, 2]);
    expect(new Set(written.map(({ session }) => session)).size).toBe(1);
  });

  it('leaves a text that was refused whole, or for good in part, to whoever asked for it', async () => {
    const written: number[] = [];
    const { carrier } = await connect((pdu, session) => {
      polite(pdu, session);
      if (pdu.command !== 'submit_sm') return;
      const part = readMessage(pdu).udh?.[0]?.at(-1) ?? 0;
      written.push(part);
      const whole = written.length <= 4;
      const status = whole ? queueFull : part === 1 ? queueFull : part === 2 ? invalidDestination : 0;
      session.send(pdu.response(status === 0 ? { message_id: `m-${part}` } : { command_status: status }));
    });
    const outcomes = async () => {
      const reservation = await carrier.messaging.reserve({ wanted: 4, timeoutMs: 1_000, atLeast: 4 });
      const [answers] = carrier.messaging.submit([long], reservation);
      reservation.release();
      return (await answers)?.map(({ outcome }) => outcome);
    };
    expect(await outcomes()).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
    expect(await outcomes()).toEqual(['rejected', 'rejected', 'accepted', 'accepted']);
    expect(written).toHaveLength(8);
  });

  it.each([
    [
      'a generic_nack',
      (pdu: PDU) => new smpp.PDU('generic_nack', { command_status: 3, sequence_number: pdu.sequence_number }),
      { outcome: 'rejected', code: '0x03', detail: 'ESME_RINVCMDID' },
    ],
    [
      'a status of the carrier’s own',
      (pdu: PDU) => pdu.response({ command_status: 0x406 }),
      { outcome: 'rejected', code: '0x0406' },
    ],
    ['an answer without an id', (pdu: PDU) => pdu.response({ message_id: '' }), { outcome: 'ambiguous' }],
    [
      'an id in hex',
      (pdu: PDU) => pdu.response({ message_id: '00AF' }),
      { outcome: 'accepted', carrierMessageId: 'af' },
    ],
  ])('reads %s', async (_, respond, answer) => {
    const { carrier } = await connect(
      (pdu, session) => {
        polite(pdu, session);
        if (pdu.command === 'submit_sm') session.send(respond(pdu));
      },
      { receiptId: 'hexThenDecimal' },
    );
    expect(await send(carrier)).toMatchObject(answer);
  });

  it('ignores an answer that comes after its time, and keeps its count of the window', async () => {
    const late: (() => void)[] = [];
    const { carrier, lines } = await connect(
      (pdu, session) => {
        polite(pdu, session);
        if (pdu.command === 'submit_sm') late.push(() => session.send(pdu.response({ message_id: '1' })));
      },
      { window: 1 },
    );
    expect(await send(carrier)).toMatchObject({ outcome: 'ambiguous' });
    for (const answer of late) answer();
    await vi.waitFor(() =>
      expect(lines.map(({ message }) => message)).toContain('An answer came that nothing waited for any more'),
    );
    const reservation = await carrier.messaging.reserve({ wanted: 5, timeoutMs: 300 });
    expect(reservation.segments).toBe(1);
    reservation.release();
  });
});

describe('a session over TLS', () => {
  it('begins with a handshake for the name of the host, and says nothing in plain', async () => {
    const received: Buffer[] = [];
    const server = createTcpServer((socket) =>
      socket.on('error', () => {}).on('data', (octets) => received.push(octets)),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const settings = {
      id: 'a',
      adapter: 'smpp',
      host: 'localhost',
      port,
      systemId: 'portsms',
      password: 'in-plain',
      tls: true,
    };
    const carrier = new SmppCarrier(smppConfig.parse(settings), { info() {}, warn() {}, error() {} });
    carrier.connect(sinkOf(async () => {}));
    await vi.waitFor(() => expect(received.length).toBeGreaterThan(0));
    await carrier.close(0);
    await new Promise((resolve) => server.close(resolve));
    const hello = Buffer.concat(received);
    // Record type 22 is a handshake, message type 1 a ClientHello (RFC 8446 §4, §5.1).
    expect([hello[0], hello[5]]).toEqual([22, 1]);
    expect(hello.includes('localhost')).toBe(true);
    expect(hello.includes('in-plain')).toBe(false);
  });
});

describe('what a session delivers', () => {
  const inbound = (sequence: number, text: string) =>
    new smpp.PDU('deliver_sm', {
      source_addr: '12025550199',
      source_addr_ton: 1,
      destination_addr: '12025550100',
      dest_addr_ton: 1,
      data_coding: 3,
      short_message: Buffer.from(text),
      sequence_number: sequence,
    });

  it('goes to the sink in groups, and is answered only afterwards (invariant 3)', async () => {
    const statuses: number[] = [];
    let stored = 0;
    const { carrier, groups, sink, events } = await connect((pdu, session) => {
      polite(pdu, session);
      if (isBind(pdu)) for (let number = 1; number <= 1_200; number++) session.send(inbound(number, `text ${number}`));
      if (pdu.command === 'deliver_sm_resp') {
        statuses.push(pdu.command_status);
        expect(statuses.length).toBeLessThanOrEqual(stored);
      }
    });
    sink.mockImplementation(async (group) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      groups.push(group.length);
      events.push(...group);
      stored += group.length;
    });
    await vi.waitFor(() => expect(statuses).toHaveLength(1_200), 3_000);
    expect(new Set(statuses)).toEqual(new Set([0]));
    expect(groups.length).toBeLessThan(50);
    expect(Math.max(...groups)).toBeLessThanOrEqual(500);
    expect(events.map((event) => event.type === 'inbound' && event.text)).toEqual(
      Array.from({ length: 1_200 }, (_, index) => `text ${index + 1}`),
    );
    expect(new Set(events.map((event) => event.eventId)).size).toBe(1_200);
    expect(carrier.isConnected()).toBe(true);
  });

  it('is refused with 0x64 when it could not be stored, and recognised when it comes again under another number', async () => {
    const statuses: number[] = [];
    const { sink } = await connect((pdu, session) => {
      polite(pdu, session);
      if (isBind(pdu)) session.send(inbound(1, 'YES'));
      if (pdu.command === 'deliver_sm_resp') {
        statuses.push(pdu.command_status);
        if (statuses.length === 1) session.send(inbound(2, 'YES'));
      }
    });
    sink.mockRejectedValueOnce(new Error('The store is down.'));
    await vi.waitFor(() => expect(statuses).toEqual([0x64, 0]));
    const ids = sink.mock.calls.map(([group]) => group[0]?.eventId);
    expect(ids[0]).toBe(ids[1]);
  });

  it('is recognised on the next session when the connection was lost before the answer', async () => {
    let binds = 0;
    const { sink } = await connect((pdu, session) => {
      polite(pdu, session);
      if (!isBind(pdu)) return;
      binds++;
      session.send(inbound(7 + binds, 'YES'));
      if (binds === 1) setTimeout(() => session.socket.resetAndDestroy(), 20);
    });
    let finish = () => {};
    sink.mockImplementationOnce(() => new Promise((resolve) => (finish = resolve)));
    await vi.waitFor(() => expect(binds).toBe(2));
    finish();
    await vi.waitFor(() => expect(sink).toHaveBeenCalledTimes(2));
    const ids = sink.mock.calls.map(([group]) => group[0]?.eventId);
    expect(ids[0]).toBe(ids[1]);
  });

  it.each([
    ['recognised when the connection was lost before anything proved that our answer had arrived', false],
    ['new when the carrier had heard our answer before the connection was lost', true],
  ])('is %s', async (_, proven) => {
    let binds = 0;
    let settledThen: string[] = [];
    const { sink, settled } = await connect((pdu, session) => {
      if (isBind(pdu)) {
        session.send(pdu.response());
        binds++;
        session.send(inbound(1, 'YES'));
      }
      if (pdu.command === 'deliver_sm_resp' && binds === 1) {
        setTimeout(() => {
          settledThen = [...settled];
          session.socket.resetAndDestroy();
        }, 60);
      }
      if (pdu.command === 'enquire_link' && (proven || binds > 1)) session.send(pdu.response());
    });
    await vi.waitFor(() => expect(sink).toHaveBeenCalledTimes(2));
    const ids = sink.mock.calls.map(([group]) => group[0]?.eventId);
    expect(ids[0] === ids[1]).toBe(!proven);
    expect(settledThen).toEqual(proven ? [ids[0]] : []);
  });

  it('is settled, and recognised when it comes once more, under the id that another process had given it', async () => {
    let statuses = 0;
    const { sink, known, settled } = await connect((pdu, session) => {
      if (isBind(pdu)) {
        session.send(pdu.response());
        session.send(inbound(1, 'YES'));
      }
      if (pdu.command === 'deliver_sm_resp' && ++statuses === 1) session.send(inbound(1, 'YES'));
      if (pdu.command === 'enquire_link' && statuses > 1) session.send(pdu.response());
    });
    sink.mockImplementationOnce(async ([event]) => {
      known.set(event?.eventId ?? '', 'given-before');
    });
    await vi.waitFor(() => expect(settled).toEqual(['given-before']));
    expect(sink.mock.calls[1]?.[0][0]?.eventId).toBe('given-before');
  });

  it('does not make us ask the carrier all the time', async () => {
    let enquiries = 0;
    const { events } = await connect(
      (pdu, session) => {
        polite(pdu, session);
        if (pdu.command === 'enquire_link') enquiries++;
        if (isBind(pdu)) {
          for (let number = 1; number <= 50; number++)
            setTimeout(() => session.send(inbound(number, `text ${number}`)), number * 10);
        }
      },
      { enquireLinkMs: 60_000 },
    );
    await vi.waitFor(() => expect(events).toHaveLength(50), 2_000);
    expect(enquiries).toBeGreaterThanOrEqual(1);
    expect(enquiries).toBeLessThanOrEqual(4);
  });

  it('is refused for now when it can not be read, and the session goes on', async () => {
    const statuses: number[] = [];
    vi.spyOn(EventReader.prototype, 'read').mockImplementationOnce(() => {
      throw new RangeError('+12025550199 is not to be logged.');
    });
    const { lines, sink } = await connect((pdu, session) => {
      polite(pdu, session);
      if (isBind(pdu)) for (const number of [1, 2]) session.send(inbound(number, `text ${number}`));
      if (pdu.command === 'deliver_sm_resp') statuses.push(pdu.command_status);
    });
    await vi.waitFor(() => expect(statuses).toEqual([0x64, 0]));
    expect(sink.mock.calls.flat().flat()).toMatchObject([{ text: 'text 2' }]);
    expect(lines.at(-1)).toEqual({
      fields: { carrier: 'alpha', error: 'RangeError' },
      message: 'A deliver_sm could not be read; it is refused for now',
    });
  });

  it('is stored before the session ends', async () => {
    const statuses: number[] = [];
    const { carrier, sink } = await connect((pdu, session) => {
      polite(pdu, session);
      if (isBind(pdu)) session.send(inbound(1, 'YES'));
      if (pdu.command === 'deliver_sm_resp') statuses.push(pdu.command_status);
    });
    sink.mockImplementation(() => new Promise((resolve) => setTimeout(resolve, 100)));
    await vi.waitFor(() => expect(sink).toHaveBeenCalled());
    await carrier.close(1_000);
    expect(statuses).toEqual([0]);
  });
});
