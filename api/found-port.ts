import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import { Problem } from './problem.ts';

/** Where ports are, and plans, which have ids of the same look. */
export interface FoundPortStore {
  readonly ports: Pick<Store['ports'], 'find'>;
  readonly portPlans: Pick<Store['portPlans'], 'find'>;
}

/** @throws Problem `unknown-port`, also when it is the id of a plan: what is asked for only its orders have */
export async function foundPort({ ports, portPlans }: FoundPortStore, id: string): Promise<PortDocument> {
  const found = await ports.find(id);
  if (found) return found;
  if (await portPlans.find(id)) throw new Problem('unknown-port', 'This is a plan: name one of its orders.');
  throw new Problem('unknown-port', 'Check the id; it is the one that POST /v1/ports answered.');
}
