import { z } from 'zod';
import { timestamp } from './timestamp.ts';

export const carrierEvent = z
  .strictObject({
    id: z.string(),
    carrier: z.string(),
    type: z.string(),
    at: timestamp.meta({ description: 'When the carrier says it happened, else when it arrived.' }),
    receivedAt: timestamp,
    state: z.enum(['new', 'unmatched', 'done']),
    forgetAt: timestamp.optional().meta({ description: 'News about orders are kept as long as the timelines.' }),
    raw: z
      .string()
      .meta({ description: 'The payload as it came; empty for a receipt of a text to a person who had been erased.' }),
  })
  .meta({ id: 'CarrierEvent' });

export type CarrierEventAnswer = z.output<typeof carrierEvent>;
