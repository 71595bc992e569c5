import type Telnyx from 'telnyx';
import type { OrderSnapshot, PortabilityCheck, PortingClient, PortOrderRequest } from '../carrier.ts';
import { CarrierRefused, CarrierUnavailable } from '../errors.ts';
import { type Ask, asking, ourError } from './asking.ts';
import { TelnyxComments } from './comments.ts';
import { TelnyxDocuments } from './documents.ts';
import { toOrderUpdate } from './order-request.ts';
import { snapshotOf } from './order-snapshot.ts';

type Order = Telnyx.PortingOrder;

/** Largest page that the carrier gives. */
const pageSize = 250;
/** An order older than this changes no more; the list can't be filtered by change. */
const orderLifetimeMs = 180 * 24 * 3600 * 1000;

/** Orders at the gaining carrier, by its porting API. */
export class TelnyxPorting implements PortingClient {
  readonly #carrier: string;
  readonly #client: Telnyx;
  readonly #ask: Ask;
  readonly documents: TelnyxDocuments;
  readonly comments: TelnyxComments;

  constructor(carrier: string, client: Telnyx) {
    this.#carrier = carrier;
    this.#client = client;
    this.#ask = asking(carrier);
    this.documents = new TelnyxDocuments(carrier, client);
    this.comments = new TelnyxComments(carrier, client);
  }

