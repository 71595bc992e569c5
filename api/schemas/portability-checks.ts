import { z } from 'zod';
import { timestamp } from './timestamp.ts';

export const portabilityRequest = z
  .strictObject({
    phoneNumbers: z
      .array(z.string().max(64))
      .min(1)
      .max(100)
      .meta({ description: 'Numbers in E.164; one that is none is answered as not valid.' }),
    gainingCarrier: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'Id of the carrier that would take the numbers; the first that ports, unless told.' }),
  })
  .meta({ id: 'PortabilityRequest' });

const rejection = z.strictObject({
  code: z.string(),
  message: z.string(),
  fix: z.string(),
  field: z.string(),
  certain: z.boolean().meta({ description: 'False: likely, but the carrier may know better.' }),
});

export const portabilityResult = z
  .strictObject({
    phoneNumber: z.string(),
    valid: z.boolean(),
    country: z.string().optional(),
    type: z.string().optional(),
    portable: z
      .boolean()
      .nullable()
      .meta({ description: 'Whether the gaining carrier can take it; null when that could not be found out.' }),
    messagingCapable: z.boolean().optional(),
    losingCarrier: z
      .strictObject({
        id: z.string().optional().meta({ description: 'When it is one of your carriers.' }),
        spid: z.string().optional(),
        name: z.string().optional(),
      })
      .optional(),
    ported: z.boolean().optional(),
    lrn: z.string().optional(),
    lookUp: z.strictObject({ source: z.string(), at: timestamp }).optional(),
    neededFields: z
      .array(z.strictObject({ field: z.string(), certain: z.boolean(), fix: z.string() }))
      .meta({ description: 'What a port of this number has to give.' }),
    rejections: z.array(rejection).meta({ description: 'What would be refused, and how to avoid it.' }),
    unanswered: z
      .array(z.enum(['carrier', 'database']))
      .meta({ description: 'Who did not answer in time; ask again later.' }),
  })
  .meta({ id: 'PortabilityResult' });

export const portabilityAnswer = z
  .strictObject({ gainingCarrier: z.string().optional(), data: z.array(portabilityResult) })
  .meta({ id: 'PortabilityAnswer' });

export type PortabilityResult = z.output<typeof portabilityResult>;
