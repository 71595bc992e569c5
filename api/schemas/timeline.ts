import { z } from 'zod';
import { pageOf, paging } from './page.ts';
import { timestamp } from './timestamp.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const timelineEntry = z
  .strictObject({
    seq: z.int().meta({ description: 'Position in the chain, from 1.' }),
    at: timestamp.meta({ description: 'When it happened.' }),
    actor: z.enum(['portsms', 'carrier', 'caller']),
    by: z
      .strictObject({
        apiKeyId: z.string().optional(),
        carrier: z.string().optional(),
        workflowId: z.string().optional(),
        runId: z.string().optional(),
      })
      .optional()
      .meta({ description: 'Who it was, by ids.' }),
    type: z.string(),
    detail: z.string(),
    phoneNumber: z.string().optional(),
    carrierEventId: z.string().optional().meta({ description: 'The event of a carrier that told us.' }),
    rawPayload: z.string().optional().meta({ description: 'Where the raw payload of that event is read.' }),
    storedAt: timestamp.meta({ description: 'When it was put on record.' }),
    previousHash: hash.meta({ description: 'Of the record before.' }),
    hash: hash.meta({ description: 'SHA-256 over the whole stored record.' }),
  })
  .meta({ id: 'TimelineEntry' });

/** Pages go by the position: what is appended meanwhile comes on a later page. */
const afterSeq = z
  .string()
  .max(40)
  .transform((text, context): number => {
    const [, seq] = /^seq\.(\d{1,12})$/.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? [];
    if (seq !== undefined) return Number(seq);
    context.addIssue({ code: 'custom', message: 'Not a cursor of ours: take `nextCursor` of the page before.' });
    return z.NEVER;
  })
  .meta({ description: '`nextCursor` of the page before.', type: 'string' });

export function cursorAfter(seq: number): string {
  return Buffer.from(`seq.${seq}`).toString('base64url');
}

export const timelineQuery = z.strictObject({
  format: z.enum(['json', 'csv', 'pdf']).optional().meta({
    description: 'Instead of the Accept header. JSON comes in pages; CSV and PDF hold the whole timeline.',
  }),
  cursor: afterSeq.optional(),
  limit: paging.limit,
});
export const timeline = pageOf('Timeline', timelineEntry);
export type TimelineEntryAnswer = z.output<typeof timelineEntry>;
