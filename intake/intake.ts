import type {
  Carrier,
  CarrierEvent,
  InboundEvent,
  OrderEvent,
  PortOutEvent,
  ReceiptEvent,
} from '../carriers/carrier.ts';
import type { CarrierEventDocument } from '../store/carrier-events.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import type { DeliveryMeter } from './delivery-meter.ts';
import type { Engine } from './engine.ts';
import { releaseIncompleteTexts, takeInboundTexts } from './inbound.ts';
import type { Logger } from './logger.ts';
import { takeOrderNews } from './orders.ts';
import { takePortOutNews } from './port-outs.ts';
import { applyReceipts, carrierRef } from './receipts.ts';

export interface IntakeDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly logger: Logger;
  readonly meter?: DeliveryMeter;
}

export interface Intake {
  /** Stores what a carrier told us; when it resolves, the carrier may be answered (invariant 3). The work on it goes on behind. */
  receive(carrier: string, events: readonly CarrierEvent[]): Promise<void>;
  /** Works on the receipts of these segments that are stored already: they came before the answer to their submission. */
  takeEarlyReceipts(refs: readonly string[]): Promise<void>;
  /** Takes up what was stored and not worked on, and what had no text when it came. */
  sweep(): Promise<void>;
  /** Resolves when everything received so far has been worked on. */
  idle(): Promise<void>;
}

/** What was told of texts is kept this long for people to look at. */
const keepMs = 30 * 24 * 3600_000;
/** One portion of work; bounds memory and the size of transactions. */
const portion = 500;
/** Stored and not worked on for this long: whoever had it has died. */
const abandonedMs = 5000;
/** A receipt without a text is tried again for this long; later its text is final anyway. */
const hopeMs = 15 * 60_000;

/** The one way in for everything that carriers tell us, by webhook or session. */
export function createIntake(deps: IntakeDependencies): Intake {
  const { store, logger } = deps;
  let waiting: CarrierEventDocument[] = [];
  let working: Promise<void> | undefined;

  async function workOn(documents: readonly CarrierEventDocument[]): Promise<void> {
    await store.subjectKeys.loadFor(documents.map((document) => document.event));
    const opened = documents.flatMap((document) => {
      const event = store.vault.openUnlessErased(document.event);
      // The person has been erased since: there is nothing left to work on.
      if (event === undefined) return [];
      return [{ id: document._id, carrier: document.carrier, event: JSON.parse(event) as CarrierEvent }];
    });
    const of = <T extends CarrierEvent>(type: T['type']) =>
      opened.filter((each) => each.event.type === type) as { id: string; carrier: string; event: T }[];
    const unmatched = new Set([
      ...(await applyReceipts(of<ReceiptEvent>('receipt'), deps)),
      ...(await takeOrderNews(of<OrderEvent>('order'), deps)),
    ]);
    await takePortOutNews(of<PortOutEvent>('port-out'), deps);
    await takeInboundTexts(of<InboundEvent>('inbound'), deps);
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

  function enqueue(documents: readonly CarrierEventDocument[]): void {
    waiting.push(...documents);
    working ??= drain();
  }

  return {
    async receive(carrier, events) {
      if (events.length === 0) return;
      const receivedAt = new Date();
      const subjectKeys = events.map((event) => subjectOf(event, store.vault));
      await store.subjectKeys.load(subjectKeys.flatMap((each) => each ?? []));
      const documents = events.map<CarrierEventDocument>((event, index) => ({
        _id: `${carrier}/${event.eventId}`,
        carrier,
        type: event.type,
        receivedAt,
        state: 'new',
        dueAt: new Date(receivedAt.getTime() + abandonedMs),
        ...(event.type === 'receipt' &&
          event.carrierMessageId !== undefined && { carrierRef: carrierRef(carrier, event.carrierMessageId) }),
        event: sealEvent(event, subjectKeys[index], store.vault),
        // Timelines refer to what concerns orders.
        ...(event.type !== 'order' && { forgetAt: new Date(receivedAt.getTime() + keepMs) }),
      }));
      await store.carrierEvents.store(documents);
      enqueue(documents);
    },

    async takeEarlyReceipts(refs) {
      const early = await store.carrierEvents.findOpenByRefs(refs);
      if (early.length > 0) await workOn(early);
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
      while (working) await working;
    },
  };
}

/** numberKey of the person whom an event is about: who wrote a text, or got one. */
function subjectOf(event: CarrierEvent, vault: Vault): string | undefined {
  if (event.type === 'inbound') return vault.numberKey(event.from);
  return event.type === 'receipt' && event.to !== undefined ? vault.numberKey(event.to) : undefined;
}

function sealEvent(event: CarrierEvent, subjectKey: string | undefined, vault: Vault): CarrierEventDocument['event'] {
  const content = JSON.stringify(event);
  return subjectKey === undefined ? vault.seal(content) : vault.sealFor(subjectKey, content);
}
