import { z } from 'zod';
import type { ConsentEntry, ConsentRecord } from '../../store/consents.ts';
import { forgottenValue, type Vault } from '../../store/vault.ts';
import { type ConsentEvent, sha256Of } from '../schemas/consents.ts';
import { moment } from './moment.ts';

const sealedEvidence = z.looseObject({ phoneNumber: z.string().optional(), sender: z.string().optional() });

/**
 * What is sealed with a consent event, under the person's own key, which has been loaded: whom and which sender it is about in plain,
 * and the evidence.
 */
export function sealEvidence(
  vault: Vault,
  about: { readonly phoneNumber: string; readonly sender?: string },
  evidence: object,
): ConsentEntry['evidence'] {
  const complete = { ...withDisclosureHash(evidence), ...about };
  return vault.sealFor(vault.numberKey(about.phoneNumber), JSON.stringify(complete));
}

/** The disclosure is known by its hash, too, when only its text was given. */
function withDisclosureHash(evidence: object): object {
  const { disclosure } = evidence as { disclosure?: { text?: string; sha256?: string } };
  if (disclosure?.text === undefined || disclosure.sha256 !== undefined) return evidence;
  return { ...evidence, disclosure: { ...disclosure, sha256: sha256Of(disclosure.text) } };
}

/** Whom an event is about and which sender, in plain; nothing of a person who was erased. The person's key has been loaded. */
export function partiesOf(event: ConsentEntry, vault: Vault): { phoneNumber?: string; sender?: string } {
  const { phoneNumber, sender } = consentView(event, vault);
  return { ...(phoneNumber !== undefined && { phoneNumber }), ...(sender !== undefined && { sender }) };
}

/**
 * An event of the ledger as the owner of the sender sees it; of a person who was erased, without what named them.
 * @param confirmedAt of a revocation by text: when our confirmation was sent
 */
export function consentView(
  event: ConsentEntry & Partial<Pick<ConsentRecord, 'seq' | 'hash' | 'previousHash' | 'storedAt'>>,
  vault: Vault,
  confirmedAt?: Date,
): ConsentEvent {
  const plain = vault.openUnlessErased(event.evidence) ?? '{"erased":true}';
  const { phoneNumber, sender, ...evidence } = sealedEvidence.parse(JSON.parse(plain));
  const { seq, hash, previousHash, storedAt } = event;
  return {
    id: event._id,
    type: event.type,
    phoneNumber,
    sender,
    kinds: event.kinds && [...event.kinds],
    basis: event.basis,
    lawfulBasis: event.lawfulBasis,
    source: event.source,
    at: moment(event.at),
    expiresAt: moment(event.expiresAt),
    grantsUntil: moment(event.grantsUntil),
    expiresBecause: event.expiresBecause,
    revokes: event.revokes,
    about: event.about,
    honourBy: moment(event.honourBy),
    confirmedAt: moment(confirmedAt),
    jurisdiction: event.jurisdiction,
    reassigned: event.reassigned,
    portId: event.portId,
    imported: event.imported,
    ...(seq !== undefined &&
      hash !== undefined &&
      previousHash !== undefined &&
      storedAt && { chain: { position: seq, storedAt: moment(storedAt), previousHash, hash } }),
    evidence,
  };
}

/**
 * An event as its owner sees it. Of one that somebody has changed so that what was sealed opens no more, everything else.
 * @param isBroken whether the chain has faults: only then may it be that it does not open
 */
export function consentViewOf(record: ConsentRecord, vault: Vault, isBroken: boolean): ConsentEvent {
  try {
    return consentView(record, vault);
  } catch (error) {
    if (!isBroken) throw error;
    return { ...consentView({ ...record, evidence: forgottenValue }, vault), evidence: { unreadable: true } };
  }
}
