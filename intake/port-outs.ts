import type { PortOutEvent } from '../carriers/carrier.ts';
import type { Store } from '../store/store.ts';
import type { Engine } from './engine.ts';

/** Our id of a port-out: the carrier and its own id decide it, so that webhook and schedule mean the same one. */
export function portOutIdOf(store: Pick<Store, 'vault'>, carrier: string, carrierPortOutId: string): string {
  return store.vault.deriveId('pout', carrier, carrierPortOutId);
}

/** Starts or wakes the processes of port-outs: a webhook is a hint, the workflow reads the port-out. */
export async function takePortOutNews(
  news: readonly { id: string; carrier: string; event: PortOutEvent }[],
  { store, engine }: { store: Pick<Store, 'vault'>; engine: Engine },
): Promise<void> {
  for (const { id, carrier, event } of news) {
    const { carrierPortOutId } = event;
    const portOutId = portOutIdOf(store, carrier, carrierPortOutId);
    await engine.portOutNews({ portOutId, carrier, carrierPortOutId }, id);
  }
}
