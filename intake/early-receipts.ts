import type { CarrierEventDocument } from '../store/carrier-events.ts';

/** A receipt waits so long for the answer to its submission; then it is worked on by what it says itself. */
const patienceMs = 1000;

/** Receipts that came while submissions to their carrier were without an answer: most of them overtake the answers to those. */
export interface EarlyReceipts {
  /** Texts were submitted to a carrier. @returns what is to be called when their answers are stored */
  begin(carrier: string): () => void;
  /** Keeps receipts until what is under way has ended. @returns the events that need not wait */
  hold(events: readonly CarrierEventDocument[]): CarrierEventDocument[];
  /** Hands out those of these segments. */
  take(refs: readonly string[]): CarrierEventDocument[];
  isHeld(id: string): boolean;
  /** Nothing is waited for any longer. */
  releaseAll(): void;
}

/** @param release given what has waited long enough */
export function earlyReceipts(release: (events: readonly CarrierEventDocument[]) => void): EarlyReceipts {
  interface Held {
    readonly event: CarrierEventDocument;
    /** What was under way when it came. */
    readonly waitsFor: Set<symbol>;
  }
  const underWay = new Map<string, Set<symbol>>();
  const held = new Map<string, Held>();

  function drop(which: (each: Held) => boolean): CarrierEventDocument[] {
    const dropped = [...held.values()].filter(which).map(({ event }) => event);
    for (const { _id } of dropped) held.delete(_id);
    return dropped;
  }

  function releaseThose(which: (each: Held) => boolean): void {
    const dropped = drop(which);
    if (dropped.length > 0) release(dropped);
  }

  return {
    begin(carrier) {
      const submission = Symbol(carrier);
      const submissions = underWay.get(carrier) ?? new Set();
      underWay.set(carrier, submissions.add(submission));
      return () => {
        submissions.delete(submission);
        releaseThose(({ waitsFor }) => waitsFor.delete(submission) && waitsFor.size === 0);
      };
    },

    hold(events) {
      const early = events.filter(
        ({ carrier, carrierRef }) => carrierRef !== undefined && (underWay.get(carrier)?.size ?? 0) > 0,
      );
      if (early.length === 0) return [...events];
      for (const event of early) held.set(event._id, { event, waitsFor: new Set(underWay.get(event.carrier)) });
      const ids = new Set(early.map(({ _id }) => _id));
      setTimeout(() => releaseThose(({ event }) => ids.has(event._id)), patienceMs).unref();
      return events.filter(({ _id }) => !ids.has(_id));
    },

    take(refs) {
      const wanted = new Set(refs);
      return drop(({ event: { carrierRef } }) => carrierRef !== undefined && wanted.has(carrierRef));
    },

    isHeld: (id) => held.has(id),

    releaseAll: () => releaseThose(() => true),
  };
}
