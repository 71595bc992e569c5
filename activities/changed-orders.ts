import type { OrderSnapshot } from '../carriers/carrier.ts';
import type { OrderClient } from '../carriers/text-hosting.ts';
import { isFinalOrder } from '../domain/lifecycle/order.ts';
import type { Engine } from '../intake/engine.ts';
import type { Store } from '../store/store.ts';
import { inPortions } from './in-portions.ts';
import { isSameMoment } from './same-moment.ts';

const ordersAtATime = 100;

/**
 * Tells the ports whose order is not as it was last seen: another state, or another date or concurrence in the same state.
 * @param since RFC 3339 UTC
 * @returns how many were told
 */
export async function tellOfOrders(
  { store, engine }: { readonly store: Pick<Store, 'ports'>; readonly engine: Pick<Engine, 'carrierNews'> },
  carrier: string,
  client: OrderClient,
  since: string,
): Promise<number> {
  let told = 0;
  for await (const orders of inPortions(client.listChangedOrders(since), ordersAtATime)) {
    const seen = new Map<string, OrderSnapshot>(orders.map((order) => [order.carrierOrderId, order]));
    const ports = await store.ports.findByCarrierOrders(carrier, [...seen.keys()]);
    const behind = ports.filter((port) => {
      const order = seen.get(port.carrierOrderId ?? '');
      const isOther = port.carrierState !== order?.carrierState || !isSameMoment(port.focAt, order?.focAt);
      // A conflict arises, and is resolved, in one and the same state of the order.
      return isOther || (!isFinalOrder(port.status) && port.concurrence !== order?.concurrence);
    });
    await Promise.all(behind.map((port) => engine.carrierNews(port._id)));
    told += behind.length;
  }
  return told;
}
