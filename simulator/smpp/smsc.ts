import { createServer, type Server, type Socket } from 'node:net';
import { drawLots, type Lots, maySendFrom } from '../network/admission.ts';
import type { InboundDelivery, InboundPiece, InboundText } from '../network/inbound.ts';
import { RateLimit } from '../network/rate-limit.ts';
import { attemptOf, type Segment, segmentOf } from '../network/segment.ts';
import type { Transit } from '../network/transit.ts';
import type { Unfinished } from '../network/unfinished.ts';
import { userDataHeader } from '../text/concatenation.ts';
import type { LedgerRecord } from '../world/ledger.ts';
import { SMPP_QUIRKS, type SmppCarrierId, type SmppQuirks } from '../world/networks.ts';
import type { World } from '../world/world.ts';
import { writeAddress } from './addresses.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { type Pdu, STATUS, statusCode } from './library.ts';
import { SmppLink } from './link.ts';
import { MessageIds } from './message-ids.ts';
import { type ReceiptWanted, Reports } from './reports.ts';
import { readSubmission, type SubmittedSegment } from './submission.ts';

type Bind = 'receiver' | 'transmitter' | 'transceiver';

const UDH_INDICATOR = 0x40;
const ENQUIRE_LINK_MS = 30_000;
const DOWN_CHECK_MS = 100;
/** How far an answer is behind the receipt that overtakes it. */
const OVERTAKEN_BY_MS = 20;
/** A connection that has been silent for so long, or has not bound, is ended. */
const SILENCE_MS = 3 * ENQUIRE_LINK_MS;

