import { z } from 'zod';
import { timestamp } from './timestamp.ts';

const outcome = z.enum(['converted', 'notReceived']).meta({
  description: '`converted`: its recipient has used what was in it. `notReceived`: they say that it never came.',
});

export const feedbackRequest = z.strictObject({ outcome }).meta({ id: 'MessageFeedbackRequest' });

export const messageFeedback = z
  .strictObject({ id: z.string(), outcome, at: timestamp })
  .meta({ id: 'MessageFeedback' });
