import type { Carrier, OrderSnapshot, PortOutClient, PortOutSnapshot } from '../carriers/carrier.ts';
import type { OrderClient } from '../carriers/text-hosting.ts';
import { isFinalOrder } from '../domain/lifecycle/order.ts';
import type { Engine } from '../intake/engine.ts';
import { portOutIdOf } from '../intake/port-outs.ts';
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

  /** Tells the ports whose order is not as it was last seen: another state, or another date or concurrence in the same state. */
  async function tell(carrier: string, seen: ReadonlyMap<string, OrderSnapshot>): Promise<number> {
    const ports = await store.ports.findByCarrierOrders(carrier, [...seen.keys()]);
    const behind = ports.filter((port) => {
      const order = seen.get(port.carrierOrderId ?? '');
      const isOther = port.carrierState !== order?.carrierState || instant(port.focAt) !== instant(order?.focAt);
      // A conflict arises, and is resolved, in one and the same state of the order.
      return isOther || (!isFinalOrder(port.status) && port.concurrence !== order?.concurrence);
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

  async function syncOrders(carrier: string, client: OrderClient, since: string): Promise<number> {
    let told = 0;
    let seen = new Map<string, OrderSnapshot>();
    for await (const order of client.listChangedOrders(since)) {
      seen.set(order.carrierOrderId, order);
      if (seen.size < ordersAtATime) continue;
      told += await tell(carrier, seen);
      seen = new Map();
    }
    return told + (await tell(carrier, seen));
  }

  /** Starts or wakes the processes of port-outs that are not as they were last seen, or were never seen. */
  async function tellPortOuts(carrier: string, seen: readonly PortOutSnapshot[]): Promise<number> {
    const listed = seen.map((snapshot) => ({
      snapshot,
      portOutId: portOutIdOf(store, carrier, snapshot.carrierPortOutId),
    }));
    const found = await store.portOuts.findMany(listed.map(({ portOutId }) => portOutId));
    const known = new Map(found.map((portOut) => [portOut._id, portOut]));
    const behind = listed.filter(({ snapshot, portOutId }) => {
      const portOut = known.get(portOutId);
      return portOut?.carrierState !== snapshot.carrierState || instant(portOut.focAt) !== instant(snapshot.focAt);
    });
    for (const { snapshot, portOutId } of behind) {
      await engine.portOutNews({ portOutId, carrier, carrierPortOutId: snapshot.carrierPortOutId });
    }
    return behind.length;
  }

  async function syncPortOuts(carrier: string, portOuts: PortOutClient, since: string): Promise<number> {
    let told = 0;
    let seen: PortOutSnapshot[] = [];
    for await (const portOut of portOuts.listChangedPortOuts(since)) {
      seen.push(portOut);
      if (seen.length < ordersAtATime) continue;
      told += await tellPortOuts(carrier, seen);
      seen = [];
    }
    return told + (await tellPortOuts(carrier, seen));
  }

  return {
    async syncCarrier({ carrier }) {
      const { porting, hosting, portOuts } = deps.carriers.get(carrier) ?? {};
      if (!porting && !hosting && !portOuts) return 0;
      const startedAt = new Date();
      const before = (await store.carrierSyncs.listedUntil(carrier)) ?? new Date(startedAt.getTime() - firstLookBackMs);
      const since = new Date(before.getTime() - overlapMs).toISOString();
      const orders = porting ? await syncOrders(carrier, porting, since) : 0;
      const textsAlone = hosting ? await syncOrders(carrier, hosting, since) : 0;
      const requests = portOuts ? await syncPortOuts(carrier, portOuts, since) : 0;
      await store.carrierSyncs.save(carrier, startedAt);
      const client = deps.carriers.get(carrier);
      if (client) {
        await tellOfComments(client);
        await documents.review(client, documentsAtATime);
      }
      return orders + textsAlone + requests;
    },
  };
}

/** Carriers write the same moment in several ways. @param at RFC 3339 */
function instant(at: string | undefined): number | undefined {
  return at === undefined ? undefined : Date.parse(at);
}
