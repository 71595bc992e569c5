import type { Carrier } from '../carriers/carrier.ts';
import type { Engine } from '../intake/engine.ts';
import type { Store } from '../store/store.ts';
import { tellOfOrders } from './changed-orders.ts';
import { tellOfPortOuts } from './changed-port-outs.ts';
import { createDocumentHandOver } from './document-hand-over.ts';
import type { CarrierSyncActivities } from './interfaces.ts';

/** A pass lists a little more than what changed since the last one: clocks differ, and being told twice is harmless. */
const overlapMs = 60_000;
/** The first pass looks back this far. */
const firstLookBackMs = 24 * 3600_000;
/** A pass asks a carrier about so many documents at most. */
const documentsAtATime = 50;

/** One pass over a carrier: its orders, the port-outs that it reports, comments on its orders, its word on documents. */
export function createCarrierSyncActivities(deps: {
  store: Store;
  engine: Engine;
  carriers: ReadonlyMap<string, Carrier>;
}): CarrierSyncActivities {
  const { store, engine } = deps;
  const documents = createDocumentHandOver(store);

  /**
   * Lists what changed since the last pass of this name, which is over when it has not failed.
   * @param list gets the moment since when, RFC 3339 UTC
   */
  async function sinceLast<T>(pass: string, list: (since: string) => Promise<T>): Promise<T> {
    const startedAt = new Date();
    const until = (await store.carrierSyncs.listedUntil(pass)) ?? new Date(startedAt.getTime() - firstLookBackMs);
    const listed = await list(new Date(until.getTime() - overlapMs).toISOString());
    await store.carrierSyncs.save(pass, startedAt);
    return listed;
  }

  /** Tells the ports whose order got comments. */
  async function tellOfComments({ settings: { id }, porting }: Carrier): Promise<void> {
    const comments = porting?.comments;
    if (!comments) return;
    await sinceLast(`${id}/comments`, async (since) => {
      const ports = await store.ports.findByCarrierOrders(id, await comments.listCommentedOrders(since));
      await Promise.all(ports.map((port) => engine.correspondence(port._id)));
    });
  }

  return {
    async syncCarrier({ carrier: id }) {
      const carrier = deps.carriers.get(id);
      const { porting, hosting, portOuts } = carrier ?? {};
      if (!carrier || (!porting && !hosting && !portOuts)) return 0;
      const told = await sinceLast(id, async (since) => {
        const orders = porting ? await tellOfOrders(deps, id, porting, since) : 0;
        const textsAlone = hosting ? await tellOfOrders(deps, id, hosting, since) : 0;
        const requests = portOuts ? await tellOfPortOuts(deps, id, portOuts, since) : 0;
        return orders + textsAlone + requests;
      });
      await tellOfComments(carrier);
      await documents.review(carrier, documentsAtATime);
      return told;
    },
  };
}
