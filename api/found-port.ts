import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import { Problem } from './problem.ts';

/** @throws Problem `unknown-port` */
export async function foundPort(ports: Pick<Store['ports'], 'find'>, id: string): Promise<PortDocument> {
  const found = await ports.find(id);
  if (!found) throw new Problem('unknown-port', 'Check the id; it is the one that POST /v1/ports answered.');
  return found;
}
