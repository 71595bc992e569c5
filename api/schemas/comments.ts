import { z } from 'zod';
import { commentChannels, commentStates } from '../../store/comments.ts';
import { givenTimestamp, timestamp } from './timestamp.ts';

export const commentRequest = z
  .strictObject({
    text: z.string().trim().min(1).max(4000),
    carrier: z
      .enum(['gaining', 'losing'])
      .default('gaining')
      .meta({ description: 'The losing one only if it is one of your carriers.' }),
    from: z
      .enum(['us', 'carrier'])
      .default('us')
      .meta({ description: 'carrier: an answer that came in another way, e.g. by mail or phone, is put on record.' }),
    at: givenTimestamp.optional().meta({ description: 'Of an answer: when it came. Now, unless told.' }),
  })
  .refine(({ from, at }) => from === 'carrier' || at === undefined, {
    path: ['at'],
    message: 'Only an answer of the carrier has a time of its own; what you write is sent now.',
  })
  .meta({ id: 'CommentRequest' });

export const comment = z
  .strictObject({
    id: z.string(),
    carrier: z.string(),
    direction: z.enum(['to-carrier', 'from-carrier']),
    author: z.enum(['caller', 'portsms', 'carrier']).meta({ description: 'portsms: an escalation.' }),
    channel: z.enum(commentChannels),
    text: z.string(),
    at: timestamp,
    state: z.enum(commentStates).meta({
      description:
        'by-hand: somebody has to carry it to the carrier (`contact`); failed: given up after 3 days, or refused.',
    }),
    stateSince: timestamp,
    attempts: z.int(),
    failure: z.string().optional().meta({ description: 'Why the last attempt failed.' }),
    nextAttemptAt: timestamp.optional(),
    carrierCommentId: z.string().optional(),
    escalation: z.strictObject({ reason: z.string(), level: z.int() }).optional(),
    contact: z
      .strictObject({
        email: z.string().optional(),
        ticketUrl: z.string().optional(),
        phone: z.string().optional(),
        name: z.string().optional(),
      })
      .optional()
      .meta({ description: "Of a comment that goes by hand: from the carrier's settings." }),
  })
  .meta({ id: 'Comment' });

export const commentList = z.strictObject({ data: z.array(comment) }).meta({ id: 'CommentList' });
export type CommentAnswer = z.output<typeof comment>;
