import { z } from 'zod';
import type { ConsentDocument } from '../../store/consents.ts';
import type { Vault } from '../../store/vault.ts';
import type { ConsentEvent } from '../schemas/consents.ts';
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
): ConsentDocument['evidence'] {
  return vault.sealFor(vault.numberKey(about.phoneNumber), JSON.stringify({ ...evidence, ...about }));
}

/** An event of the ledger as the owner of the sender sees it; of a person who was erased, without what named them. */
export function consentView(event: ConsentDocument, vault: Vault): ConsentEvent {
  const plain = vault.openUnlessErased(event.evidence) ?? '{"erased":true}';
  const { phoneNumber, sender, ...evidence } = sealedEvidence.parse(JSON.parse(plain));
  return {
    id: event._id,
    type: event.type,
    phoneNumber,
    sender,
    kinds: event.kinds && [...event.kinds],
    basis: event.basis,
    source: event.source,
    at: moment(event.at),
    expiresAt: moment(event.expiresAt),
    revokes: event.revokes,
    portId: event.portId,
    evidence,
  };
}
