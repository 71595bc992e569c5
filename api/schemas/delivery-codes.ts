import { z } from 'zod';
import { deliveryClasses, faults, ourCodes, vocabularies } from '../../domain/delivery-codes.ts';
import { timestamp } from './timestamp.ts';

const vocabulary = z.enum(vocabularies).meta({ description: 'Whose codes: a protocol’s, or a carrier’s API.' });
const carrier = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'Is no id of a carrier.');
const ours = z.enum(ourCodes).meta({ description: 'Our code: few, and stable.' });
const deliveryClass = z.enum(deliveryClasses).meta({ description: 'What is done about it.' });
const fault = z.enum(faults).meta({ description: 'Whose fault it is.' });
const portRelated = z
  .boolean()
  .meta({ description: 'The routing may have moved: the numbers are looked up before it is believed.' });

export const deliveryCode = z
  .strictObject({
    vocabulary: z.enum([...vocabularies, 'http', 'receipt-state']),
    code: z.string().meta({ description: 'As the carrier gives it; `5*` stands for all that begin so.' }),
    carrier: carrier.optional().meta({ description: 'The one carrier that this holds for.' }),
    ours,
    class: deliveryClass,
    portRelated,
    fault,
    meaning: z.string(),
    action: z.string().meta({ description: 'What is to be done, for people.' }),
    source: z.string().meta({ description: 'Where the meaning is from; `operator`: one of yours has said so.' }),
    confidence: z.enum(['R', 'K', 'U']).meta({ description: 'R read at its source, K standard fact, U uncertain.' }),
  })
  .meta({ id: 'DeliveryCode' });

export const unknownCode = z
  .strictObject({
    vocabulary,
    code: z.string(),
    carrier: z.string(),
    firstSeenAt: timestamp,
    lastSeenAt: timestamp,
    attempts: z.int().meta({ description: 'Attempts that ended so in the last 30 days.' }),
  })
  .meta({ id: 'UnknownDeliveryCode' });

export const deliveryCatalogue = z
  .strictObject({
    classes: z.array(
      z.strictObject({
        class: deliveryClass,
        action: z.string(),
        waitsMs: z.array(z.int()).meta({ description: 'At most so long before each further try, drawn at random.' }),
      }),
    ),
    data: z.array(deliveryCode),
    unknown: z.array(unknownCode).meta({ description: 'Codes that carriers gave and no table has: classify them.' }),
  })
  .meta({ id: 'DeliveryCatalogue' });

export const deliveryCodeQuery = z.strictObject({ vocabulary: deliveryCode.shape.vocabulary.optional() });

export const deliveryCodePath = z.strictObject({
  vocabulary,
  code: z.string().min(1).max(40),
});

export const deliveryCodeScope = z.strictObject({
  carrier: carrier.optional().meta({ description: 'Of this carrier alone; else of all that speak the vocabulary.' }),
});

export const codeRuling = z
  .strictObject({
    ours,
    class: deliveryClass,
    portRelated: portRelated.default(false),
    fault,
    meaning: z.string().min(3).max(300),
  })
  .meta({ id: 'DeliveryCodeRuling' });

export const rulingRemoved = z
  .strictObject({ id: z.string(), removed: z.literal(true) })
  .meta({ id: 'DeliveryCodeRulingRemoved' });

export type DeliveryCodeAnswer = z.output<typeof deliveryCode>;
