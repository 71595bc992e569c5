import type { SmppQuirks } from '../world/networks.ts';

/** Ids of one carrier. They never repeat: each process of the simulator counts in a block of its own. */
export class MessageIds {
  readonly #form: SmppQuirks['receiptId'];
  #next: number;

  constructor(form: SmppQuirks['receiptId'], block: number) {
    this.#form = form;
    this.#next = block * 0x100_0000 + 1;
  }

  /** A new id, as the answer to a submission has it. */
  next(): string {
    const id = this.#next++;
    switch (this.#form) {
      case 'hexThenDecimal':
        return id.toString(16);
      case 'decimalThenHex':
        return String(id);
      case 'same':
        return id.toString(36).padStart(9, '0');
    }
  }

  /** The same id as its receipt has it: in the other base, padded. */
  inReceipt(id: string): string {
    switch (this.#form) {
      case 'hexThenDecimal':
        return String(Number.parseInt(id, 16)).padStart(10, '0');
      case 'decimalThenHex':
        return Number(id).toString(16).toUpperCase().padStart(10, '0');
      case 'same':
        return id;
    }
  }
}
