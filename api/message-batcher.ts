import type { Carrier } from '../carriers/carrier.ts';
import { gather } from '../store/gathering.ts';
import type { MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import { keyReused } from './idempotency.ts';
import { type AcceptedText, newMessages, senderRefusal } from './message-acceptance.ts';
import type { Problem } from './problem.ts';

/** Sealed texts are small; this many go into one insert. */
const textsPerInsert = 500;

interface Offered {
  readonly text: AcceptedText;
  /** Its id derives from an Idempotency-Key, so it may have been stored before. */
  readonly repeatable: boolean;
}

export interface Stored {
  readonly message: MessageDocument;
  /** It was stored by an earlier request with the same Idempotency-Key. */
  readonly repeated: boolean;
}

export type MessageBatcher = ReturnType<typeof createMessageBatcher>;

/**
 * Stores accepted texts: requests that arrive together share one look at their senders, one at their recipients' keys, and one
 * insert; a lone one goes at once.
 * The document is its own idempotency record (invariant 4).
 */
export function createMessageBatcher(
  store: Pick<Store, 'messages' | 'numbers' | 'subjectKeys' | 'vault'>,
  carriers: ReadonlyMap<string, Carrier>,
) {
  const submit = gather<Offered, Stored | Problem>(async (given) => {
    const texts = given.map(({ text }) => text);
    const [senders, messages] = await Promise.all([
      store.numbers.findMany(texts.map(({ fromKey }) => fromKey)),
      newMessages(texts, store),
    ]);
    const refusals = texts.map((text) => senderRefusal(text.request, senders.get(text.fromKey), carriers));
    const offered = messages.map((message, index) => ({ message, repeatable: given[index]?.repeatable ?? false }));
    const allowed = offered.filter((_, index) => !refusals[index]);
    const outcomes = await store.messages.insert(allowed.map(({ message }) => message));
    const stored = new Set(allowed.filter((_, index) => outcomes[index] === 'stored'));
    // The first request's answer stands, also when its sender would be refused now.
    const before = await findBefore(offered.filter((each) => each.repeatable && !stored.has(each)));
    return offered.map((each, index) => {
      if (stored.has(each)) return { message: each.message, repeated: false };
      const first = before.get(each.message._id);
      if (first)
        return first.requestHash === each.message.requestHash ? { message: first, repeated: true } : keyReused();
      return refusals[index] ?? keyReused();
    });
  }, textsPerInsert);

  async function findBefore(
    repeated: readonly { readonly message: MessageDocument }[],
  ): Promise<Map<string, MessageDocument>> {
    if (repeated.length === 0) return new Map();
    const found = await store.messages.findMany(repeated.map(({ message }) => message._id));
    return new Map(found.map((message) => [message._id, message]));
  }

  /** Stores one text. @throws Problem when its sender may not be used, or its Idempotency-Key was used for another text. */
  return async (offered: Offered): Promise<Stored> => {
    const outcome = await submit(offered);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
}
