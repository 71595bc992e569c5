import { honourRevocations } from '../intake/revocation.ts';
import type { OptOutReviewDocument } from '../store/opt-out-reviews.ts';
import type { Store } from '../store/store.ts';

/**
 * Decides what words meant that may mean an opt-out. Whoever is first decides; then the ledger says so: a revocation of all kinds, or that
 * the pause of marketing has ended. Safe to repeat.
 * @returns the review as it stands; undefined when there is none
 */
export async function decideReview(
  consentId: string,
  decision: { readonly state: 'opt-out' | 'no-opt-out'; readonly decidedBy: string },
  store: Pick<Store, 'consents' | 'messages' | 'optOutReviews' | 'vault'>,
): Promise<OptOutReviewDocument | undefined> {
  const { consents, optOutReviews, vault } = store;
  const pause = await consents.find(consentId);
  const review = pause && (await optOutReviews.decide(consentId, { ...decision, decidedAt: new Date() }));
  if (!review) return undefined;
  const { state, decidedBy = decision.decidedBy, decidedAt: at = new Date() } = review;
  const about = {
    subjectKey: pause.subjectKey,
    ...(pause.senderKey !== undefined && { senderKey: pause.senderKey }),
    basis: 'opt-out' as const,
    source: decidedBy === 'clock' ? ('clock' as const) : ('review' as const),
    at,
    about: consentId,
    evidence: vault.seal(JSON.stringify({ inboundTextId: review.inboundTextId, channel: 'text', decidedBy })),
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
