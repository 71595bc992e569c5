import { z } from 'zod';
import { decideReview } from '../../activities/opt-out-review.ts';
import { honourRevocations } from '../../intake/revocation.ts';
import type { OptOutReviewDocument } from '../../store/opt-out-reviews.ts';
import type { Store } from '../../store/store.ts';
import { revocationOf } from '../consent-acceptance.ts';
import { idOf } from '../ids-of-calls.ts';
import { type Operation, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import {
  consentEvent,
  type OptOutReview,
  optOutReview,
  optOutReviewDecision,
  optOutReviewList,
  revocationRequest,
} from '../schemas/consents.ts';
import { consentView } from '../views/consent-view.ts';
import { moment } from '../views/moment.ts';

const tag = 'Consents';
/** A list for people: who has more open ones reads these first. */
const reviewsShown = 200;

/** No, by any reasonable means (47 CFR 64.1200(a)(10)): told by a person of yours, or read out of a text by one. */
export function revocationOperations({
  store,
}: {
  readonly store: Pick<Store, 'consents' | 'inboundTexts' | 'messages' | 'optOutReviews' | 'subjectKeys' | 'vault'>;
}): Operation[] {
  const { consents, optOutReviews, subjectKeys, vault } = store;

  const revoke = operation({
    method: 'post',
    path: '/v1/revocations',
    summary: 'Record that a person wants no more texts',
    description:
      'Whatever the means: a call, a letter, a word at the counter; with or without a consent on record. When it is answered it holds, also for texts that were queued.',
    tag,
    body: revocationRequest,
    answers: { 201: { description: 'The revocation holds.', schema: consentEvent } },
    problems: ['phone-number-malformed', 'phone-number-invalid', 'sender-invalid'],
    async handle({ body, caller, idempotencyKey }) {
      await subjectKeys.load([vault.numberKey(body.phoneNumber)]);
      const id = idOf('cns', { caller, idempotencyKey }, vault);
      const event = revocationOf(id, body, vault, new Date());
      await consents.append(event);
      await honourRevocations([event], store);
      return { status: 201, body: consentView((await consents.find(id)) ?? event, vault), about: event.subjectKey };
    },
  });

  async function viewAll(reviews: readonly OptOutReviewDocument[]): Promise<OptOutReview[]> {
    const texts = await Promise.all(reviews.map(({ inboundTextId }) => store.inboundTexts.find(inboundTextId)));
    await subjectKeys.loadFor(texts.flatMap((text) => (text ? [text.text] : [])));
    return reviews.map((review, index) => {
      const text = texts[index];
      return {
        id: review._id,
        text: text ? vault.openUnlessErased(text.text) : undefined,
        from: text ? vault.openUnlessErased(text.from) : undefined,
        to: text ? vault.open(text.to) : undefined,
        at: moment(review.at),
        dueAt: moment(review.dueAt),
        state: review.state,
        decidedAt: moment(review.decidedAt),
        decidedBy: review.decidedBy,
      };
    });
  }

  const list = operation({
    method: 'get',
    path: '/v1/opt-out-reviews',
    summary: 'List texts that may mean an opt-out and wait for a person',
    description: `The most urgent first, at most ${reviewsShown}. Until they are read no marketing goes to who wrote them.`,
    tag,
    answers: { 200: { description: 'What is open.', schema: optOutReviewList } },
    handle: async () => ({ status: 200, body: { data: await viewAll(await optOutReviews.listOpen(reviewsShown)) } }),
  });

  const decide = operation({
    method: 'post',
    path: '/v1/opt-out-reviews/:id/decide',
    summary: 'Say what such a text meant',
    tag,
    params: z.strictObject({ id: z.string().max(100) }),
    body: optOutReviewDecision,
    answers: { 200: { description: 'As it stands; who was first has decided.', schema: optOutReview } },
    problems: ['unknown-opt-out-review'],
    async handle({ params, body, caller }) {
      const review = await decideReview(params.id, { state: body.means, decidedBy: caller.keyId }, store);
      if (!review) throw new Problem('unknown-opt-out-review', 'GET /v1/opt-out-reviews lists those that are open.');
      return { status: 200, body: (await viewAll([review]))[0] };
    },
  });

  return [revoke, list, decide];
}
