import type { CarrierEvent } from '../../carriers/carrier.ts';
import type { CarrierEventDocument } from '../../store/carrier-events.ts';
import type { Vault } from '../../store/vault.ts';
import type { CarrierEventAnswer } from '../schemas/carrier-events.ts';
import { moment } from './moment.ts';

/** Its id holds a slash. */
export function carrierEventLink(id: string): string {
  return `/v1/carrier-events/${encodeURIComponent(id)}`;
}

/** What a carrier told us, opened: the raw payload may name people and numbers. */
export function carrierEventView(document: CarrierEventDocument, vault: Vault): CarrierEventAnswer {
  const { raw, at } = JSON.parse(vault.open(document.event)) as CarrierEvent;
  return {
    id: document._id,
    carrier: document.carrier,
    type: document.type,
    at,
    receivedAt: moment(document.receivedAt),
    state: document.state,
    forgetAt: moment(document.forgetAt),
    raw,
  };
}
