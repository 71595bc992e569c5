import type { AddressInfo } from 'node:net';
import smpp, { type PDU, type Server, type Session } from 'smpp';
import { createCarriers } from '../../../carriers/registry.ts';
import { smppConfig } from '../../../carriers/smpp/config.ts';
import type { Behaviour, Counterpart, ReadText } from '../counterpart.ts';

interface Message {
  readonly udh?: readonly Buffer[];
  readonly message: string;
}

const refusal = 0x0b;
const throttled = 0x58;

/** A short message centre of the test's own, made of the library's server side and its own decoding. */
export async function startSmsc(
  settings: Record<string, unknown> = {},
): Promise<Counterpart & { port: number; submissions: PDU[]; onSubmission: (pdu: PDU) => void }> {
  const submissions: PDU[] = [];
  const sessions = new Set<Session>();
  /** Bound as receiver or transceiver; nothing is delivered on the others. */
  const receivers = new Set<Session>();
  const held: (() => void)[] = [];
  const acknowledgements = new Map<number, (status: number) => void>();
  let behaviour: Behaviour = 'accept';
  let unanswered = 0;
  let most = 0;
  let sequence = 0;
  const idsOf = new Map<PDU, string>();

  function submitted(session: Session, pdu: PDU) {
    submissions.push(pdu);
    centre.onSubmission(pdu);
    most = Math.max(most, ++unanswered);
    const answer = (status: number) => () => {
      unanswered--;
      const id = `m-${submissions.indexOf(pdu) + 1}`;
      if (status === 0) idsOf.set(pdu, id);
      session.send(pdu.response(status === 0 ? { message_id: id } : { command_status: status }));
    };
    if (behaviour === 'silence') return;
    if (behaviour === 'hold-answers') held.push(answer(0));
    else setImmediate(answer({ accept: 0, reject: refusal, throttle: throttled }[behaviour]));
  }

  function accepted(session: Session) {
    sessions.add(session);
    session.on('error', () => session.destroy());
    session.on('close', () => {
      sessions.delete(session);
      receivers.delete(session);
      unanswered = 0;
      for (const settle of acknowledgements.values()) settle(-1);
    });
    session.on('pdu', (pdu: PDU) => {
      if (pdu.command === 'bind_receiver' || pdu.command === 'bind_transceiver') receivers.add(session);
      if (pdu.command === 'submit_sm') submitted(session, pdu);
      else if (pdu.command === 'deliver_sm_resp') acknowledgements.get(pdu.sequence_number)?.(pdu.command_status);
      else if (!pdu.isResponse()) session.send(pdu.response());
    });
  }

  const server: Server = smpp.createServer(accepted);
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;

  /** Sends with the same sequence number on the same session until it is acknowledged, as the protocol wants. */
  async function deliver(fields: Record<string, unknown>) {
    const number = ++sequence;
    for (;;) {
      const [session] = receivers;
      if (session) {
        const status = await new Promise<number>((resolve) => {
          acknowledgements.set(number, resolve);
          session.send(new smpp.PDU('deliver_sm', { ...fields, sequence_number: number }));
        });
        acknowledgements.delete(number);
        if (status === 0) return;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const centre: Awaited<ReturnType<typeof startSmsc>> = {
    /** Called with each segment as it arrives. */
    onSubmission: (_: PDU): void => undefined,
    port,
    submissions,
    rejection: '0x0B',
    answersPerPart: true,
    createCarrier(logger, overrides = {}) {
      const config = smppConfig.parse({
        id: 'alpha',
        adapter: 'smpp',
        host: '127.0.0.1',
        port,
        systemId: 'portsms',
        password: 'not-for-logs',
        window: 10,
        segmentsPerSecond: 1000,
        responseTimeoutMs: 300,
        enquireLinkMs: 200,
        reconnectMinMs: 20,
        reconnectMaxMs: 100,
        ...settings,
        ...overrides,
      });
      const carrier = createCarriers({ carriers: [config] }, { logger }).get('alpha');
      if (!carrier) throw new Error('The registry made no carrier alpha.');
      return carrier;
    },
    attach: (carrier, sink) => carrier.connect(sink),
    behave: (next) => {
      behaviour = next;
    },
    releaseAnswers() {
      for (const answer of held.splice(0)) answer();
    },
    texts: () => joined(submissions, idsOf),
    written: () => submissions.length,
    mostUnanswered: () => most,
    cutConnections() {
      for (const session of sessions) session.socket.resetAndDestroy();
    },
    async goAway() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const session of sessions) session.destroy();
      await closed;
    },
    listen: () => listen(port),
    receipt: (id, text, state, code) =>
      deliver({
        source_addr: text.to.replace('+', ''),
        source_addr_ton: 1,
        source_addr_npi: 1,
        destination_addr: text.from.replace('+', ''),
        dest_addr_ton: text.from.startsWith('+') ? 1 : 3,
        esm_class: 0x04,
        data_coding: 0,
        short_message: Buffer.from(
          `id:${id} sub:001 dlvrd:001 submit date:2601011200 done date:2601011201 stat:${state} err:${code ?? '000'} text:hi`,
        ),
      }),
    inbound: ({ from, to, text }) =>
      deliver({
        source_addr: from.replace('+', ''),
        source_addr_ton: 1,
        destination_addr: to.replace('+', ''),
        dest_addr_ton: 1,
        data_coding: 8,
        short_message: Buffer.from(text, 'utf16le').swap16(),
      }),
    async stop() {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return centre;
}

/** Puts the parts together by sender, recipient and reference, decoded by the library. */
function joined(submissions: readonly PDU[], idsOf: ReadonlyMap<PDU, string>): ReadText[] {
  const texts: { from: string; to: string; ids: string[]; parts: string[]; key?: string; total: number }[] = [];
  for (const pdu of submissions) {
    const { udh, message } = readMessage(pdu);
    const [from, to] = [
      address(pdu.source_addr, pdu.source_addr_ton),
      address(pdu.destination_addr, pdu.dest_addr_ton),
    ];
    const header = udh?.find((element) => element[0] === 0 || element[0] === 8);
    const total = header?.at(-2) ?? 1;
    const key = header && `${from} ${to} ${header.subarray(2, -2).toString('hex')}`;
    let text = key
      ? texts.find((each) => each.key === key && each.parts.filter(Boolean).length < each.total)
      : undefined;
    if (!text) {
      text = { from, to, ids: [], parts: [], key, total };
      texts.push(text);
    }
    text.parts[(header?.at(-1) ?? 1) - 1] = message;
    const id = idsOf.get(pdu);
    if (id) text.ids.push(id);
  }
  return texts
    .filter((text) => text.parts.filter((part) => part !== undefined).length === text.total)
    .map(({ from, to, ids, parts }) => ({ from, to, ids, text: parts.join('') }));
}

export function readMessage(pdu: PDU): Message {
  return pdu.short_message as Message;
}

function address(digits: unknown, ton: unknown): string {
  return ton === 1 ? `+${digits}` : String(digits);
}
