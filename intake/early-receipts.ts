import type { CarrierEventDocument } from '../store/carrier-events.ts';

/** A receipt waits so long for the answer to its submission; then it is worked on by what it says itself. */
const patienceMs = 1000;

/**
 * Receipts that came while submissions to their carrier were without an answer: most of them overtake the answers to those. Each is stored in the
 * write of its text's answer, and the carrier is answered only then.
 */
export interface EarlyReceipts {
  /** Texts were submitted to a carrier. @returns what is to be called when their answers are stored */
  begin(carrier: string): () => void;
  /**
   * Lets a receipt wait, if something is under way that it may belong to.
   * @returns undefined when there is nothing; else whether it has been stored with the answer, or is to be stored and worked on by itself
   */
  wait(event: CarrierEventDocument): Promise<boolean> | undefined;
  /** Hands out those of these segments. @returns them, and what is to be called when they are stored, or can't be */
  take(refs: readonly string[]): {
    readonly events: readonly CarrierEventDocument[];
    readonly settle: (stored: boolean) => void;
  };
  /** Nothing is waited for any longer. */
  releaseAll(): void;
}

export function earlyReceipts(): EarlyReceipts {
  interface Held {
    readonly event: CarrierEventDocument;
    /** What was under way when it came. */
    readonly waitsFor: Set<symbol>;
    readonly settle: (stored: boolean) => void;
  }
  const underWay = new Map<string, Set<symbol>>();
  const held = new Map<string, Held>();

  function drop(which: (each: Held) => boolean): Held[] {
    const dropped = [...held.values()].filter(which);
    for (const { event } of dropped) held.delete(event._id);
    return dropped;
  }

  function release(which: (each: Held) => boolean): void {
    for (const { settle } of drop(which)) settle(false);
  }

  return {
    begin(carrier) {
      const submission = Symbol(carrier);
      const submissions = underWay.get(carrier) ?? new Set();
      underWay.set(carrier, submissions.add(submission));
      return () => {
        submissions.delete(submission);
        release(({ waitsFor }) => waitsFor.delete(submission) && waitsFor.size === 0);
      };
    },

    wait(event) {
      const waitsFor = new Set(underWay.get(event.carrier));
      if (event.carrierRef === undefined || waitsFor.size === 0 || held.has(event._id)) return undefined;
      return new Promise((resolve) => {
        const timer = setTimeout(() => release((each) => each.event === event), patienceMs);
        const settle = (stored: boolean) => {
          clearTimeout(timer);
          resolve(stored);
        };
        held.set(event._id, { event, waitsFor, settle });
      });
    },

    take(refs) {
      const wanted = new Set(refs);
      const taken = drop(({ event: { carrierRef } }) => carrierRef !== undefined && wanted.has(carrierRef));
      return {
        events: taken.map(({ event }) => event),
        settle: (stored) => {
          for (const { settle } of taken) settle(stored);
        },
      };
    },

    releaseAll: () => release(() => true),
  };
}
