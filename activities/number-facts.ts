import type { Carrier, PortabilityCheck } from '../carriers/carrier.ts';
import { type ParsedPhoneNumber, parsePhoneNumber } from '../domain/phone-number.ts';
import type { NumberFacts, PartyFacts } from '../domain/port-check.ts';
import type { PortabilityRecord } from '../npdb/portability-database.ts';
import type { NumberDocument } from '../store/numbers.ts';

/** What was learnt of a number from those who know it; absent where nobody was asked or answered. */
export interface NumberSources {
  readonly record?: Pick<PortabilityRecord, 'spid' | 'type'>;
  readonly check?: PortabilityCheck;
  /** Our own record. */
  readonly document?: Pick<NumberDocument, 'own' | 'routing' | 'portOutLock' | 'simChangedAt'>;
  readonly otherPortOpen?: boolean;
}

/** Puts together what decides whether a number can be ported. The database knows its type where the numbering plan can't tell. */
export function numberFacts(
  phoneNumber: string | ParsedPhoneNumber,
  { record, check, document, otherPortOpen }: NumberSources,
  carriers: ReadonlyMap<string, Carrier>,
): NumberFacts {
  const parsed = typeof phoneNumber === 'string' ? parsePhoneNumber(phoneNumber) : phoneNumber;
  const textsAt = partyOf(textsCarrier(document), carriers);
  return {
    valid: parsed.ok,
    country: parsed.ok ? parsed.country : '',
    type: parsed.ok ? typeOf(parsed.type, record) : 'other',
    ...(record?.spid && { spid: record.spid }),
    ...(check && { check }),
    ...(otherPortOpen && { otherPortOpen }),
    ...(document?.portOutLock && { portOutLocked: true }),
    ...(document?.simChangedAt && { simChangedAt: document.simChangedAt }),
    ...(textsAt && { textsAt }),
  };
}

/** A look-up refines what the numbering plan can't tell, and doesn't overrule it. @param planned by the numbering plan */
export function typeOf(planned: NumberFacts['type'], record: NumberSources['record']): NumberFacts['type'] {
  return planned === 'fixed-or-mobile' ? (record?.type ?? planned) : planned;
}

/** Our id of the carrier that carries a number's texts, as far as we know. */
export function textsCarrier(document: NumberSources['document']): string | undefined {
  return document?.own && document.routing.state === 'settled' ? document.routing.carrier : undefined;
}

function partyOf(id: string | undefined, carriers: ReadonlyMap<string, Carrier>): PartyFacts | undefined {
  const settings = id === undefined ? undefined : carriers.get(id)?.settings;
  return settings && { id: settings.id, spids: settings.spids };
}
