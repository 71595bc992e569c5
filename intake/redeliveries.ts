import type { CarrierEvent } from '../carriers/carrier.ts';
import type { CarrierEventDocument } from '../store/carrier-events.ts';
import type { Store } from '../store/store.ts';

/** A process that lives knows within this time that the carrier has heard it (an answer to its next request), or has lost the session. */
const settledWithinMs = 30_000;
/** What was never settled comes again soon, or never: later an equal text is one that a person has written once more. */
const outstandingMs = 120_000;

type Unsettled = NonNullable<CarrierEventDocument['unsettled']>;

/**
 * Tells inbound texts that come again because the carrier doesn't know that another process has stored them: over SMPP they have no id, and
 * the process that had named them was killed before it could answer, or lost its session. What every process still has to settle stands
 * with what it stored; an equal text on a session of another process takes the place of one of those that were left behind.
 */
export interface Redeliveries {
  /** What is to be stored with a text until it is settled; nothing where the carrier gives ids. */
  noteOf(carrier: string, event: CarrierEvent, now: Date): Pick<CarrierEventDocument, 'unsettled'>;
  /**
   * @returns the ids under which texts were stored before, by the event ids that they come with now
   * @throws Error when one may be a repetition and it will be known soon: the carrier has to send all again
   */
  knownBefore(carrier: string, events: readonly CarrierEvent[], now: Date): Promise<Map<string, string>>;
}

/** @param owner names this process, as the slots of carriers do */
export function createRedeliveries(deps: {
  readonly store: Pick<Store, 'carrierEvents' | 'vault'>;
  readonly owner: string;
}): Redeliveries {
  const { store, owner } = deps;
  const fingerprint = (carrier: string, content: string) => store.vault.fingerprint('delivery', carrier, content);

  return {
    noteOf(carrier, event, now) {
      const content = contentOf(event);
      if (content === undefined) return {};
      const { eventId } = event;
      return { unsettled: { by: owner, since: now, eventId, content: fingerprint(carrier, content) } };
    },

    async knownBefore(carrier, events, now) {
      const coming = events.flatMap((event) => {
        const content = contentOf(event);
        return content === undefined ? [] : [{ eventId: event.eventId, content: fingerprint(carrier, content) }];
      });
      const known = new Map<string, string>();
      if (coming.length === 0) return known;
      let stored = await store.carrierEvents.unsettled([...new Set(coming.map(({ content }) => content))]);
      for (const { eventId, content } of coming) {
        const equal = stored.filter(({ unsettled }) => unsettled?.content === content);
        // Taken over before, and come once more on the same session.
        const ours = equal.find(({ unsettled }) => unsettled?.by === owner && unsettled.eventId === eventId);
        const left = ours ?? equal.find(({ unsettled }) => unsettled && standing(unsettled, now) === 'left behind');
        if (left?.unsettled) {
          const over = { by: owner, since: now, eventId, content };
          if (!ours && !(await store.carrierEvents.takeOver(left._id, left.unsettled, over))) throw perhaps();
          stored = stored.filter(({ _id }) => _id !== left._id);
          known.set(eventId, left._id.slice(carrier.length + 1));
        } else if (equal.some(({ unsettled }) => unsettled && standing(unsettled, now) === 'unknown')) {
          throw perhaps();
        }
      }
      return known;
    },
  };

  function standing({ by, since, leftUntil }: Unsettled, now: Date): 'left behind' | 'unknown' | 'over' {
    // What comes again on this process's own sessions has its id again (carriers/smpp/redelivery.ts).
    if (by === owner) return 'over';
    if (leftUntil !== undefined) return now <= leftUntil ? 'left behind' : 'over';
    const age = now.getTime() - since.getTime();
    if (age < settledWithinMs) return 'unknown';
    return age < settledWithinMs + outstandingMs ? 'left behind' : 'over';
  }
}

/** Processes have died: what they had not settled comes again, or is known to the carrier after all. */
export async function leaveBehind(
  store: Pick<Store, 'carrierEvents'>,
  owners: readonly string[],
  now: Date,
): Promise<void> {
  await store.carrierEvents.leaveBehind(owners, new Date(now.getTime() + outstandingMs));
}

function contentOf(event: CarrierEvent): string | undefined {
  return event.type === 'inbound' ? event.content : undefined;
}

function perhaps(): Error {
  return new Error(
    'A text is equal to one that another process has stored and not yet answered; the carrier is asked to send it again, when that is known.',
  );
}
