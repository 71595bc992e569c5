import type Telnyx from 'telnyx';
import type { ReceiptState } from '../../domain/message.ts';
import { CarrierUnavailable } from '../errors.ts';
import type { InquiredPart, MessageInquiry, PartFinding } from '../message-inquiry.ts';
import { readFailure } from './failure.ts';
import messageStates from './message-states.json' with { type: 'json' };

const states: Readonly<Record<string, string | undefined>> = messageStates.states;

/** Requests at a time. */
const atATime = 8;

/** Asks by GET /messages/{id}; the carrier remembers a text for 10 days. */
export class TelnyxInquiry implements MessageInquiry {
  readonly #carrier: string;
  readonly #client: Telnyx;

  constructor(carrier: string, client: Telnyx) {
    this.#carrier = carrier;
    this.#client = client;
  }

  async ask(parts: readonly InquiredPart[]): Promise<readonly (PartFinding | undefined)[]> {
    const found: (PartFinding | undefined)[] = [];
    for (let from = 0; from < parts.length; from += atATime) {
      found.push(...(await Promise.all(parts.slice(from, from + atATime).map((part) => this.#askOne(part)))));
    }
    return found;
  }

  async #askOne({ givenId }: InquiredPart): Promise<PartFinding | undefined> {
    try {
      const { data } = await this.#client.messages.retrieve(givenId);
      if (data?.direction !== 'outbound') return undefined;
      const state = states[data.to?.[0]?.status ?? ''];
      if (state === undefined) return undefined;
      const code = state === 'DELIVRD' ? undefined : data.errors?.[0]?.code;
      return { state: state as ReceiptState, ...(code !== undefined && { code }), raw: JSON.stringify({ data }) };
    } catch (error) {
      const failure = readFailure(error);
      if (failure.kind === 'unreachable') {
        throw new CarrierUnavailable(`Carrier ${this.#carrier} can't be asked: ${failure.reason}.`);
      }
      return undefined;
    }
  }
}
