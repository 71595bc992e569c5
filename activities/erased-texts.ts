import { type MessageDocument, stoppable } from '../store/messages.ts';
import type { Store } from '../store/store.ts';

/** Why a text is refused whose recipient has been erased. */
export const recipientErased = 'recipient-erased';

/**
 * Has the keys of these texts' recipients in memory, so that they can be opened, and refuses those whose recipient has been erased:
 * nobody can read them any more, and they must not stay on the way. One find for a bulk, none when the keys were read lately.
 * @returns the texts that can be read
 */
export async function withoutErased(
  messages: readonly MessageDocument[],
  { messages: texts, subjectKeys, vault }: Pick<Store, 'messages' | 'subjectKeys' | 'vault'>,
): Promise<MessageDocument[]> {
  await subjectKeys.loadFor(messages.map((message) => message.text));
  const erased = messages.filter(({ text }) => vault.isErased(text));
  if (erased.length === 0) return [...messages];
  const refused = refusedAsErased(new Date());
  await texts.change(
    erased.map((message) => message._id),
    ({ status }) => (stoppable.includes(status) ? refused : undefined),
    erased,
  );
  return messages.filter((message) => !erased.includes(message));
}

/** What becomes of a text whose recipient has been erased, and which no carrier has yet. */
export function refusedAsErased(at: Date) {
  return {
    status: 'refused',
    failure: { code: recipientErased, class: 'refused', at },
    finalAt: at,
    retryAt: undefined,
    hold: undefined,
  } as const;
}
