import type { MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';

type Told = Pick<Store, 'timeline' | 'numbers'>;

/** A number of ours that a carrier takes no texts from, as a failed text shows. */
interface Refusal {
  readonly senderKey: string;
  readonly carrier: string;
  readonly code: string;
  readonly carrierCode: string | undefined;
  readonly at: Date;
}

/** What this process has told already: a campaign fails by thousands. */
const told = new WeakMap<Told['timeline'], Set<string>>();
const mostRemembered = 10_000;

/**
 * Tells the owner of a number that a carrier refuses it as a sender: nothing in its texts or recipients mends that. Once a day for each number,
 * carrier and code, by the timeline of the number's last port or of the number itself; safe to repeat. That a number on the move is refused is no
 * news: its texts are tried elsewhere and have not failed.
 */
export async function tellSenderRefusals(failing: readonly MessageDocument[], store: Told): Promise<void> {
  const known = told.get(store.timeline) ?? new Set();
  told.set(store.timeline, known);
  const fresh = new Map<string, Refusal>();
  for (const refusal of failing.flatMap((message) => refusalOf(message) ?? [])) {
    const id = idOf(refusal);
    if (!known.has(id)) fresh.set(id, refusal);
  }
  if (fresh.size === 0) return;
  const numbers = await store.numbers.findMany([...fresh.values()].map(({ senderKey }) => senderKey));
  for (const [id, { senderKey, carrier, code, carrierCode, at }] of fresh) {
    const number = numbers.get(senderKey);
    if (number?.own) {
      const raw = carrierCode === undefined ? '' : ` (its code ${carrierCode})`;
      await store.timeline.append(number.history.at(-1)?.portId ?? number._id, id, 0, [
        {
          at: at.toISOString(),
          actor: 'carrier',
          by: { carrier },
          type: 'number.sender-refused',
          detail: `${carrier} takes no texts from the number: ${code}${raw}.`,
          numberKey: number._id,
        },
      ]);
    }
    if (known.size >= mostRemembered) known.clear();
    known.add(id);
  }
}

function refusalOf({ status, failure, fromKey, route, attempts }: MessageDocument): Refusal | undefined {
  const attempt = attempts.at(-1);
  if (status !== 'failed' || failure?.class !== 'sender-fault' || !attempt) return undefined;
  // What is wrong with the request is told by its text.
  if (attempt.failure?.fault !== 'sender') return undefined;
  const { code, carrierCode, at } = failure;
  return { senderKey: route?.sender.key ?? fromKey, carrier: attempt.carrier, code, carrierCode, at };
}

function idOf({ senderKey, carrier, code, at }: Refusal): string {
  return `number.sender-refused/${senderKey}/${carrier}/${code}-${at.toISOString().slice(0, 10)}`;
}
