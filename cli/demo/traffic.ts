import { setTimeout as sleep } from 'node:timers/promises';
import type { InboundLine, OutboundLine } from './examples.ts';
import type { Network } from './network.ts';
import type { Product } from './product.ts';

/** A text that the product has taken. */
export interface AcceptedText {
  readonly id: string;
  readonly line: OutboundLine;
  readonly expiresAt: Date;
}

/** The texts of the examples, on their way both ways, each at its time. */
export class Traffic {
  readonly accepted: AcceptedText[] = [];
  /** Resolves when the last text has been handed over. @throws Error when one was turned down */
  readonly over: Promise<void>;
  #written = 0;

  /** @param run part of every Idempotency-Key */
  constructor(
    texts: { readonly outbound: readonly OutboundLine[]; readonly inbound: readonly InboundLine[] },
    sides: { readonly product: Product; readonly network: Network },
    run: string,
  ) {
    const startedAt = Date.now();
    const due = (at: number) => sleep(Math.max(0, startedAt + at - Date.now()));
    this.over = Promise.all([
      ...texts.outbound.map(async (line, index) => {
        await due(line.at);
        const { from, to, text, kind, validitySeconds } = line;
        const body = { from, to, text, kind, validitySeconds };
        const { id, expiresAt } = await sides.product.send(body, `demo-${run}-text-${index}`);
        this.accepted.push({ id, line, expiresAt: new Date(expiresAt) });
      }),
      ...texts.inbound.map(async (line) => {
        await due(line.at);
        await sides.network.write(line);
        this.#written += 1;
      }),
    ]).then(() => undefined);
  }

  /** Texts that were handed over so far, both ways. */
  get handedOver(): number {
    return this.accepted.length + this.#written;
  }
}
