import type Telnyx from 'telnyx';
import type { CarrierComment, OrderComments } from '../carrier.ts';
import { CarrierUnavailable } from '../errors.ts';
import { type Ask, asking } from './asking.ts';

const pageSize = 250;

/** Comments on porting orders. What its staff and its system write is the carrier's; all else is ours, also what was written in its portal. */
export class TelnyxComments implements OrderComments {
  readonly #carrier: string;
  readonly #client: Telnyx;
  readonly #ask: Ask;

  constructor(carrier: string, client: Telnyx) {
    this.#carrier = carrier;
    this.#client = client;
    this.#ask = asking(carrier);
  }

  async list(carrierOrderId: string): Promise<CarrierComment[]> {
    const comments = await this.#ask('list the comments', async () => {
      const all: CarrierComment[] = [];
      for await (const each of this.#client.portingOrders.comments.list(carrierOrderId, { 'page[size]': pageSize })) {
        all.push(commentOf(each));
      }
      return all;
    });
    return comments.sort((a, b) => a.at.localeCompare(b.at));
  }

  async add(carrierOrderId: string, text: string): Promise<CarrierComment> {
    const { data } = await this.#ask('take a comment', () =>
      this.#client.portingOrders.comments.create(carrierOrderId, { body: text }),
    );
    if (!data?.id)
      throw new CarrierUnavailable(`Carrier ${this.#carrier} answered without a comment; look into the list.`);
    return commentOf(data);
  }

  async listCommentedOrders(since: string): Promise<string[]> {
    return this.#ask('list the events', async () => {
      const orders = new Set<string>();
      const filter = { type: 'porting_order.new_comment' as const, created_at: { gte: since } };
      for await (const event of this.#client.porting.events.list({ filter, 'page[size]': pageSize })) {
        if (event.porting_order_id) orders.add(event.porting_order_id);
      }
      return [...orders];
    });
  }
}

function commentOf({ id, body, created_at, user_type }: Telnyx.PortingOrders.PortingOrdersComment): CarrierComment {
  const at = new Date(created_at ?? Number.NaN);
  return {
    id: id ?? '',
    text: body ?? '',
    at: (Number.isNaN(at.getTime()) ? new Date() : at).toISOString(),
    from: user_type === 'admin' || user_type === 'system' ? 'carrier' : 'us',
  };
}
