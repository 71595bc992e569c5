import type {
  Carrier,
  CarrierEvent,
  InboundEvent,
  OrderEvent,
  PortOutEvent,
  ReceiptEvent,
} from '../carriers/carrier.ts';
import { finalReceiptStates } from '../domain/message.ts';
import type { CarrierEventDocument } from '../store/carrier-events.ts';
import { gather } from '../store/gathering.ts';
import type { MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import type { DeliveryMeter } from './delivery-meter.ts';
import { earlyReceipts } from './early-receipts.ts';
import type { Engine } from './engine.ts';
import { releaseIncompleteTexts, takeInboundTexts } from './inbound.ts';
import type { Logger } from './logger.ts';
import { takeOrderNews } from './orders.ts';
import { takePortOutNews } from './port-outs.ts';
import { type Answered, applyReceipts, carrierRef, type Receipt } from './receipts.ts';
import { createRedeliveries } from './redeliveries.ts';

export interface IntakeDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly logger: Logger;
  readonly meter?: DeliveryMeter;
  /** Names this process, as the slots of carriers do; needed where carriers deliver over sessions. */
  readonly owner?: string;
  /** Receipts that are worked on or wait for it in memory; 2,000 by default. */
  readonly mostWaiting?: number;
}

export interface Intake {
  /**
   * Stores what a carrier told us; when it resolves, the carrier may be answered (invariant 3). The work on it goes on behind.
   * @returns of texts that another process had stored before: the event ids that they have, by those that they came with
   * @throws Error when nothing of it is stored, or it is not known whether: the carrier has to send it again
   */
  receive(carrier: string, events: readonly CarrierEvent[]): Promise<ReadonlyMap<string, string>>;
  /** The carrier knows that we have these texts. */
  settled(carrier: string, eventIds: readonly string[]): Promise<void>;
  /**
   * Texts have been written to a carrier, with nothing awaited since: its receipts may overtake its answers, and wait for them a while.
   * @returns what is to be called when the answers are stored, or will not be
   */
  submitting(carrier: string): () => void;
  /**
   * Stores the answers to submissions, each in one write with the receipts that are here already, then looks for receipts that another process
   * has stored (invariant 6).
   * @param refs `carrier/id` of every segment that was accepted
   * @returns the texts that changed, as they then are: their workflows are told by whoever submitted
   */
  answered(answered: Answered, refs: readonly string[]): Promise<readonly MessageDocument[]>;
  /** Takes up what was stored and not worked on, and what had no text when it came. */
  sweep(): Promise<void>;
  /** Resolves when everything received so far has been worked on, but for receipts that are left to the sweep. */
  idle(): Promise<void>;
}

/** What was told of texts is kept this long for people to look at. */
const keepMs = 30 * 24 * 3600_000;
/** One portion of work; bounds memory and the size of transactions. */
const portion = 500;
/** Receipts in memory until they are worked on. A carrier may send them faster for long: more lie in the store, for the sweep. */
const mostWaiting = 2_000;
/** Stored and not worked on for this long: whoever had it has died. */
const abandonedMs = 5000;
/** A receipt without a text is tried again for this long; later its text is final anyway. */
const hopeMs = 15 * 60_000;

