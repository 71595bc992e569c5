import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../adapter.ts';
import type { Allotment } from '../allotment.ts';
import type { Carrier, CarrierEvent, CarrierSettings, EventSink } from '../carrier.ts';
import { givenUp } from '../given-up.ts';
import { Room } from '../room.ts';
import { settingsOf } from '../settings.ts';
import { throttlePauseMs } from './answer.ts';
import type { SmppConfig } from './config.ts';
import type { BindKind } from './connection.ts';
import { Deliveries } from './deliveries.ts';
import type { DeliveryPdu } from './delivery-pdu.ts';
import { EventReader } from './events.ts';
import { SmppInquiry } from './inquiry.ts';
import { type DeliverySession, Link } from './link.ts';
import { SmppMessaging } from './messaging.ts';
import { RedeliveryMemory } from './redelivery.ts';

/** One slot of a carrier: a bind, or one for each direction. */
interface Session {
  readonly transmitter: Link;
  readonly receiver?: Link;
}

function linksOf({ transmitter, receiver }: Session): Link[] {
  return receiver ? [transmitter, receiver] : [transmitter];
}

/** A carrier over SMPP 3.4: its sessions, the texts to it, and what it delivers. */
export class SmppCarrier implements Carrier {
  readonly settings: CarrierSettings;
  readonly messaging: SmppMessaging;
  readonly inquiry: SmppInquiry;
  readonly #config: SmppConfig;
  readonly #logger: Logger;
  readonly #room: Room<Link>;
  readonly #reader: EventReader;
  /** The sessions that are kept, one for each slot that is held. */
  #sessions: Session[] = [];
  /** Sessions that are given up: they wait for their last answers. */
  readonly #leaving = new Set<Session>();
  #held: number;
  #open: ((index: number) => Session) | undefined;
  #deliveries: Deliveries | undefined;

  constructor(config: SmppConfig, logger: Logger) {
    this.settings = settingsOf(config, { codes: 'smpp', partIds: 'each' });
    this.#config = config;
    this.#logger = logger;
    this.#reader = new EventReader(config);
    this.#held = config.sessions;
    this.#room = new Room(config.id, config.segmentsPerSecond, () => this.#transmitters());
    this.messaging = new SmppMessaging(config, this.#room);
    this.inquiry = new SmppInquiry(config, () => this.#transmitters());
  }

  connect(sink: EventSink): void {
    if (this.#deliveries) throw new Error(`Carrier ${this.#config.id} is connected already; close it first.`);
    const deliveries = new Deliveries(this.#config.id, sink, this.#logger);
    this.#deliveries = deliveries;
    const memory = new RedeliveryMemory();
    const owner = {
      changed: () => this.#room.changed(),
      throttled: () => this.#room.pause(throttlePauseMs),
      delivered: (pdu: DeliveryPdu, session: DeliverySession) => this.#delivered(pdu, session, deliveries),
      settled: (eventIds: readonly string[]) => deliveries.settled(eventIds),
    };
    const link = (kind: BindKind, index: number) => new Link(this.#config, kind, index, owner, memory, this.#logger);
    const apart = this.#config.bind === 'transmitter+receiver';
    this.#open = (index) => ({
      transmitter: link(apart ? 'transmitter' : 'transceiver', index),
      ...(apart && { receiver: link('receiver', index) }),
    });
    this.#openSessions();
  }

  get slots(): number {
    return this.#config.sessions;
  }

  get share(): number {
    return this.#held / this.slots;
  }

  async allot({ slots, until }: Allotment): Promise<void> {
    this.#held = Math.min(slots, this.slots);
    const leaving = this.#sessions.splice(this.#held);
    for (const session of leaving) this.#leaving.add(session);
    this.#room.allot(this.share, until);
    this.#openSessions();
    if (leaving.length === 0) return;
    const unbound = async (session: Session) => {
      await givenUp(this.#room, until, () => this.#room.isIdle(session.transmitter));
      await Promise.all(linksOf(session).map((link) => link.stop()));
    };
    await Promise.all(leaving.map(unbound));
    for (const session of leaving) this.#leaving.delete(session);
  }

  isConnected(): boolean {
    return this.#transmitters().some((link) => link.isOpen);
  }

  async close(graceMs: number): Promise<void> {
    this.#room.close();
    const deadline = Date.now() + graceMs;
    this.#open = undefined;
    const links = () => [...this.#sessions, ...this.#leaving].flatMap(linksOf);
    const unanswered = () => links().some((link) => link.unanswered > 0);
    while (unanswered() && Date.now() < deadline) await delay(Math.min(20, graceMs));
    const idle = () =>
      Promise.race([this.#deliveries?.idle(), delay(Math.max(0, deadline - Date.now()), undefined, { ref: false })]);
    await idle();
    await Promise.all(links().map((link) => link.stop()));
    // The answers to the last requests have settled what came last.
    await idle();
  }

  #openSessions(): void {
    while (this.#open && this.#sessions.length < this.#held) {
      const session = this.#open(this.#sessions.length);
      this.#sessions.push(session);
      for (const link of linksOf(session)) link.start();
    }
  }

  #transmitters(): Link[] {
    return this.#sessions.map(({ transmitter }) => transmitter);
  }

  /** Answered only when the sink has it (invariant 3): stored → OK, not stored → the carrier sends again. */
  #delivered(pdu: DeliveryPdu, session: DeliverySession, deliveries: Deliveries): void {
    const answer = (stored: boolean, knownAs?: string) => {
      if (knownAs !== undefined) session.deliveries.knownAs(pdu.sequence, knownAs);
      session.answer(pdu.sequence, stored);
    };
    let event: CarrierEvent;
    try {
      event = this.#reader.read(pdu, session.deliveries);
    } catch (error) {
      // Ours is the defect: the carrier keeps the PDU until it is repaired, and the session goes on.
      const name = error instanceof Error ? error.name : typeof error;
      this.#logger.error(
        { carrier: this.#config.id, error: name },
        'A deliver_sm could not be read; it is refused for now',
      );
      answer(false);
      return;
    }
    deliveries.add({ event, answer });
  }
}
