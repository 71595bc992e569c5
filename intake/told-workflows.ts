import { isFinal } from '../domain/message.ts';
import type { MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import type { Engine } from './engine.ts';

/**
 * Tells the workflows of texts what has become of them. Write first, look second (invariant 6): that all of a workflow's texts are final
 * is looked up after the change is stored. One signal per bulk that holds failures to act on, none for news that need no act.
 */
export async function tellWorkflows(
  changed: readonly MessageDocument[],
  { messages }: Pick<Store, 'messages'>,
  engine: Pick<Engine, 'failures' | 'settled'>,
): Promise<void> {
  const workflowsOf = (wanted: (message: MessageDocument) => boolean) =>
    new Set(changed.filter(wanted).flatMap((message) => message.workflowId ?? []));
  const failing = workflowsOf((message) => message.status === 'retrying');
  const ending = [...workflowsOf((message) => isFinal(message.status))].filter((id) => !failing.has(id));
  const open = ending.length > 0 ? await messages.haveOpen(ending) : new Set<string>();
  await Promise.all([
    ...[...failing].map((workflowId) => engine.failures(workflowId)),
    ...ending.filter((workflowId) => !open.has(workflowId)).map((workflowId) => engine.settled(workflowId)),
  ]);
}
