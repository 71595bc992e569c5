import type { OrderSnapshot, PortabilityCheck, PortingClient, PortOrderRequest } from '../../carriers/carrier.ts';

/** A carrier's orders in memory; each call can be made to fail. */
export class FakePorting implements PortingClient {
  readonly orders = new Map<string, OrderSnapshot>();
  readonly requests: PortOrderRequest[] = [];
  /** Thrown by every call while it is set. */
  failure: Error | undefined;
  /** Called before an order is made. */
  beforeSubmit: (request: PortOrderRequest) => Promise<void> = async () => undefined;
  check: (phoneNumber: string) => PortabilityCheck = (phoneNumber) => ({ phoneNumber, portable: true });
  /** What the last listing asked for. */
  listedSince: string | undefined;

  async checkPortability(phoneNumbers: readonly string[]): Promise<PortabilityCheck[]> {
    return this.#obey(() => phoneNumbers.map(this.check));
  }

  async submitOrder(
    request: PortOrderRequest,
    withDraft?: (carrierOrderId: string) => Promise<unknown>,
  ): Promise<OrderSnapshot> {
    await this.beforeSubmit(request);
    this.requests.push(request);
    const carrierOrderId = `order of ${request.reference}`;
    if (!this.failure) await withDraft?.(carrierOrderId);
    return this.#obey(() => this.put({ carrierOrderId }, request.phoneNumbers));
  }

  readOrder(carrierOrderId: string): Promise<OrderSnapshot> {
    return this.#obey(() => this.put({ carrierOrderId }));
  }

  findOrder(reference: string): Promise<OrderSnapshot | undefined> {
    return this.#obey(() => this.orders.get(`order of ${reference}`));
  }

  rescheduleOrder(carrierOrderId: string, requestedFocAt: string): Promise<OrderSnapshot> {
    return this.#obey(() => this.put({ carrierOrderId, focAt: requestedFocAt }));
  }

  supplementOrder(carrierOrderId: string, request: PortOrderRequest): Promise<OrderSnapshot> {
    this.requests.push(request);
    return this.#obey(() => this.put({ carrierOrderId }));
  }

  cancelOrder(carrierOrderId: string): Promise<OrderSnapshot> {
    return this.#obey(() => this.put({ carrierOrderId, state: 'cancel-pending', carrierState: 'cancel-pending' }));
  }

  activateOrder(carrierOrderId: string): Promise<OrderSnapshot> {
    return this.#obey(() => this.put({ carrierOrderId }));
  }

  async *listChangedOrders(since: string): AsyncGenerator<OrderSnapshot> {
    this.listedSince = since;
    if (this.failure) throw this.failure;
    yield* this.orders.values();
  }

  /** Makes an order, or changes one. */
  put(
    change: Partial<OrderSnapshot> & { carrierOrderId: string },
    phoneNumbers: readonly string[] = [],
  ): OrderSnapshot {
    const order: OrderSnapshot = {
      carrierState: 'submitted',
      state: 'submitted',
      numbers: phoneNumbers.map((phoneNumber) => ({ phoneNumber, voice: 'pending', messaging: 'pending' })),
      rejections: [],
      updatedAt: new Date().toISOString(),
      ...this.orders.get(change.carrierOrderId),
      ...change,
    };
    this.orders.set(order.carrierOrderId, order);
    return order;
  }

  async #obey<T>(act: () => T): Promise<T> {
    if (this.failure) throw this.failure;
    return act();
  }
}