/** The one way in for everything that carriers tell us, by webhook or session. */
export function createIntake(deps: IntakeDependencies): Intake {
  const { store, logger, mostWaiting: most = mostWaiting } = deps;
  let waiting: CarrierEventDocument[] = [];
  /** What came to this process needs not be unsealed to be worked on. */
  const told = new WeakMap<CarrierEventDocument, CarrierEvent>();
  let working: Promise<void> | undefined;

  async function open(documents: readonly CarrierEventDocument[]): Promise<Opened[]> {
    await store.subjectKeys.loadFor(documents.map((document) => document.event));
    return documents.flatMap((document) => {
      // The person has been erased since: there is nothing left to work on.
      if (store.vault.isErased(document.event)) return [];
      const event = told.get(document) ?? (JSON.parse(store.vault.open(document.event)) as CarrierEvent);
      return [{ id: document._id, carrier: document.carrier, receivedAt: document.receivedAt, event }];
    });
  }

  async function workOn(documents: readonly CarrierEventDocument[]): Promise<void> {
    const opened = await open(documents);
    const { unmatched: ofNoText } = await applyReceipts(only<ReceiptEvent>('receipt', opened), deps);
    const unmatched = [...ofNoText, ...(await takeOrderNews(only<OrderEvent>('order', opened), deps))];
    await takePortOutNews(only<PortOutEvent>('port-out', opened), deps);
    await takeInboundTexts(only<InboundEvent>('inbound', opened), deps);
    await finish(documents, new Set(unmatched));
  }

  async function finish(documents: readonly CarrierEventDocument[], unmatched: ReadonlySet<string>): Promise<void> {
    await store.carrierEvents.finish(documents.map((document) => document._id).filter((id) => !unmatched.has(id)));
    await store.carrierEvents.postpone(
      documents.filter(({ _id }) => unmatched.has(_id)),
      new Date(),
      abandonedMs,
      hopeMs,
    );
  }

  /** What one of them can not be worked on for must not keep the others waiting. */
  async function oneByOne(documents: readonly CarrierEventDocument[]): Promise<void> {
    for (const document of documents) {
      try {
        await workOn([document]);
      } catch (error) {
        logger.error(
          { err: error, carrier: document.carrier, type: document.type },
          'a carrier event waits for a later try',
        );
        await store.carrierEvents.postpone([document], new Date(), abandonedMs, keepMs);
      }
    }
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const documents = waiting.slice(0, portion);
      waiting = waiting.slice(portion);
      try {
        await workOn(documents);
      } catch (error) {
        // They are stored as `new`: the sweep takes them up again.
        logger.error({ err: error, events: documents.length }, 'work on carrier events failed; it will be repeated');
      }
    }
    working = undefined;
  }

  /** Texts and orders keep their order: a START must not be worked on before the STOP that it follows. */
  function enqueue(documents: readonly CarrierEventDocument[]): void {
    if (documents.length === 0) return;
    waiting.push(...documents);
    working ??= drain();
  }

  /** Receipts that are worked on, or wait for it, before they are stored. */
  let receiptsInHand = 0;

  /**
   * Receipts of texts that are known by their id are applied first and then stored as done, which is one write less for each: cut off in between,
   * the carrier sends them again, and they say nothing new. The others are stored first, then looked at (invariant 6).
   */
  const applyAndStore = gather<readonly CarrierEventDocument[], undefined>(async (groups) => {
    const documents = groups.flat();
    const isApplied = await applied(only<ReceiptEvent>('receipt', await open(documents)));
    const left = documents.filter(({ _id }) => !isApplied.has(_id));
    await store.carrierEvents.store([...documents.filter(({ _id }) => isApplied.has(_id)).map(asDone), ...left]);
    enqueue(left);
    return groups.map(() => undefined);
  }, portion);

  /** @returns the ids of those that need no more work */
  async function applied(receipts: readonly Receipt[]): Promise<ReadonlySet<string>> {
    try {
      const { unmatched } = await applyReceipts(receipts, deps, { byIdOnly: true });
      const ofNoText = new Set(unmatched);
      return new Set(receipts.map(({ id }) => id).filter((id) => !ofNoText.has(id)));
    } catch (error) {
      logger.warn(
        { err: error, receipts: receipts.length },
        'receipts could not be applied at once; they are stored first',
      );
      return new Set();
    }
  }

  /** Resolves when they are stored. */
  async function keepReceipts(documents: readonly CarrierEventDocument[]): Promise<void> {
    receiptsInHand += documents.length;
    const free: CarrierEventDocument[] = [];
    const waiting = documents.flatMap((document) => {
      const stored = early.wait(document);
      if (!stored) free.push(document);
      return stored ? stored.then((isStored) => (isStored ? undefined : applyAndStore([document]))) : [];
    });
    try {
      await Promise.all([...waiting, free.length > 0 ? applyAndStore(free) : undefined]);
    } finally {
      receiptsInHand -= documents.length;
    }
  }

  let lastText = 0;
  /** Texts that come together keep their order: who says STOP and then START is obeyed in it. */
  const momentOf = (event: CarrierEvent, receivedAt: Date): Date => {
    if (event.type !== 'inbound') return receivedAt;
    lastText = Math.max(receivedAt.getTime(), lastText + 1);
    return new Date(lastText);
  };

  const early = earlyReceipts();
  const redeliveries = createRedeliveries({ store, owner: deps.owner ?? '' });

  /** What has come, until it is known which of it waits for an answer. */
  const arriving = new Set<Promise<unknown>>();

  /** @returns in an object, so that whoever waits for the one does not wait for the other: what resolves when it is stored */
  async function take(
    carrier: string,
    events: readonly CarrierEvent[],
    receivedAt: Date,
  ): Promise<{ readonly stored: Promise<void> }> {
    const subjectKeys = events.map((event) => subjectOf(event, store.vault));
    const ofType = (type: CarrierEvent['type']) =>
      subjectKeys.flatMap((each, index) => (events[index]?.type === type ? (each ?? []) : []));
    // Who was erased and writes begins a new record; what a carrier says of a text to them does not.
    await store.subjectKeys.load(ofType('inbound'));
    await store.subjectKeys.loadUnlessErased(ofType('receipt'));
    const documents = events.map<CarrierEventDocument>((event, index) => ({
      _id: `${carrier}/${event.eventId}`,
      carrier,
      type: event.type,
      receivedAt: momentOf(event, receivedAt),
      state: 'new',
      dueAt: new Date(receivedAt.getTime() + abandonedMs),
      ...(event.type === 'receipt' &&
        event.carrierMessageId !== undefined && { carrierRef: carrierRef(carrier, event.carrierMessageId) }),
      event: sealEvent(event, subjectKeys[index], store.vault),
      ...redeliveries.noteOf(carrier, event, receivedAt),
      // Timelines refer to what concerns orders.
      ...(event.type !== 'order' && { forgetAt: new Date(receivedAt.getTime() + keepMs) }),
    }));
    for (const [index, document] of documents.entries()) told.set(document, events[index] as CarrierEvent);
    const receipts = documents.filter(({ type }) => type === 'receipt').slice(0, Math.max(0, most - receiptsInHand));
    const inHand = new Set(receipts);
    const toStore = documents.filter((document) => !inHand.has(document));
    return {
      stored: Promise.all([store.carrierEvents.store(toStore), keepReceipts(receipts)]).then(() =>
        enqueue(toStore.filter(({ type }) => type !== 'receipt')),
      ),
    };
  }

  return {
    async receive(carrier, came) {
      const receivedAt = new Date();
      const known = await redeliveries.knownBefore(carrier, came, receivedAt);
      const events = came.filter(({ eventId }) => !known.has(eventId));
      if (events.length === 0) return known;
      const arrival = take(carrier, events, receivedAt);
      arriving.add(arrival);
      const { stored } = await arrival.finally(() => arriving.delete(arrival));
      await stored;
      return known;
    },

    settled: (carrier, eventIds) => store.carrierEvents.settle(eventIds.map((eventId) => `${carrier}/${eventId}`)),

    submitting: early.begin,

    async answered(answered, refs) {
      // What came with the last answer, in the same packet, is on its way here.
      await new Promise(setImmediate);
      await Promise.allSettled(arriving);
      const here = early.take(refs);
      const receipts = only<ReceiptEvent>('receipt', await open(here.events));
      const texts = await applyReceipts(receipts, deps, { answered })
        .then(async ({ changed, unmatched }) => {
          // Of a text whose answer was not taken any more nothing may be lost either.
          const left = here.events.filter(({ _id }) => unmatched.includes(_id));
          await store.carrierEvents.store(here.events.map((event) => (left.includes(event) ? event : asDone(event))));
          here.settle(true);
          enqueue(left);
          return changed;
        })
        // What is not stored with its answer is worked on by itself.
        .finally(() => here.settle(false));
      const ended = new Set(
        receipts.flatMap(({ carrier, event: { carrierMessageId, state } }) =>
          carrierMessageId !== undefined && finalReceiptStates.includes(state)
            ? carrierRef(carrier, carrierMessageId)
            : [],
        ),
      );
      const left = refs.filter((ref) => !ended.has(ref));
      const elsewhere = left.length > 0 ? await store.carrierEvents.findOpenByRefs(left) : [];
      if (elsewhere.length > 0) await workOn(elsewhere);
      return texts;
    },

    async sweep() {
      for (let left = true; left; ) {
        const due = await store.carrierEvents.findDue(new Date(), portion);
        if (due.length > 0) await workOn(due).catch(() => oneByOne(due));
        left = due.length === portion;
      }
      await releaseIncompleteTexts(deps);
    },

    async idle() {
      early.releaseAll();
      while (working) await working;
    },
  };
}

