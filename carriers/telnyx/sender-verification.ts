import type Telnyx from 'telnyx';
import type { SenderVerification, SenderVerificationClient } from '../sender-verification.ts';
import { asCarrierError } from './failure.ts';
import table from './verification-states.json' with { type: 'json' };

/** Largest page that the carrier gives. */
const pageSize = 100;

const states: Readonly<Record<string, string | undefined>> = table.states;
/** What counts where several requests name one number. */
const rank: Readonly<Record<SenderVerification, number>> = { refused: 0, pending: 1, verified: 2 };

/** Verification of toll-free senders at Telnyx. */
export class TelnyxSenderVerification implements SenderVerificationClient {
  readonly #carrier: string;
  readonly #client: Telnyx;

  constructor(carrier: string, client: Telnyx) {
    this.#carrier = carrier;
    this.#client = client;
  }

  async verificationsOf(phoneNumbers: readonly string[]): Promise<Map<string, SenderVerification>> {
    const wanted = new Set(phoneNumbers);
    const found = new Map<string, SenderVerification>();
    const { requests } = this.#client.messagingTollfree.verification;
    try {
      for await (const { phoneNumbers: named, verificationStatus } of requests.list({ page: 1, page_size: pageSize })) {
        const state = (states[verificationStatus] ?? 'pending') as SenderVerification;
        for (const { phoneNumber } of named) {
          const before = found.get(phoneNumber);
          if (!wanted.has(phoneNumber) || (before && rank[before] >= rank[state])) continue;
          found.set(phoneNumber, state);
        }
      }
      return found;
    } catch (error) {
      throw asCarrierError(error, this.#carrier, 'list the verified senders');
    }
  }
}
