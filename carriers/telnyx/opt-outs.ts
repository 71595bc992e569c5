import type Telnyx from 'telnyx';
import type { CarrierOptOut, OptOutClient } from '../opt-outs.ts';
import { asCarrierError } from './failure.ts';

/** The most that the API gives at once. */
const pageSize = 250;

/** The opt-outs that the carrier keeps. It can be asked for them and takes none: those of another carrier are kept by our ledger. */
export class TelnyxOptOuts implements OptOutClient {
  readonly #carrier: string;
  readonly #client: Telnyx;

  constructor(carrier: string, client: Telnyx) {
    this.#carrier = carrier;
    this.#client = client;
  }

  async *list(phoneNumber: string): AsyncGenerator<CarrierOptOut> {
    try {
      const pages = this.#client.messagingOptouts.list({ filter: { from: phoneNumber }, 'page[size]': pageSize });
      for await (const { from, to, keyword, created_at: at } of pages) {
        if (from !== phoneNumber || to === undefined || at === undefined) continue;
        yield { recipient: to, at, ...(keyword && { keyword }) };
      }
    } catch (error) {
      throw asCarrierError(error, this.#carrier, 'list its opt-outs');
    }
  }
}
