import type { LedgerEntry } from '../world/ledger.ts';
import type { Fate } from './segment.ts';

/** What a carrier has accepted and not reported: still on its way, or ended with its receipt outstanding. */
export interface Unfinished {
  /** The `accepted` of the ledger. */
  readonly entry: LedgerEntry;
  readonly fate?: Fate;
}

/** Finds in a ledger what the process that wrote it had left undone. */
export class UnfinishedBusiness {
  readonly #open = new Map<string, Unfinished>();

  add(entry: LedgerEntry): void {
    if (entry.carrierMessageId === undefined) return;
    const key = `${entry.carrier} ${entry.carrierMessageId}`;
    const { state, code } = entry;
    switch (entry.event) {
      case 'accepted':
        this.#open.set(key, { entry });
        break;
      case 'delivered':
        this.#end(key, { state: 'DELIVRD' });
        break;
      case 'false-receipt':
        this.#end(key, { state: 'DELIVRD', untrue: true });
        break;
      case 'failed':
        this.#end(key, { state: (state ?? 'UNDELIV') as Fate['state'], code });
        break;
      case 'receipt-sent':
        this.#open.delete(key);
        break;
      default:
    }
  }

  all(): IterableIterator<Unfinished> {
    return this.#open.values();
  }

  #end(key: string, fate: Fate): void {
    const open = this.#open.get(key);
    if (open) this.#open.set(key, { entry: open.entry, fate });
  }
}
