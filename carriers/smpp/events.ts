import { createHash } from 'node:crypto';
import type { Zone } from 'luxon';
import type { InboundEvent, ReceiptEvent } from '../carrier.ts';
import { fromAddress } from './address.ts';
import { decodeText } from './alphabet.ts';
import type { SmppConfig } from './config.ts';
import type { DeliveryPdu } from './delivery-pdu.ts';
import { type Receipt, readReceipt } from './receipt.ts';
import { zoneOf } from './receipt-date.ts';
import { contentOf, type SessionDeliveries } from './redelivery.ts';
import { readUserData } from './user-data.ts';

/** Reads what a `deliver_sm` brings: a receipt or an inbound text. */
export class EventReader {
  readonly #config: SmppConfig;
  readonly #zone: Zone;

  constructor(config: SmppConfig) {
    this.#config = config;
    this.#zone = zoneOf(config.receiptTimeZone);
  }

  read(pdu: DeliveryPdu, deliveries: SessionDeliveries): ReceiptEvent | InboundEvent {
    const { receiptId, defaultAlphabet, country } = this.#config;
    const arrivedAt = new Date().toISOString();
    const source = fromAddress(pdu.source.digits, pdu.source.ton, country);
    const destination = fromAddress(pdu.destination.digits, pdu.destination.ton, country);
    const receipt = readReceipt(pdu, { receiptId, defaultAlphabet, zone: this.#zone });
    if (receipt) {
      const { doneAt, ...said } = receipt;
      return {
        type: 'receipt',
        eventId: receiptEventId(receipt) ?? deliveries.name(pdu),
        at: doneAt ?? arrivedAt,
        raw: rawOf(pdu),
        // A receipt comes from the recipient of the text that it is about.
        from: destination,
        to: source,
        ...said,
      };
    }
    const { octets, part } = readUserData(pdu);
    return {
      type: 'inbound',
      eventId: deliveries.name(pdu),
      content: contentOf(pdu),
      at: arrivedAt,
      raw: rawOf(pdu),
      from: source,
      to: destination,
      // What is no text in any alphabet of ours is shown as its octets rather than lost.
      text: decodeText(octets, pdu.dataCoding, defaultAlphabet) ?? octets.toString('hex'),
      ...(part && { part }),
    };
  }
}

/** The same for a receipt that comes twice, in whatever session; undefined when nothing in it is unique. */
function receiptEventId({ carrierMessageId, state, code, doneAt }: Receipt): string | undefined {
  if (carrierMessageId === undefined) return undefined;
  const content = JSON.stringify([carrierMessageId, state, code, doneAt]);
  return createHash('sha256').update(content).digest('base64url').slice(0, 27);
}

function rawOf({ octets, ...fields }: DeliveryPdu): string {
  return JSON.stringify({ ...fields, octets: octets.toString('hex') });
}
