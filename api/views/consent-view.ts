import { z } from 'zod';
import type { ConsentDocument } from '../../store/consents.ts';
import type { Vault } from '../../store/vault.ts';
import type { ConsentEvent } from '../schemas/consents.ts';
import { moment } from './moment.ts';

const sealedEvidence = z.looseObject({ phoneNumber: z.string().optional(), sender: z.string().optional() });

/** What is sealed with a consent event: whom and which sender it is about in plain, and the evidence. */
export function sealEvidence(
  vault: Vault,
  about: { readonly phoneNumber: string; readonly sender?: string },
  evidence: object,
): ConsentDocument['evidence'] {
  return vault.seal(JSON.stringify({ ...evidence, ...about }));
}

/** An event of the ledger as the owner of the sender sees it. */
export function consentView(event: ConsentDocument, vault: Vault): ConsentEvent {
  const { phoneNumber, sender, ...evidence } = sealedEvidence.parse(JSON.parse(vault.open(event.evidence)));
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
