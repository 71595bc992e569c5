import type { Carrier } from '../carriers/carrier.ts';
import type { Engine } from '../intake/engine.ts';
import type { Store } from '../store/store.ts';
import type { CarrierSyncActivities } from './interfaces.ts';

/** A pass lists a little more than what changed since the last one: clocks differ, and being told twice is harmless. */
const overlapMs = 60_000;
/** The first pass looks back this far. */
const firstLookBackMs = 24 * 3600_000;
const ordersAtATime = 100;

export function createCarrierSyncActivities(deps: {
  store: Store;
  engine: Engine;
  carriers: ReadonlyMap<string, Carrier>;
}): CarrierSyncActivities {
  const { store, engine } = deps;

  /** Tells the ports whose order is not as it was last seen. */
  async function tell(carrier: string, seen: ReadonlyMap<string, string>): Promise<number> {
    const ports = await store.ports.findByCarrierOrders(carrier, [...seen.keys()]);
    const behind = ports.filter((port) => port.carrierState !== seen.get(port.carrierOrderId ?? ''));
    await Promise.all(behind.map((port) => engine.carrierNews(port._id)));
    return behind.length;
  }

  return {
    async syncCarrier({ carrier }) {
      const porting = deps.carriers.get(carrier)?.porting;
      if (!porting) return 0;
      const startedAt = new Date();
      const since = (await store.carrierSyncs.listedUntil(carrier)) ?? new Date(startedAt.getTime() - firstLookBackMs);
      let told = 0;
      let seen = new Map<string, string>();
      for await (const order of porting.listChangedOrders(new Date(since.getTime() - overlapMs).toISOString())) {
        seen.set(order.carrierOrderId, order.carrierState);
        if (seen.size < ordersAtATime) continue;
        told += await tell(carrier, seen);
        seen = new Map();
      }
      told += await tell(carrier, seen);
      await store.carrierSyncs.save(carrier, startedAt);
      return told;
    },
  };
}
