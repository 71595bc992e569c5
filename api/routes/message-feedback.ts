import { z } from 'zod';
import type { Store } from '../../store/store.ts';
import { type Operation, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { feedbackRequest, messageFeedback } from '../schemas/message-feedback.ts';
import { moment } from '../views/moment.ts';

/** What callers know better than any receipt: it is learnt from, and changes no text's state. */
export function messageFeedbackOperations({ store }: { readonly store: Pick<Store, 'messages'> }): Operation[] {
  const tell = operation({
    method: 'post',
    path: '/v1/messages/:id/feedback',
    summary: 'Tell what became of a text',
    description:
      'Whether its recipient has used what was in it (a code, a link), or says that it never came. Outweighs receipts when routes are ' +
      'chosen; changes nothing of the text itself. It is said once: the same again is answered the same, something else is refused.',
    tag: 'Messages',
    params: z.strictObject({ id: z.string().max(100) }),
    body: feedbackRequest,
    answers: { 200: { description: 'It is noted.', schema: messageFeedback } },
    problems: ['unknown-message', 'message-not-sent', 'feedback-given'],
    idempotency: 'by-document',
    async handle({ params: { id }, body: { outcome } }) {
      const at = new Date();
      let seen = await store.messages.find(id);
      if (!seen) throw new Problem('unknown-message', 'Check the id; it is the one that POST /v1/messages answered.');
      await store.messages.change([id], (text) => {
        seen = text;
        if (text.feedback || text.attempts.length === 0) return undefined;
        seen = { ...text, feedback: { outcome, at } };
        return { feedback: { outcome, at } };
      });
      const { feedback } = seen;
      if (!feedback) throw new Problem('message-not-sent', 'No carrier has had this text yet: wait until it was sent.');
      if (feedback.outcome !== outcome) {
        throw new Problem('feedback-given', `It was said before that this text was ${feedback.outcome}; that stays.`);
      }
      return { status: 200, body: { id, outcome: feedback.outcome, at: moment(feedback.at) } };
    },
  });
  return [tell];
}
