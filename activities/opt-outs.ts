import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { type AnsweringDependencies, answerKeyword } from '../intake/keyword-answer.ts';
import { honourRevocations } from '../intake/revocation.ts';
import type { ConsentEntry } from '../store/consents.ts';
import type { OptOutActivities } from './interfaces.ts';
import { decideReview } from './opt-out-review.ts';

const ofInboundText = z.looseObject({ inboundTextId: z.string().optional() });

/** What follows from a revocation that came as a text. Every step is safe to repeat. */
export function createOptOutActivities(deps: AnsweringDependencies): OptOutActivities {
  const { store } = deps;

  async function find(consentId: string): Promise<ConsentEntry> {
    const event = await store.consents.find(consentId);
    if (event) return event;
    throw ApplicationFailure.nonRetryable(`The consent ledger has no event ${consentId}.`, 'unknown-consent');
  }

  return {
    async honourRevocation({ consentId }) {
      await honourRevocations([await find(consentId)], store);
    },

    async confirmRevocation({ consentId }) {
      const revocation = await find(consentId);
      await store.subjectKeys.loadFor([revocation.evidence]);
      const evidence = store.vault.openUnlessErased(revocation.evidence);
      const { inboundTextId } = ofInboundText.parse(JSON.parse(evidence ?? '{}'));
      const inbound = inboundTextId === undefined ? null : await store.inboundTexts.find(inboundTextId);
      if (inbound) await answerKeyword(inbound, deps, { id: consentId, ofAll: revocation.senderKey === undefined });
    },

    async readReview({ consentId }) {
      const review = await store.optOutReviews.find(consentId);
      return review?.state === 'open' ? { dueAt: review.dueAt.toISOString() } : {};
    },

    async closeReview({ consentId }) {
      await decideReview(consentId, { state: 'opt-out', decidedBy: 'clock' }, store);
    },
  };
}
