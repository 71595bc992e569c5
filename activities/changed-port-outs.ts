import type { PortOutClient } from '../carriers/carrier.ts';
import type { Engine } from '../intake/engine.ts';
import { portOutIdOf } from '../intake/port-outs.ts';
import type { Store } from '../store/store.ts';
import { inPortions } from './in-portions.ts';
import { isSameMoment } from './same-moment.ts';

const portOutsAtATime = 100;

/**
 * Starts or wakes the processes of port-outs that are not as they were last seen, or were never seen.
 * @param since RFC 3339 UTC
 * @returns how many
 */
export async function tellOfPortOuts(
  {
    store,
    engine,
  }: { readonly store: Pick<Store, 'portOuts' | 'vault'>; readonly engine: Pick<Engine, 'portOutNews'> },
  carrier: string,
  client: PortOutClient,
  since: string,
): Promise<number> {
  let told = 0;
  for await (const snapshots of inPortions(client.listChangedPortOuts(since), portOutsAtATime)) {
    const listed = snapshots.map((snapshot) => ({
      snapshot,
      portOutId: portOutIdOf(store, carrier, snapshot.carrierPortOutId),
    }));
    const found = await store.portOuts.findMany(listed.map(({ portOutId }) => portOutId));
    const known = new Map(found.map((portOut) => [portOut._id, portOut]));
    const behind = listed.filter(({ snapshot, portOutId }) => {
      const portOut = known.get(portOutId);
      return portOut?.carrierState !== snapshot.carrierState || !isSameMoment(portOut.focAt, snapshot.focAt);
    });
    for (const { snapshot, portOutId } of behind) {
      await engine.portOutNews({ portOutId, carrier, carrierPortOutId: snapshot.carrierPortOutId });
    }
    told += behind.length;
  }
  return told;
}
