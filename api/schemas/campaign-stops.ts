import { z } from 'zod';
import { messageKinds } from '../../domain/message.ts';
import { timestamp } from './timestamp.ts';

export const campaignStopList = z
  .strictObject({
    data: z.array(
      z.strictObject({
        id: z.string(),
        carrier: z.string(),
        campaignId: z.string().optional(),
        sender: z.string().optional().meta({ description: 'The sender, where there is no campaign.' }),
        kind: z.enum(messageKinds).optional().meta({ description: 'Only such texts are stopped; left out: all.' }),
        stoppedAt: timestamp.optional(),
        until: timestamp
          .optional()
          .meta({ description: 'Then some go again; if they are blocked, for twice as long.' }),
        stops: z.int().meta({ description: 'How often in a row.' }),
        blocked: z.array(z.strictObject({ messageId: z.string(), at: timestamp, carrierCode: z.string().optional() })),
      }),
    ),
  })
  .meta({ id: 'CampaignStopList' });

export const campaignStopPath = z.strictObject({ id: z.string().max(300) });
export const campaignStopEnded = z
  .strictObject({ id: z.string(), ended: z.literal(true) })
  .meta({ id: 'CampaignStopEnded' });
