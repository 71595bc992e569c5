import { z } from 'zod';
import { requirementNeeds } from '../../domain/port-requirements.ts';
import { givenTimestamp, timestamp } from './timestamp.ts';

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
    messagingPlan: z.enum(['move', 'stay', 'messaging-only']).default('move'),
    portType: z.enum(['full', 'partial']).default('full'),
    activation: z.enum(['automatic', 'on-demand']).default('automatic'),
    region: z.string().max(100).optional().meta({
      description: 'State, province or nation of the service address: by its zone and holidays the dates are reckoned.',
    }),
    requestedFocAt: givenTimestamp.optional().meta({ description: 'The date that would be asked for.' }),
  })
  .meta({ id: 'PortabilityRequest' });

const rejection = z.strictObject({
  code: z.string(),
  message: z.string(),
  fix: z.string(),
  field: z.string(),
  certain: z.boolean().meta({ description: 'False: likely, but the carrier may know better.' }),
});

const needed = {
  certain: z.boolean().meta({ description: 'False: of some subscribers, or by some losing carriers.' }),
  need: z.enum(requirementNeeds),
  fix: z.string(),
};

const timer = z
  .strictObject({
    id: z.string(),
    meaning: z.string(),
    amount: z.number().optional(),
    unit: z.enum(['hours', 'days', 'business-hours', 'business-days']).optional(),
    source: z.string(),
    verifiedAt: z.string(),
    confidence: z.enum(['R', 'K', 'U']).meta({
      description: 'R: read at the source; K: known in the trade; U: uncertain, ask before you rely on it.',
    }),
  })
  .meta({ id: 'PortingTimer' });

const portabilityResult = z
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
    smsProvider: z
      .strictObject({ id: z.string(), source: z.enum(['own-record']) })
      .optional()
      .meta({ description: 'Who carries its texts, which may be another than the one of voice; when that is known.' }),
    carrierReason: z.string().optional().meta({ description: "The gaining carrier's own reason for a no, raw." }),
    onDemand: z.boolean().optional().meta({ description: 'Whether the gaining carrier activates it on demand.' }),
    earliestFocAt: timestamp
      .optional()
      .meta({ description: 'The earliest date, if it were ordered now; a prediction.' }),
    latestFocAt: timestamp.optional().meta({ description: 'The latest date that the gaining carrier takes.' }),
    lookUp: z.strictObject({ source: z.string(), at: timestamp }).optional(),
    neededFields: z
      .array(z.strictObject({ field: z.string(), ...needed }))
      .meta({ description: 'What a port of this number has to give.' }),
    neededDocuments: z
      .array(z.strictObject({ document: z.string(), ...needed }))
      .meta({ description: 'The documents that it takes.' }),
    rejections: z.array(rejection).meta({ description: 'What would be refused, and how to avoid it.' }),
    timers: z
      .array(z.string())
      .meta({ description: 'Ids of the times that such a port is measured by; what they are is in the answer, once.' }),
    unanswered: z
      .array(z.enum(['carrier', 'database']))
      .meta({ description: 'Who did not answer in time; ask again later.' }),
  })
  .meta({ id: 'PortabilityResult' });

export const portabilityAnswer = z
  .strictObject({
    gainingCarrier: z.string().optional(),
    data: z.array(portabilityResult),
    asOneOrder: z
      .array(rejection)
      .meta({ description: 'Why these numbers cannot be in one order, such as several losing carriers.' }),
    timers: z.array(timer),
  })
  .meta({ id: 'PortabilityAnswer' });

export type PortabilityResult = z.output<typeof portabilityResult>;
export type PortabilityQuestion = z.output<typeof portabilityRequest>;
export type PortabilityAnswer = z.output<typeof portabilityAnswer>;
