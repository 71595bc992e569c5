import smpp, { type PDU } from 'smpp';
import type { ReceiptState } from '../../domain/message.ts';
import { CarrierUnavailable } from '../errors.ts';
import type { InquiredPart, MessageInquiry, PartFinding } from '../message-inquiry.ts';
import { toAddress } from './address.ts';
import type { SmppConfig } from './config.ts';
import type { Link } from './link.ts';
import states from './receipt-states.json' with { type: 'json' };

const byNumber: Readonly<Record<string, string | undefined>> = states.numbers;

/** Questions that are unanswered at once: few, because carriers count them among what they may be sent. */
const atATime = 8;

/** Asks by `query_sm` (SMPP 3.4 §4.8). */
export class SmppInquiry implements MessageInquiry {
  readonly #config: SmppConfig;
  readonly #links: () => readonly Link[];

  /** @param links the sessions that submit: a receiver asks nothing */
  constructor(config: SmppConfig, links: () => readonly Link[]) {
    this.#config = config;
    this.#links = links;
  }

  async ask(parts: readonly InquiredPart[]): Promise<readonly (PartFinding | undefined)[]> {
    const found: (PartFinding | undefined)[] = [];
    for (let from = 0; from < parts.length; from += atATime) {
      found.push(...(await Promise.all(parts.slice(from, from + atATime).map((part) => this.#askOne(part)))));
    }
    return found;
  }

  async #askOne({ givenId, from }: InquiredPart): Promise<PartFinding | undefined> {
    const link = this.#links().find((each) => each.isOpen);
    if (!link) throw new CarrierUnavailable(`Carrier ${this.#config.id} can't be asked: no session is bound.`);
    const { ton, npi, digits } = toAddress(from, this.#config);
    const answer = await link.query(
      new smpp.PDU('query_sm', {
        message_id: givenId,
        source_addr_ton: ton,
        source_addr_npi: npi,
        source_addr: digits,
      }),
    );
    return answer && readQueryAnswer(answer);
  }
}

/**
 * What a `query_sm_resp` says.
 * @returns undefined when the carrier doesn't know the segment (`ESME_RQUERYFAIL`) or can't say
 */
export function readQueryAnswer(pdu: PDU): PartFinding | undefined {
  if (pdu.command !== 'query_sm_resp' || pdu.command_status !== 0) return undefined;
  const state = byNumber[String(pdu.message_state)];
  if (state === undefined) return undefined;
  const error = Number(pdu.error_code ?? 0);
  return {
    state: state as ReceiptState,
    ...(error > 0 && state !== 'DELIVRD' && { code: String(error) }),
    raw: JSON.stringify({
      command: pdu.command,
      message_id: pdu.message_id,
      final_date: pdu.final_date,
      message_state: pdu.message_state,
      error_code: pdu.error_code,
    }),
  };
}
