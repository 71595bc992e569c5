import type { Carrier } from '../carriers/carrier.ts';
import { chooseRoute } from '../domain/route-choice/choose.ts';
import type { Candidate, RouteDecision } from '../domain/route-choice/decision.ts';
import { countryOf, type Destination, destinationOf } from '../domain/route-choice/destination.ts';
import { lotOf } from '../domain/route-choice/lot.ts';
import { type RoutingParameters, routingParameters } from '../domain/route-choice/parameters.ts';
import { deliveryBy, routeKey } from '../domain/route-choice/route-quality.ts';
import type { MessageDocument } from '../store/messages.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import { createRouteBook, type RouteBook } from './route-book.ts';
import type { IsUsedUp } from './submission-limits.ts';

/** Chooses for one text; asks nobody. */
export type RouteChooser = (
  message: MessageDocument,
  /** Carriers that may send it, the preferred first; at least one. */
  carriers: readonly string[],
  recipient: NumberDocument | undefined,
) => RouteDecision;

export interface RouteSelection {
  /** The carriers that have this sender registered, beside the one that routes it if it is a number. */
  registeredAt(senderKey: string, sender: NumberDocument | undefined): readonly string[];
  /**
   * Loads what the choices for these texts need.
   * @param numbers the records of their senders and recipients, by key
   */
  prepare(
    messages: readonly MessageDocument[],
    numbers: ReadonlyMap<string, NumberDocument>,
    now: Date,
  ): Promise<RouteChooser>;
}

/** Of a conversation only the last text counts; of hundreds of conversations so many texts are looked through. */
const mostLastTexts = 2000;
const hourMs = 3600_000;
/** Expected deliveries are kept to four digits. */
const rounded = (share: number) => Math.round(share * 10_000) / 10_000;