/** One SMPP 3.4 carrier: its server, the sessions on it, and what it owes us. */
export class Smsc implements InboundDelivery {
  readonly takesSegments = true;
  readonly #id: SmppCarrierId;
  readonly #quirks: SmppQuirks;
  readonly #world: World;
  readonly #transit: Transit;
  readonly #server: Server;
  readonly #queue: DeliveryQueue;
  readonly #ids: MessageIds;
  readonly #reports: Reports;
  readonly #rate = new RateLimit();
  readonly #links = new Map<SmppLink, Bind | undefined>();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(id: SmppCarrierId, world: World, transit: Transit, idBlock: number) {
    this.#id = id;
    this.#quirks = SMPP_QUIRKS[id];
    this.#world = world;
    this.#transit = transit;
    this.#queue = new DeliveryQueue(() => world.behaviour(id));
    this.#ids = new MessageIds(this.#quirks.receiptId, idBlock);
    this.#reports = new Reports(world, transit, this.#quirks, this.#queue, this.#ids);
    this.#server = createServer((socket) => this.#connected(socket));
  }

  /** @returns the port it listens on. @throws when the port is taken */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    const address = this.#server.address();
    if (!address || typeof address === 'string') throw new Error(`the SMPP server of ${this.#id} has no port`);
    this.#timers.push(
      setInterval(() => this.#enquire(), ENQUIRE_LINK_MS),
      setInterval(() => {
        if (this.#world.outages.isDown(this.#id)) this.#cutAll();
      }, DOWN_CHECK_MS),
    );
    return address.port;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#queue.stop();
    this.#cutAll();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** What waits for an acknowledgement, or for somebody who receives it. */
  get undelivered(): number {
    return this.#queue.length;
  }

  deliver(text: InboundText, piece: InboundPiece, acknowledged: () => void): void {
    const source = writeAddress(text.from);
    const destination = writeAddress(text.to);
    const header = piece.part ? userDataHeader(piece.part) : Buffer.alloc(0);
    this.#queue.push({
      fields: {
        source_addr_ton: source.ton,
        source_addr_npi: source.npi,
        source_addr: source.address,
        dest_addr_ton: destination.ton,
        dest_addr_npi: destination.npi,
        destination_addr: destination.address,
        esm_class: piece.part ? UDH_INDICATOR : 0,
        data_coding: piece.dataCoding,
        short_message: Buffer.concat([header, piece.octets]),
      },
      acknowledged,
    });
  }

  #connected(socket: Socket): void {
    if (this.#world.outages.isDown(this.#id)) {
      socket.destroy();
      return;
    }
    const link = new SmppLink(
      socket,
      (pdu) => this.#request(link, pdu),
      () => {
        this.#links.delete(link);
        this.#queue.removeReceiver(link);
      },
    );
    this.#links.set(link, undefined);
  }

  #request(link: SmppLink, pdu: Pdu): void {
    switch (pdu.command) {
      case 'bind_receiver':
      case 'bind_transmitter':
      case 'bind_transceiver':
        this.#bind(link, pdu, pdu.command.slice('bind_'.length) as Bind);
        break;
      case 'enquire_link':
        link.answer(pdu, STATUS.ok);
        break;
      case 'unbind':
        this.#queue.removeReceiver(link);
        this.#links.set(link, undefined);
        link.answer(pdu, STATUS.ok);
        break;
      case 'submit_sm':
        this.#submit(link, pdu);
        break;
      case 'query_sm':
        this.#query(link, pdu);
        break;
      case 'cancel_sm':
        link.answer(pdu, STATUS.cancelFailed);
        break;
      default:
        link.answer({ ...pdu, command: 'unknown' } as Pdu, STATUS.invalidCommandId);
    }
  }

  #bind(link: SmppLink, pdu: Pdu, bind: Bind): void {
    const status = this.#bindStatus(link, pdu);
    link.answer(pdu, status, { system_id: this.#id });
    if (status !== STATUS.ok) return;
    this.#links.set(link, bind);
    if (bind !== 'transmitter') this.#queue.addReceiver(link);
  }

  #bindStatus(link: SmppLink, pdu: Pdu): number {
    if (this.#links.get(link)) return STATUS.alreadyBound;
    if (pdu.system_id !== this.#quirks.systemId) return STATUS.invalidSystemId;
    if (pdu.password !== this.#quirks.password) return STATUS.invalidPassword;
    const bound = [...this.#links.values()].filter((bind) => bind !== undefined).length;
    return bound >= this.#world.behaviour(this.#id).maxSessions ? STATUS.bindFailed : STATUS.ok;
  }

  #submit(link: SmppLink, pdu: Pdu): void {
    const bind = this.#links.get(link);
    const now = Date.now();
    const segment = bind && bind !== 'receiver' ? readSubmission(pdu, now) : STATUS.wrongBindState;
    if (typeof segment === 'number') {
      link.answer(pdu, segment);
      return;
    }
    this.#world.ledger.record(this.#entry('submitted', segment));
    const lots = drawLots(this.#world, this.#id, segment.from, segment.to, segment.text);
    const status = this.#refusal(segment, lots);
    if (status !== undefined) {
      this.#world.ledger.record({ ...this.#entry('refused', segment), code: statusCode(status) });
      after(lots.answerMs, () => link.answer(pdu, status));
    } else if (lots.loss === 'untaken') {
      link.cut();
    } else {
      this.#accept(link, pdu, segment, lots, now);
    }
  }

  #refusal(segment: SubmittedSegment, lots: Lots): number | undefined {
    const { throttleAbove } = this.#world.behaviour(this.#id);
    if (!this.#rate.take(throttleAbove) || lots.busy === 'throttled') return STATUS.throttled;
    if (lots.busy === 'queue-full') return STATUS.queueFull;
    if (lots.busy === 'system-error') return STATUS.systemError;
    if (!maySendFrom(this.#world, this.#id, segment.from, segment.to)) return STATUS.invalidSource;
    if (lots.refusal) return Number(lots.refusal.code ?? STATUS.submitFailed) || STATUS.submitFailed;
    return undefined;
  }

  #accept(link: SmppLink, pdu: Pdu, submitted: SubmittedSegment, lots: Lots, submittedAt: number): void {
    const { receiptWanted: receipt, validUntil } = submitted;
    const carrierMessageId = this.#ids.next();
    const segment: Segment = { ...submitted, carrier: this.#id, carrierMessageId, identity: lots.identity };
    this.#world.recordWhole('accepted', {
      ...this.#entry('accepted', submitted),
      carrierMessageId,
      attempt: attemptOf(lots.identity),
      receipt,
      validUntil: validUntil === undefined ? undefined : new Date(validUntil).toISOString(),
    });
    const answer = () => {
      if (lots.loss === 'before-answer') link.cut();
      else if (lots.loss !== 'no-answer') link.answer(pdu, STATUS.ok, { message_id: carrierMessageId });
      if (lots.loss === 'after-answer') link.close();
    };
    const overtaken = this.#transit.receiptOvertakesAnswer(segment);
    if (!overtaken) after(lots.answerMs, answer);
    this.#reports.follow(segment, receipt, submittedAt, () => {
      if (overtaken) setTimeout(answer, OVERTAKEN_BY_MS);
    });
  }

  /** Takes up what an earlier process had accepted and not brought to its end. */
  resume({ entry, fate }: Unfinished): void {
    const receipt = (entry.receipt ?? 0) as ReceiptWanted;
    const submittedAt = Date.parse(entry.at);
    const segment = segmentOf(entry);
    if (fate) this.#reports.report(segment, fate, receipt, { submittedAt, doneAt: Date.now() });
    else this.#reports.follow(segment, receipt, submittedAt, () => {});
  }

  #query(link: SmppLink, pdu: Pdu): void {
    const message = this.#reports.sent.get(String(pdu.message_id));
    if (message) link.answer(pdu, STATUS.ok, { message_id: String(pdu.message_id), ...message.answer() });
    else link.answer(pdu, STATUS.queryFailed);
  }

  #entry(event: 'submitted' | 'accepted' | 'refused', segment: SubmittedSegment): LedgerRecord {
    const { from, to, text, part, userMessageReference } = segment;
    return { event, carrier: this.#id, from, to, text, userMessageReference, part };
  }

  #enquire(): void {
    const silentSince = Date.now() - SILENCE_MS;
    for (const [link, bind] of this.#links) {
      if (link.heardAt < silentSince) link.cut();
      else if (bind) link.request('enquire_link', {}, () => {});
    }
  }

  #cutAll(): void {
    for (const link of this.#links.keys()) link.cut();
  }
}

function after(milliseconds: number, action: () => void): void {
  if (milliseconds <= 0) action();
  else setTimeout(action, milliseconds);
}
