import type { LedgerEntry } from './ledger.ts';

/** What became of one outbound text, identified by (from, to, text). */
export interface OutboundTally {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Times a carrier took responsibility for the whole text, by carrier. */
  readonly accepted: Record<string, number>;
  /** Times a carrier refused it (a long text: any of its segments is counted under the segment's own text). */
  refused: number;
  /** Times the whole text arrived at the handset. 2 is a duplicate. */
  delivered: number;
  /** Times a carrier gave it up after accepting it. */
  failed: number;
  /** Receipts that said «delivered» although it never arrived. */
  falseReceipts: number;
}

/** What became of one inbound text, identified by (from, to, text). */
export interface InboundTally {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Times a subscriber sent it. */
  sent: number;
  /** Whole copies handed over to us and acknowledged, by the carrier (or `alpha+telnyx`). */
  readonly delivered: Record<string, number>;
}

export interface LedgerSummary {
  readonly lastSeq: number;
  /** Entries of each event, those about segments included. */
  readonly events: Record<string, number>;
  readonly byCarrier: Record<string, Record<string, number>>;
  readonly outbound: {
    readonly texts: number;
    readonly acceptedOnce: number;
    /** Accepted more than once, by one carrier or by several. */
    readonly acceptedAgain: number;
    readonly delivered: number;
    /** Accepted, but (so far) never at the handset. */
    readonly acceptedNotDelivered: number;
    /** At the handset twice or more often. */
    readonly doubled: number;
    readonly falseReceipts: number;
    /** Segments at handsets that belong to no complete text. */
    readonly strayParts: number;
  };
  readonly inbound: {
    readonly texts: number;
    readonly sent: number;
    /** Texts of which at least one whole copy per sending was handed over. */
    readonly delivered: number;
    /** Texts that still wait for their first copy. */
    readonly undelivered: number;
    /** Texts that came through more than one carrier. */
    readonly copied: number;
  };
}

/** Follows the ledger and keeps the account of every text. */
export class Tally {
  readonly #outbound = new Map<string, OutboundTally>();
  readonly #inbound = new Map<string, InboundTally>();
  readonly #events: Record<string, number> = {};
  readonly #byCarrier: Record<string, Record<string, number>> = {};

  add(entry: LedgerEntry): void {
    count(this.#events, entry.event);
    if (entry.carrier) {
      this.#byCarrier[entry.carrier] ??= {};
      count(this.#byCarrier[entry.carrier] as Record<string, number>, entry.event);
    }
    const { from, to, text } = entry;
    if (entry.part || from === undefined || to === undefined || text === undefined) return;
    const key = `${from}\u0000${to}\u0000${text}`;
    switch (entry.event) {
      case 'accepted':
        count(this.#outboundOf(key, from, to, text).accepted, entry.carrier ?? '');
        break;
      case 'refused':
        this.#outboundOf(key, from, to, text).refused += 1;
        break;
      case 'delivered':
        this.#outboundOf(key, from, to, text).delivered += 1;
        break;
      case 'failed':
        this.#outboundOf(key, from, to, text).failed += 1;
        break;
      case 'false-receipt':
        this.#outboundOf(key, from, to, text).falseReceipts += 1;
        break;
      case 'mo-sent':
        this.#inboundOf(key, from, to, text).sent += 1;
        break;
      case 'mo-delivered':
        count(this.#inboundOf(key, from, to, text).delivered, entry.carrier ?? '');
        break;
      default:
    }
  }

  outbound(): IterableIterator<OutboundTally> {
    return this.#outbound.values();
  }

  inbound(): IterableIterator<InboundTally> {
    return this.#inbound.values();
  }

  /** Inbound texts that lack a copy for one of their sendings, as often as one is missing. */
  *undelivered(): Generator<{ from: string; to: string; text: string }> {
    for (const { from, to, text, sent, delivered } of this.#inbound.values()) {
      for (let missing = sent - total(delivered); missing > 0; missing--) yield { from, to, text };
    }
  }

  summary(lastSeq: number, strayParts: number): LedgerSummary {
    const outbound = {
      texts: 0,
      acceptedOnce: 0,
      acceptedAgain: 0,
      delivered: 0,
      acceptedNotDelivered: 0,
      doubled: 0,
      falseReceipts: 0,
      strayParts,
    };
    for (const text of this.#outbound.values()) {
      const accepted = total(text.accepted);
      outbound.texts += 1;
      if (accepted === 1) outbound.acceptedOnce += 1;
      if (accepted > 1) outbound.acceptedAgain += 1;
      if (text.delivered > 0) outbound.delivered += 1;
      if (accepted > 0 && text.delivered === 0) outbound.acceptedNotDelivered += 1;
      if (text.delivered > 1) outbound.doubled += 1;
      outbound.falseReceipts += text.falseReceipts;
    }
    const inbound = { texts: 0, sent: 0, delivered: 0, undelivered: 0, copied: 0 };
    for (const text of this.#inbound.values()) {
      inbound.texts += 1;
      inbound.sent += text.sent;
      const copies = total(text.delivered);
      if (copies >= text.sent) inbound.delivered += 1;
      if (copies === 0) inbound.undelivered += 1;
      if (Object.keys(text.delivered).length > 1) inbound.copied += 1;
    }
    return { lastSeq, events: this.#events, byCarrier: this.#byCarrier, outbound, inbound };
  }

  #outboundOf(key: string, from: string, to: string, text: string): OutboundTally {
    let tally = this.#outbound.get(key);
    if (!tally) {
      tally = { from, to, text, accepted: {}, refused: 0, delivered: 0, failed: 0, falseReceipts: 0 };
      this.#outbound.set(key, tally);
    }
    return tally;
  }

  #inboundOf(key: string, from: string, to: string, text: string): InboundTally {
    let tally = this.#inbound.get(key);
    if (!tally) {
      tally = { from, to, text, sent: 0, delivered: {} };
      this.#inbound.set(key, tally);
    }
    return tally;
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function total(counts: Record<string, number>): number {
  let sum = 0;
  for (const name in counts) sum += counts[name] ?? 0;
  return sum;
}
