import { randomUUID } from 'node:crypto';
import type { BusinessNumber } from '../world/business-number.ts';
import { hash53 } from '../world/chance.ts';
import type { World } from '../world/world.ts';
import { TelnyxFailure, unprocessable } from './errors.ts';
import type { Order } from './order.ts';
import type { Webhooks } from './webhooks.ts';

/** `PortingEvent` of the SDK. */
export interface PortingEvent {
  readonly id: string;
  readonly record_type: 'porting_event';
  readonly event_type: string;
  readonly payload: unknown;
  readonly payload_status: 'created' | 'completed';
  readonly porting_order_id: string;
  readonly available_notification_methods: readonly ['webhook'];
  readonly created_at: string;
  readonly updated_at: string;
}

const E164 = /^\+[1-9]\d{6,14}$/;

/** All porting orders of our account, and the events about them. */
export class OrderBook {
  readonly #world: World;
  readonly #webhooks: Webhooks;
  readonly #orders = new Map<string, Order>();
  readonly #events: PortingEvent[];

  constructor(world: World, webhooks: Webhooks) {
    this.#world = world;
    this.#webhooks = webhooks;
    for (const order of world.state.keep('orders', () => [...this.#orders.values()]) ?? []) {
      // An older simulator's orders knew no documents.
      order.documents ??= { loa: null, invoice: null };
      order.additionalDocuments ??= [];
      this.#orders.set(order.id, order);
    }
    this.#events = world.state.keep('portingEvents', () => this.#events) ?? [];
  }

  all(): Order[] {
    return [...this.#orders.values()];
  }

  get(id: string): Order | undefined {
    return this.#orders.get(id);
  }

  events(): readonly PortingEvent[] {
    return this.#events;
  }

  save(): void {
    this.#world.state.save();
  }

  /** The order, if any, that is on its way to bring this number in and whose texts are not here yet. */
  incoming(phoneNumber: string): Order | undefined {
    for (const order of this.#orders.values()) {
      if (order.status === 'draft' || order.status === 'cancelled' || !order.enableMessaging) continue;
      if (order.numbers.some((number) => number.phoneNumber === phoneNumber && !number.smsMoved)) return order;
    }
    return undefined;
  }

  /**
   * Draft orders for these numbers: one for each losing carrier, country, type and FastPort eligibility.
   * @throws TelnyxFailure 422 for a malformed number, one that is here already or is on another open order
   */
  create(phoneNumbers: readonly string[], references: { customer?: string | null; group?: string | null }): Order[] {
    const groups = new Map<string, { numbers: (BusinessNumber | undefined)[]; phoneNumbers: string[] }>();
    phoneNumbers.forEach((phoneNumber, index) => {
      this.#check(phoneNumber, `/phone_numbers/${index}`);
      const number = this.#world.numbers.get(phoneNumber);
      const losing = this.#world.numbers.voiceCarrier(phoneNumber) ?? 'foreign';
      const key = [losing, number?.country, number?.type, number?.fastPortable].join(' ');
      const group = groups.get(key) ?? { numbers: [], phoneNumbers: [] };
      group.numbers.push(number);
      group.phoneNumbers.push(phoneNumber);
      groups.set(key, group);
    });
    const orders = [...groups.values()].map((group) => this.#draft(group.phoneNumbers, group.numbers, references));
    for (const order of orders) this.#orders.set(order.id, order);
    this.save();
    return orders;
  }

  remove(order: Order): void {
    this.#orders.delete(order.id);
    this.save();
    this.publish(order, 'porting_order.deleted', {
      id: order.id,
      customer_reference: order.customerReference,
      record_type: 'porting_order',
      created_at: order.createdAt,
      updated_at: order.updatedAt,
      deleted_at: new Date().toISOString(),
    });
  }

  /** Keeps an event and tells the world of it. */
  publish(order: Order, type: string, payload: unknown): void {
    const now = new Date().toISOString();
    const event: PortingEvent = {
      id: randomUUID(),
      record_type: 'porting_event',
      event_type: type,
      // A snapshot: the order goes on changing before its webhook is written.
      payload: structuredClone(payload),
      payload_status: 'created',
      porting_order_id: order.id,
      available_notification_methods: ['webhook'],
      created_at: now,
      updated_at: now,
    };
    this.#events.push(event);
    this.save();
    const turn = this.#events.filter(({ porting_order_id }) => porting_order_id === order.id).length;
    // The lot hangs on what a seed can repeat: the numbers and the turn, not the order's random id.
    const identity = `${order.numbers.map(({ phoneNumber }) => phoneNumber).join()} ${turn}`;
    void this.#webhooks.send({ type, payload: event.payload, url: order.webhookUrl, identity });
  }

  /** Sends an event's webhook again. */
  republish(event: PortingEvent): void {
    const url = this.#orders.get(event.porting_order_id)?.webhookUrl;
    void this.#webhooks.send({
      type: event.event_type,
      payload: event.payload,
      url,
      identity: event.id,
      mustArrive: true,
      urgent: true,
    });
  }

  #check(phoneNumber: string, pointer: string): void {
    if (!E164.test(phoneNumber)) {
      const detail = 'The specified phone number parameter must be in +E.164 format.';
      throw new TelnyxFailure(422, [
        { code: '10016', title: 'Phone number must be in +E.164 format', detail, source: { pointer } },
      ]);
    }
    if (this.#world.numbers.voiceCarrier(phoneNumber) === 'telnyx') {
      throw unprocessable('The phone number is already on a Telnyx account.', pointer);
    }
    const open = this.all().find(
      (order) =>
        order.status !== 'cancelled' &&
        order.status !== 'ported' &&
        order.numbers.some((number) => number.phoneNumber === phoneNumber),
    );
    if (open)
      throw unprocessable(`The phone number is on the porting order ${open.id}, which is ${open.status}.`, pointer);
  }

  #draft(
    phoneNumbers: readonly string[],
    numbers: readonly (BusinessNumber | undefined)[],
    references: { customer?: string | null; group?: string | null },
  ): Order {
    const [first] = numbers;
    const id = randomUUID();
    const now = new Date().toISOString();
    const messagingCapable = numbers.every((number) => number?.messagingCapable ?? false);
    return {
      id,
      createdAt: now,
      updatedAt: now,
      customerReference: references.customer ?? null,
      customerGroupReference: references.group ?? null,
      supportKey: `sr_${(hash53(id) % 0xff_ffff).toString(16).padStart(6, '0')}`,
      losing: this.#world.numbers.voiceCarrier(phoneNumbers[0] ?? '') ?? 'foreign',
      country: first?.country ?? '',
      type: first?.type ?? 'local',
      fastPort: numbers.every((number) => number?.fastPortable ?? false),
      messagingCapable,
      status: 'draft',
      details: [],
      numbers: phoneNumbers.map((phoneNumber) => ({ phoneNumber, activationStatus: 'New', smsMoved: false })),
      endUser: {},
      misc: null,
      phoneNumberConfiguration: {},
      enableMessaging: messagingCapable,
      messagingStatus: messagingCapable ? 'pending' : 'not_applicable',
      focRequested: null,
      focActual: null,
      webhookUrl: null,
      submissions: 0,
      comments: [],
      documents: { loa: null, invoice: null },
      additionalDocuments: [],
    };
  }
}