  async checkPortability(phoneNumbers: readonly string[]): Promise<PortabilityCheck[]> {
    const { data } = await this.#ask('check portability', () =>
      this.#client.portabilityChecks.run({ phone_numbers: [...phoneNumbers] }),
    );
    // The answer of the API has `messaging_capable`, which the types of the client lack.
    const rows: readonly (NonNullable<typeof data>[number] & { messaging_capable?: boolean })[] = data ?? [];
    return rows.map((row) => ({
      phoneNumber: row.phone_number ?? '',
      portable: row.portable ?? false,
      ...(row.fast_portable !== undefined && { onDemand: row.fast_portable }),
      ...(row.messaging_capable !== undefined && { messagingCapable: row.messaging_capable }),
      ...(row.not_portable_reason && { reason: row.not_portable_reason }),
    }));
  }

  async submitOrder(
    request: PortOrderRequest,
    withDraft?: (carrierOrderId: string) => Promise<unknown>,
  ): Promise<OrderSnapshot> {
    if (request.messagingPlan === 'messaging-only') {
      throw new CarrierRefused(
        `Carrier ${this.#carrier} takes texts without voice by a hosted messaging order, not by a porting order.`,
        'messaging-only-not-supported',
      );
    }
    const order = (await this.#findOrder(request.reference)) ?? (await this.#createDraft(request));
    if (order.status?.value !== 'draft') return this.#snapshot(order);
    const id = idOf(order);
    await this.#ask('complete the order', () => this.#client.portingOrders.update(id, toOrderUpdate(request)));
    await withDraft?.(id);
    await this.#ask('submit the order', () => this.#client.portingOrders.actions.confirm(id));
    return this.readOrder(id);
  }

  async readOrder(carrierOrderId: string): Promise<OrderSnapshot> {
    const { data } = await this.#ask('read the order', () =>
      this.#client.portingOrders.retrieve(carrierOrderId, { include_phone_numbers: true }),
    );
    return this.#snapshot(this.#present(data));
  }

  async findOrder(reference: string): Promise<OrderSnapshot | undefined> {
    const order = await this.#findOrder(reference);
    return order && this.#snapshot(order);
  }

  async supplementOrder(carrierOrderId: string, request: PortOrderRequest): Promise<OrderSnapshot> {
    await this.#ask('correct the order', () =>
      this.#client.portingOrders.update(carrierOrderId, toOrderUpdate(request)),
    );
    return this.#resubmit(carrierOrderId);
  }

  async rescheduleOrder(carrierOrderId: string, requestedFocAt: string): Promise<OrderSnapshot> {
    await this.#ask('ask for another date', () =>
      this.#client.portingOrders.update(carrierOrderId, {
        activation_settings: { foc_datetime_requested: requestedFocAt },
      }),
    );
    return this.#resubmit(carrierOrderId);
  }

  /** An order in exception goes to the losing carrier again. */
  async #resubmit(carrierOrderId: string): Promise<OrderSnapshot> {
    const corrected = await this.readOrder(carrierOrderId);
    if (corrected.state !== 'exception' && corrected.state !== 'draft') return corrected;
    await this.#ask('submit the order again', () => this.#client.portingOrders.actions.confirm(carrierOrderId));
    return this.readOrder(carrierOrderId);
  }

  async cancelOrder(carrierOrderId: string): Promise<OrderSnapshot> {
    const current = await this.readOrder(carrierOrderId);
    if (current.state === 'cancelled' || current.state === 'cancel-pending') return current;
    await this.#ask('cancel the order', () => this.#client.portingOrders.actions.cancel(carrierOrderId));
    return this.readOrder(carrierOrderId);
  }

  async activateOrder(carrierOrderId: string): Promise<OrderSnapshot> {
    const current = await this.readOrder(carrierOrderId);
    if (current.numbers.every(({ voice }) => voice === 'activating' || voice === 'active')) return current;
    await this.#ask('activate the order', () => this.#client.portingOrders.actions.activate(carrierOrderId));
    return this.readOrder(carrierOrderId);
  }

  async *listChangedOrders(since: string): AsyncGenerator<OrderSnapshot> {
    const changedSince = Date.parse(since);
    const orders = this.#client.portingOrders.list({
      include_phone_numbers: true,
      sort: { value: '-created_at' },
      'page[size]': pageSize,
    });
    try {
      for await (const order of orders) {
        if (Date.parse(order.created_at ?? since) < changedSince - orderLifetimeMs) return;
        if (Date.parse(order.updated_at ?? since) >= changedSince) yield await this.#snapshot(order);
      }
    } catch (error) {
      throw ourError(error, this.#carrier, 'list the orders');
    }
  }

  /** A cancelled order gives way to a live one. */
  async #findOrder(reference: string): Promise<Order | undefined> {
    const { data } = await this.#ask('find the order', () =>
      this.#client.portingOrders.list({ filter: { customer_reference: reference }, include_phone_numbers: true }),
    );
    const ours = data.filter((order) => order.customer_reference === reference);
    const live = ours.filter((order) => order.status?.value !== 'cancelled');
    if (live.length > 1) await this.#refuseSplit(live);
    return live[0] ?? ours[0];
  }

  async #createDraft(request: PortOrderRequest): Promise<Order> {
    const { data } = await this.#ask('create the order', () =>
      this.#client.portingOrders.create({
        phone_numbers: [...request.phoneNumbers],
        customer_reference: request.reference,
      }),
    );
    const [order, ...others] = data ?? [];
    if (order && others.length > 0) await this.#refuseSplit([order, ...others]);
    return this.#present(order);
  }

  /** The carrier makes one draft of each (country, type, losing carrier); ours has only one of these, or was grouped wrongly. */
  async #refuseSplit(orders: readonly Order[]): Promise<never> {
    for (const order of orders) {
      if (order.status?.value !== 'draft') continue;
      await this.#ask('delete the draft', () => this.#client.portingOrders.delete(idOf(order)));
    }
    throw new CarrierRefused(
      `Carrier ${this.#carrier} splits these numbers into ${orders.length} orders; group them by country, type and losing carrier.`,
      'PORTING_ORDER_SPLIT_REQUIRED',
    );
  }

  async #snapshot(order: Order): Promise<OrderSnapshot> {
    const included = order.phone_numbers ?? [];
    if (included.length >= (order.porting_phone_numbers_count ?? 0)) return snapshotOf(order, included);
    const filter = { porting_order_id: idOf(order) } as Telnyx.PortingPhoneNumberListParams.Filter;
    return this.#ask('list the numbers of the order', async () => {
      const all = [];
      for await (const number of this.#client.portingPhoneNumbers.list({ filter, 'page[size]': pageSize })) {
        if (number.porting_order_id === order.id) all.push(number);
      }
      return snapshotOf(order, all);
    });
  }

  #present(order: Order | undefined): Order {
    if (order) return order;
    throw new CarrierUnavailable(`Carrier ${this.#carrier} answered without an order; try again later.`);
  }
}

function idOf(order: Order): string {
  return order.id ?? '';
}
