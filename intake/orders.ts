import type { OrderEvent } from '../carriers/carrier.ts';
import type { Store } from '../store/store.ts';
import type { Engine } from './engine.ts';

/**
 * Tells ports that their order may have changed: a webhook is a hint, the workflow reads the order, or its comments.
 * @returns the ids of the events whose order no port has (yet).
 */
export async function takeOrderNews(
  news: readonly { id: string; carrier: string; event: OrderEvent }[],
  deps: { store: Store; engine: Engine },
): Promise<string[]> {
  const unknown: string[] = [];
  for (const { id, carrier, event } of news) {
    const [port] = await deps.store.ports.findByCarrierOrders(carrier, [event.carrierOrderId]);
    if (!port) unknown.push(id);
    else if (event.about === 'comments') await deps.engine.correspondence(port._id);
    else await deps.engine.carrierNews(port._id, id);
  }
  return unknown;
}
