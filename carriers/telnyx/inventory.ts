import type Telnyx from 'telnyx';
import type { InventoryClient, Possession } from '../carrier.ts';
import { asCarrierError } from './failure.ts';
import states from './number-states.json' with { type: 'json' };

/** Questions at a time; the filter takes one number. */
const atATime = 5;

/** Which numbers the account has. */
export class TelnyxInventory implements InventoryClient {
  readonly #carrier: string;
  readonly #client: Telnyx;

  constructor(carrier: string, client: Telnyx) {
    this.#carrier = carrier;
    this.#client = client;
  }

  async possession(phoneNumbers: readonly string[]): Promise<ReadonlyMap<string, Possession>> {
    const found = new Map<string, Possession>();
    for (let from = 0; from < phoneNumbers.length; from += atATime) {
      await Promise.all(
        phoneNumbers.slice(from, from + atATime).map(async (phoneNumber) => {
          found.set(phoneNumber, await this.#ask(phoneNumber));
        }),
      );
    }
    return found;
  }

  async #ask(phoneNumber: string): Promise<Possession> {
    try {
      // It finds parts of numbers as well.
      const { data } = await this.#client.phoneNumbers.list({ filter: { phone_number: phoneNumber } });
      const number = data?.find((each) => each.phone_number === phoneNumber);
      if (!number) return 'gone';
      return (states.states as Readonly<Record<string, Possession>>)[number.status] ?? 'moving';
    } catch (error) {
      throw asCarrierError(error, this.#carrier, 'list its numbers');
    }
  }
}
