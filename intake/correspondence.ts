import type { Store } from '../store/store.ts';
import type { Engine } from './engine.ts';

/** Longer than a correspondence that lives takes to send what has become due. */
const overdueMs = 30_000;
const commentsAtATime = 200;

/** Has what nobody sends taken up: comments whose correspondence could not be started, or was lost with its engine. */
export async function sweepCorrespondence(
  { store, engine }: { readonly store: Pick<Store, 'comments'>; readonly engine: Pick<Engine, 'correspondence'> },
  now = new Date(),
): Promise<void> {
  const overdue = await store.comments.findDue(new Date(now.getTime() - overdueMs), commentsAtATime);
  for (const portId of new Set(overdue.map((each) => each.portId))) await engine.correspondence(portId);
}
