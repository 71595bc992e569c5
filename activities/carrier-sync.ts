import type { Carrier, OrderSnapshot } from '../carriers/carrier.ts';
import type { Engine } from '../intake/engine.ts';
import type { Store } from '../store/store.ts';
import { createDocumentHandOver } from './document-hand-over.ts';
import type { CarrierSyncActivities } from './interfaces.ts';

/** A pass lists a little more than what changed since the last one: clocks differ, and being told twice is harmless. */
const overlapMs = 60_000;
/** The first pass looks back this far. */
const firstLookBackMs = 24 * 3600_000;
const ordersAtATime = 100;
/** A pass asks a carrier about so many documents at most. */
const documentsAtATime = 50;

export function createCarrierSyncActivities(deps: {
  store: Store;
  engine: Engine;
  carriers: ReadonlyMap<string, Carrier>;
}): CarrierSyncActivities {
  const { store, engine } = deps;
  const documents = createDocumentHandOver(store);

  /** Tells the ports whose order is not as it was last seen: another state, or another date in the same state. */
  async function tell(carrier: string, seen: ReadonlyMap<string, OrderSnapshot>): Promise<number> {
    const ports = await store.ports.findByCarrierOrders(carrier, [...seen.keys()]);
    const behind = ports.filter((port) => {
      const order = seen.get(port.carrierOrderId ?? '');
      return port.carrierState !== order?.carrierState || instant(port.focAt) !== instant(order?.focAt);
    });
    await Promise.all(behind.map((port) => engine.carrierNews(port._id)));
    return behind.length;
  }

  /** Tells the ports whose order got comments since the last pass. */
  async function tellOfComments(carrier: Carrier): Promise<void> {
    const comments = carrier.porting?.comments;
    if (!comments) return;
    const { id } = carrier.settings;
    const startedAt = new Date();
    const pass = `${id}/comments`;
    const since = (await store.carrierSyncs.listedUntil(pass)) ?? new Date(startedAt.getTime() - firstLookBackMs);
    const orders = await comments.listCommentedOrders(new Date(since.getTime() - overlapMs).toISOString());
    const ports = await store.ports.findByCarrierOrders(id, orders);
    await Promise.all(ports.map((port) => engine.correspondence(port._id)));
    await store.carrierSyncs.save(pass, startedAt);
  }

  return {
    async syncCarrier({ carrier }) {
      const porting = deps.carriers.get(carrier)?.porting;
      if (!porting) return 0;
      const startedAt = new Date();
      const since = (await store.carrierSyncs.listedUntil(carrier)) ?? new Date(startedAt.getTime() - firstLookBackMs);
      let told = 0;
      let seen = new Map<string, OrderSnapshot>();
      for await (const order of porting.listChangedOrders(new Date(since.getTime() - overlapMs).toISOString())) {
        seen.set(order.carrierOrderId, order);
        if (seen.size < ordersAtATime) continue;
        told += await tell(carrier, seen);
        seen = new Map();
      }
      told += await tell(carrier, seen);
      await store.carrierSyncs.save(carrier, startedAt);
      const client = deps.carriers.get(carrier);
      if (client) {
        await tellOfComments(client);
        await documents.review(client, documentsAtATime);
      }
      return told;
    },
  };
}

/** Carriers write the same moment in several ways. @param at RFC 3339 */
function instant(at: string | undefined): number | undefined {
  return at === undefined ? undefined : Date.parse(at);
}
