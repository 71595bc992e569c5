import type { LedgerEntry } from '../../simulator/world/ledger.ts';

/** What the ledger says of one outbound text: the same words from one number to another. */
export interface Copies {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Whole copies at the handset. */
  arrived: number;
  /** Copies that a carrier took and that have arrived or may still arrive. */
  possible: number;
}

/** One copy that a carrier took. */
interface Acceptance {
  readonly copies: Copies;
  ended: boolean;
}

/**
 * Counts the copies of each outbound text, in the order in which the ledger has what happened.
 *
 * A long text is accepted segment by segment, and once more as a whole when its last segment has been taken. A copy is out of the world
 * as soon as one of its segments was given up or falsely reported.
 */
export class CopyCount {
  readonly #texts = new Map<string, Copies>();
  readonly #acceptanceOf = new Map<string, Acceptance>();
  /** Ids of segments that have ended without arriving. */
  readonly #ended = new Set<string>();
  /** Segments that were taken of texts that aren't complete yet: by sequence their ids, oldest first. */
  readonly #taken = new Map<string, Map<number, string[]>>();
  readonly #segmentsAtHandset = new Map<string, LedgerEntry[]>();
  #lastTaken = '';

  constructor(ledger: readonly LedgerEntry[]) {
    for (const entry of ledger) this.#read(entry);
  }

  texts(): IterableIterator<Copies> {
    return this.#texts.values();
  }

  /** Segments that a handset got more than once, one entry for each of them. */
  segmentsTwice(): LedgerEntry[] {
    return [...this.#segmentsAtHandset.values()].flatMap((entries) => (entries.length > 1 ? entries.slice(0, 1) : []));
  }

  #read(entry: LedgerEntry): void {
    const { event, carrier, from, to, text, part, carrierMessageId = '' } = entry;
    switch (event) {
      case 'accepted':
        if (part) {
          this.#lastTaken = keyOf(carrier, from, to, part.reference, part.total);
          const segments = this.#taken.get(this.#lastTaken) ?? new Map<number, string[]>();
          segments.set(part.sequence, [...(segments.get(part.sequence) ?? []), keyOf(carrier, carrierMessageId)]);
          this.#taken.set(this.#lastTaken, segments);
        } else
          this.#accepted(entry, carrierMessageId ? [keyOf(carrier, carrierMessageId)] : this.#segmentsOfLastTaken());
        break;
      case 'delivered':
        if (part) {
          const key = keyOf(from, to, text, part.sequence, part.total);
          this.#segmentsAtHandset.set(key, [...(this.#segmentsAtHandset.get(key) ?? []), entry]);
        } else this.#textOf(entry).arrived += 1;
        break;
      case 'failed':
      case 'false-receipt':
        this.#end(keyOf(carrier, carrierMessageId));
        break;
      default:
    }
  }

  #accepted(entry: LedgerEntry, ids: readonly string[]): void {
    const acceptance = { copies: this.#textOf(entry), ended: false };
    acceptance.copies.possible += 1;
    for (const id of ids) {
      this.#acceptanceOf.set(id, acceptance);
      if (this.#ended.has(id)) this.#end(id);
    }
  }

  /** The ledger has the whole right after the segment that completed it. */
  #segmentsOfLastTaken(): string[] {
    return [...(this.#taken.get(this.#lastTaken)?.values() ?? [])].flatMap((ids) => ids.shift() ?? []);
  }

  #end(id: string): void {
    this.#ended.add(id);
    const acceptance = this.#acceptanceOf.get(id);
    if (!acceptance || acceptance.ended) return;
    acceptance.ended = true;
    acceptance.copies.possible -= 1;
  }

  #textOf({ from = '', to = '', text = '' }: LedgerEntry): Copies {
    const key = keyOf(from, to, text);
    const known = this.#texts.get(key) ?? { from, to, text, arrived: 0, possible: 0 };
    this.#texts.set(key, known);
    return known;
  }
}

function keyOf(...parts: readonly unknown[]): string {
  return parts.join('\u0000');
}
