import { z } from 'zod';
import { sealEvidence } from '../intake/evidence.ts';
import { honourRevocations } from '../intake/revocation.ts';
import type { OptOutReviewDocument } from '../store/opt-out-reviews.ts';
import type { Store } from '../store/store.ts';

/** Whom a pause names, and which number of ours. */
const parties = z.object({ phoneNumber: z.string().optional(), sender: z.string().optional() });

/**
 * Decides what words meant that may mean an opt-out. Whoever is first decides; then the ledger says so: a revocation of all kinds, or that
 * the pause of marketing has ended. Safe to repeat.
 * @returns the review as it stands; undefined when there is none
 */
export async function decideReview(
  consentId: string,
  decision: { readonly state: 'opt-out' | 'no-opt-out'; readonly decidedBy: string },
  store: Pick<Store, 'consents' | 'messages' | 'optOutReviews' | 'subjectKeys' | 'vault'>,
): Promise<OptOutReviewDocument | undefined> {
  const { consents, optOutReviews, subjectKeys, vault } = store;
  const pause = await consents.find(consentId);
  const review = pause && (await optOutReviews.decide(consentId, { ...decision, decidedAt: new Date() }));
  if (!review) return undefined;
  const { state, decidedBy = decision.decidedBy, decidedAt: at = new Date() } = review;
  await subjectKeys.loadUnlessErased([pause.subjectKey]);
  await subjectKeys.loadFor([pause.evidence]);
  const { phoneNumber, sender } = parties.parse(JSON.parse(vault.openUnlessErased(pause.evidence) ?? '{}'));
  const { inboundTextId } = review;
  const evidence = { phoneNumber, sender, inboundTextId, channel: 'text', decidedBy };
  const about = {
    subjectKey: pause.subjectKey,
    ...(pause.senderKey !== undefined && { senderKey: pause.senderKey }),
    basis: 'opt-out' as const,
    source: decidedBy === 'clock' ? ('clock' as const) : ('review' as const),
    at,
    about: consentId,
    evidence: sealEvidence(pause.subjectKey, evidence, vault),
  };
  if (state === 'no-opt-out') {
    await consents.append({ ...about, _id: vault.deriveId('con', 'resumed', consentId), type: 'resumed' });
  } else {
    const revocation = {
      ...about,
      _id: vault.deriveId('con', 'reviewed', consentId),
      type: 'revoked' as const,
      ...(pause.honourBy && { honourBy: pause.honourBy }),
    };
    await consents.append(revocation);
    await honourRevocations([revocation], store);
  }
  return review;
}
