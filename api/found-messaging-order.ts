import type { Store } from '../store/store.ts';
import { Problem } from './problem.ts';
import type { MessagingOrderDocument } from './views/messaging-order-view.ts';

/** Where orders for texts alone are. */
export interface FoundMessagingOrderStore {
  readonly ports: Pick<Store['ports'], 'find'>;
  readonly textRemovals: Pick<Store['textRemovals'], 'find'>;
}

/** @throws Problem `unknown-order` */
export async function foundMessagingOrder(
  { ports, textRemovals }: FoundMessagingOrderStore,
  id: string,
): Promise<MessagingOrderDocument> {
  const port = await ports.find(id);
  if (port?.messagingPlan === 'messaging-only') return { action: 'enable', port };
  const removal = await textRemovals.find(id);
  if (removal) return { action: 'remove', removal };
  throw new Problem('unknown-order', 'Check the id; it is the one that POST /v1/messaging-orders answered.');
}