/** An event on which nothing is left to be done, and by which no text is looked for any more. */
function asDone({ dueAt: _dueAt, carrierRef: _carrierRef, ...event }: CarrierEventDocument): CarrierEventDocument {
  return { ...event, state: 'done' };
}

interface Opened<Event extends CarrierEvent = CarrierEvent> {
  readonly id: string;
  readonly carrier: string;
  readonly receivedAt: Date;
  readonly event: Event;
}

function only<Event extends CarrierEvent>(type: Event['type'], opened: readonly Opened[]): Opened<Event>[] {
  return opened.filter((each): each is Opened<Event> => each.event.type === type);
}

/** numberKey of the person whom an event is about: who wrote a text, or got one. */
function subjectOf(event: CarrierEvent, vault: Vault): string | undefined {
  if (event.type === 'inbound') return vault.numberKey(event.from);
  return event.type === 'receipt' && event.to !== undefined ? vault.numberKey(event.to) : undefined;
}

function sealEvent(event: CarrierEvent, subjectKey: string | undefined, vault: Vault): CarrierEventDocument['event'] {
  if (event.type === 'receipt' && subjectKey !== undefined && vault.erasureOf(subjectKey) !== 'none') {
    return vault.seal(JSON.stringify(withoutPerson(event)));
  }
  // What tells a repetition is kept as an HMAC, and stands in `raw`, too.
  const content = JSON.stringify(event.type === 'inbound' ? { ...event, content: undefined } : event);
  return subjectKey === undefined ? vault.seal(content) : vault.sealFor(subjectKey, content);
}

/** What a receipt says of a text and not of a person: it may be about one that was written to them before they were erased. */
function withoutPerson({ to: _to, textStart: _textStart, ...rest }: ReceiptEvent): ReceiptEvent {
  return { ...rest, raw: '' };
}
