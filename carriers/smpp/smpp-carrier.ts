import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../adapter.ts';
import type { Carrier, CarrierEvent, CarrierSettings, EventSink } from '../carrier.ts';
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

/** A carrier over SMPP 3.4: its sessions, the texts to it, and what it delivers. */
export class SmppCarrier implements Carrier {
  readonly settings: CarrierSettings;
  readonly messaging: SmppMessaging;
  readonly inquiry: SmppInquiry;
  readonly #config: SmppConfig;
  readonly #logger: Logger;
  readonly #room: Room<Link>;
  readonly #reader: EventReader;
  readonly #transmitters: Link[] = [];
  readonly #receivers: Link[] = [];
  #deliveries: Deliveries | undefined;

  constructor(config: SmppConfig, logger: Logger) {
    this.settings = settingsOf(config, { codes: 'smpp', partIds: 'each' });
    this.#config = config;
    this.#logger = logger;
    this.#reader = new EventReader(config);
    this.#room = new Room(config.id, config.segmentsPerSecond, () => this.#transmitters);
    this.messaging = new SmppMessaging(config, this.#room);
    this.inquiry = new SmppInquiry(config, () => this.#transmitters);
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
    };
    const link = (kind: BindKind, index: number) => new Link(this.#config, kind, index, owner, memory, this.#logger);
    const apart = this.#config.bind === 'transmitter+receiver';
    for (let index = 0; index < this.#config.sessions; index++) {
      this.#transmitters.push(link(apart ? 'transmitter' : 'transceiver', index));
      if (apart) this.#receivers.push(link('receiver', index));
    }
    for (const each of this.#links()) each.start();
  }

  isConnected(): boolean {
    return this.#transmitters.some((link) => link.isOpen);
  }

  async close(graceMs: number): Promise<void> {
    this.#room.close();
    const deadline = Date.now() + graceMs;
    const unanswered = () => this.#transmitters.some((link) => link.unanswered > 0);
    while (unanswered() && Date.now() < deadline) await delay(Math.min(20, graceMs));
    const left = Math.max(0, deadline - Date.now());
    await Promise.race([this.#deliveries?.idle(), delay(left, undefined, { ref: false })]);
    await Promise.all(this.#links().map((link) => link.stop()));
  }

  #links(): Link[] {
    return [...this.#transmitters, ...this.#receivers];
  }

  /** Answered only when the sink has it (invariant 3): stored → OK, not stored → the carrier sends again. */
  #delivered(pdu: DeliveryPdu, session: DeliverySession, deliveries: Deliveries): void {
    const answer = (stored: boolean) => session.answer(pdu.sequence, stored);
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
