import { z } from 'zod';
import { pageOf, paging } from './page.ts';
import { phoneNumber } from './phone-number.ts';
import { timestamp } from './timestamp.ts';

export const numberParams = z.strictObject({ e164: phoneNumber });
export const numberQuery = z.strictObject(paging);

export const numberRequest = z
  .strictObject({
    carrier: z.string().min(1).max(64).meta({ description: 'Id of the carrier that the number is with.' }),
    standbySender: phoneNumber.optional().meta({
      description:
        'Another of your numbers, of the same brand and not porting: it carries urgent texts while this one moves.',
    }),
  })
  .meta({ id: 'NumberRequest' });

export const numberAnswer = z
  .strictObject({
    phoneNumber: z.string(),
    own: z.boolean(),
    country: z.string().optional(),
    type: z.string().optional(),
    routing: z.strictObject({
      state: z.enum(['settled', 'uncertain', 'gone']),
      carrier: z.string().optional().meta({ description: 'Which of your carriers its texts go by.' }),
      losingCarrier: z.string().optional(),
      gainingCarrier: z.string().optional(),
      portId: z.string().optional(),
      since: timestamp.optional(),
    }),
    standbySender: z.string().optional(),
    openPort: z.string().optional().meta({ description: 'Id of the port that is under way.' }),
    lookUp: z
      .strictObject({
        ported: z.boolean(),
        lrn: z.string().optional(),
        spid: z.string().optional(),
        carrierName: z.string().optional(),
        type: z.string().optional(),
        source: z.string(),
        at: timestamp,
      })
      .optional()
      .meta({ description: 'What the portability database said last, and when.' }),
    history: z.array(
      z.strictObject({ portId: z.string(), at: timestamp, from: z.string().optional(), to: z.string() }),
    ),
    registeredAt: timestamp,
  })
  .meta({ id: 'Number' });

export const numberPage = pageOf('NumberPage', numberAnswer);
export type NumberAnswer = z.output<typeof numberAnswer>;