/** Chooses among the carriers that may send a text, by quality and price (domain/route-choice). */
export function createRouteSelection(deps: {
  readonly store: Pick<Store, 'vault' | 'subjectKeys' | 'routeOutcomes' | 'routeQuality' | 'priceLists'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
  /** True while a carrier fails too much to be asked. */
  readonly isOpen?: (carrier: string, now: Date) => boolean;
  /** Which carriers have no room for a sender's texts today. */
  readonly usedUp?: (senderKeys: readonly string[], now: Date) => Promise<IsUsedUp>;
  readonly book?: RouteBook;
  readonly parameters?: RoutingParameters;
}): RouteSelection {
  const { store, isOpen = () => false, usedUp = async () => () => false, parameters = routingParameters } = deps;
  const book = deps.book ?? createRouteBook(store);
  const registrations = new Map<string, string[]>();
  for (const { settings } of deps.carriers.values()) {
    for (const sender of settings.senders) {
      const key = store.vault.numberKey(sender);
      registrations.set(key, [...(registrations.get(key) ?? []), settings.id]);
    }
  }

  function registeredAt(senderKey: string, sender: NumberDocument | undefined): readonly string[] {
    const registered = registrations.get(senderKey) ?? [];
    // A carrier that a number has been ported away from may go on accepting its texts, with receipts, that reach nobody.
    const lost = sender?.history.map(({ from }) => from) ?? [];
    return lost.length === 0 ? registered : registered.filter((carrier) => !lost.includes(carrier));
  }

  /** Whether several carriers may send a text. */
  const mayChoose = ({ fromKey }: MessageDocument, numbers: ReadonlyMap<string, NumberDocument>) =>
    hasChoice(numbers.get(fromKey), registrations.get(fromKey) ?? []);

  /** By which carrier each conversation went last, by `pairKey`; asked only where there is a choice. */
  async function conversationsOf(
    messages: readonly MessageDocument[],
    numbers: ReadonlyMap<string, NumberDocument>,
    now: Date,
  ): Promise<ReadonlyMap<string, string>> {
    const open = messages.filter((message) => message.kind === 'conversational' && mayChoose(message, numbers));
    if (open.length === 0) return new Map();
    const since = new Date(now.getTime() - parameters.conversationHours * hourMs);
    const toKeys = [...new Set(open.map(({ toKey }) => toKey))];
    const own = new Set(open.map(({ _id }) => _id));
    const conversations = new Map<string, string>();
    for (const { _id, fromKey, toKey, route } of await store.routeOutcomes.lastRoutes(toKeys, since, mostLastTexts)) {
      const key = pairKey(fromKey, toKey);
      if (route && !route.viaStandby && !own.has(_id) && !conversations.has(key)) conversations.set(key, route.carrier);
    }
    return conversations;
  }

  return {
    registeredAt,

    async prepare(messages, numbers, now) {
      const choosing = messages.filter((message) => mayChoose(message, numbers));
      const [knowledge, isUsedUp, conversations] = await Promise.all([
        book.current(),
        usedUp(
          choosing.map(({ fromKey }) => fromKey),
          now,
        ),
        conversationsOf(messages, numbers, now),
        store.subjectKeys.loadFor(messages.map((message) => message.to)),
      ]);
      const { prices, qualityOf } = knowledge;

      return (message, carriers, recipient) => {
        // Of somebody who has been erased nothing is left: the text is refused when it is to be written.
        const e164 = store.vault.openUnlessErased(message.to) ?? '';
        const destination = destinationOf(recipient?.country ?? countryOf(e164), recipient?.lookUp);
        const failed = failedBy(message);
        const currencies = new Set<string>();
        const candidates = carriers.map((carrier): Candidate => {
          const { delivery, weight } = deliveryBy(carrier, destination, message.kind, qualityOf, now, parameters);
          const price = prices.isEmpty ? undefined : prices.priceOf(carrier, { e164, ...mccMncOf(destination) }, now);
          if (price) currencies.add(price.currency);
          const excluded = isUsedUp(carrier, { senderKey: message.fromKey, segments: message.segments })
            ? 'daily-limit-reached'
            : isOpen(carrier, now)
              ? 'breaker-open'
              : failed.has(carrier)
                ? 'failed-before'
                : undefined;
          return {
            carrier,
            delivery: rounded(delivery),
            weight: Math.round(weight),
            ...(price && { price: price.micros }),
            ...(excluded && { excluded }),
          };
        });
        const conversation = conversations.get(pairKey(message.fromKey, message.toKey));
        const lot = lotOf(message._id, message.attempts.length);
        const choice = chooseRoute({ kind: message.kind, candidates, conversation, lot }, parameters);
        const [currency] = currencies;
        const receiptTimeoutMs = qualityOf(routeKey(choice.carrier, destination.country))?.receiptTimeoutMs;
        return {
          at: now,
          ...choice,
          candidates,
          network: destination.network,
          ...(conversation !== undefined && { conversation }),
          lot,
          ...(receiptTimeoutMs !== undefined && { receiptTimeoutMs }),
          ...(currency !== undefined && { currency }),
        };
      };
    },
  };
}

function mccMncOf({ mccMnc }: Destination): { mccMnc?: string } {
  return mccMnc === undefined ? {} : { mccMnc };
}

function pairKey(fromKey: string, toKey: string): string {
  return `${fromKey}/${toKey}`;
}

/** Whether several carriers may send for a sender. */
function hasChoice(sender: NumberDocument | undefined, registered: readonly string[]): boolean {
  if (registered.length === 0) return false;
  const routedBy = sender?.routing.state === 'settled' ? sender.routing.carrier : undefined;
  return registered.length > 1 || (routedBy !== undefined && routedBy !== registered[0]);
}

/**
 * Carriers that this text has failed at, so that another one is tried. A throttled text and one whose recipient can't be reached now are
 * tried again where they were: nothing is wrong with the route.
 */
function failedBy(message: MessageDocument): ReadonlySet<string> {
  const failed = message.attempts.filter(({ parts }) =>
    parts?.every(({ outcome, state }) => outcome === 'rejected' || (state !== undefined && state !== 'DELIVRD')),
  );
  const stays = message.failure?.class === 'throttled' || message.failure?.class === 'recipient-temporary';
  const last = stays ? message.attempts.at(-1) : undefined;
  return new Set(failed.filter((attempt) => attempt !== last).map(({ carrier }) => carrier));
}
