import type { SmppQuirks } from '../world/networks.ts';

/** The two forms of one message id: what the answer to a submission says, and what its receipt says. */
export interface MessageId {
  readonly submitted: string;
  readonly receipted: string;
}

/** Ids of one carrier. They never repeat: each process of the simulator counts in a block of its own. */
export class MessageIds {
  readonly #form: SmppQuirks['receiptId'];
  #next: number;

  constructor(form: SmppQuirks['receiptId'], block: number) {
    this.#form = form;
    this.#next = block * 0x100_0000 + 1;
  }

  next(): MessageId {
    const id = this.#next++;
    const hex = id.toString(16);
    switch (this.#form) {
      case 'hexThenDecimal':
        return { submitted: hex, receipted: String(id).padStart(10, '0') };
      case 'decimalThenHex':
        return { submitted: String(id), receipted: hex.toUpperCase().padStart(10, '0') };
      case 'same': {
        const same = id.toString(36).padStart(9, '0');
        return { submitted: same, receipted: same };
      }
    }
  }
}
