import { elsewhere } from '../../domain/routing.ts';
import type { NumberDocument, NumberRouting } from '../../store/numbers.ts';
import type { Vault } from '../../store/vault.ts';
import type { NumberAnswer } from '../schemas/numbers.ts';
import { moment } from './moment.ts';

/**
 * A number as its owner sees it.
 * @param beside.standby the record of its standby sender, when it has one
 * @param beside.openPort id of its open port
 */
export function numberView(
  number: NumberDocument,
  beside: { readonly standby?: NumberDocument; readonly openPort?: string },
  vault: Vault,
): NumberAnswer {
  return {
    phoneNumber: vault.open(number.number),
    own: number.own,
    country: number.country,
    type: number.type,
    routing: routingView(number.routing),
    standbySender: beside.standby && vault.open(beside.standby.number),
    openPort: beside.openPort,
    lookUp: number.lookUp && {
      ported: number.lookUp.ported,
      lrn: number.lookUp.lrn,
      spid: number.lookUp.spid,
      carrierName: number.lookUp.carrierName,
      type: number.lookUp.type,
      source: number.lookUp.source,
      at: moment(number.lookUp.at),
    },
    voiceAt: number.voiceAt,
    checkedAt: moment(number.checkedAt),
    drift: number.drift && { ...number.drift, detail: [...number.drift.detail], seenAt: moment(number.drift.seenAt) },
    history: number.history.map((ended) => ({ ...ended, at: moment(ended.at) })),
    registeredAt: moment(number.registeredAt),
    portOutLock: number.portOutLock ?? false,
    portOutAccount: number.portOutAccount && {
      accountNumber: number.portOutAccount.accountNumber !== undefined,
      pin: number.portOutAccount.pin !== undefined,
      postalCode: number.portOutAccount.postalCode !== undefined,
      setAt: moment(number.portOutAccount.setAt),
    },
    simChangedAt: moment(number.simChangedAt),
    brand: number.brand && vault.open(number.brand),
    contact: number.contact && vault.open(number.contact),
    registrations: number.registrations?.map((each) => ({ ...each })),
  };
}

function routingView(routing: NumberRouting): NumberAnswer['routing'] {
  switch (routing.state) {
    case 'settled':
      return { state: 'settled', carrier: routing.carrier, textsRemoved: routing.textsRemoved };
    case 'gone':
      return { state: 'gone' };
    case 'uncertain':
      return {
        state: 'uncertain',
        losingCarrier: routing.losing,
        gainingCarrier: routing.gaining === elsewhere ? undefined : routing.gaining,
        portId: routing.portId,
        since: moment(routing.since),
      };
  }
}
