import { z } from 'zod';
import { consentEvent } from './consents.ts';
import { inboundMessage, outboundMessage } from './messages.ts';
import { numberAnswer } from './numbers.ts';
import { phoneNumber } from './phone-number.ts';
import { timestamp } from './timestamp.ts';

export const subjectParams = z.strictObject({ e164: phoneNumber });
export const erasureParams = z.strictObject({ id: z.string().max(100) });

export const erasure = z
  .strictObject({
    id: z.string(),
    subject: z
      .string()
      .meta({ description: 'Keyed hash of the number: tells the same person from another, and nothing else.' }),
    requestedAt: timestamp,
    requestedBy: z.string().meta({ description: 'Id of the API key.' }),
    keyDestroyedAt: timestamp,
    effectiveAt: timestamp.meta({ description: 'From then on no process has the key in memory any more.' }),
    completedAt: timestamp,
    keyGeneration: z.int().meta({ description: 'Which of the keys that the person has had; 0: there was none.' }),
    keyDestroyed: z.boolean().meta({ description: 'As the database says now.' }),
    erased: z.strictObject({
      texts: z.int(),
      inboundTexts: z.int(),
      consentEvents: z.int(),
      textsStopped: z.int().meta({ description: 'Texts on the way that no carrier had yet.' }),
      lookUp: z.boolean().meta({ description: 'What the portability database said of the number.' }),
    }),
    kept: z
      .array(z.strictObject({ what: z.string(), why: z.string(), id: z.string().optional() }))
      .meta({ description: 'What stays; none of it says who the person is.' }),
    signature: z
      .string()
      .meta({ description: 'HMAC of the other fields but `keyDestroyed`, under the secret of this service.' }),
  })
  .meta({ id: 'Erasure', description: 'The proof that a person was erased (GDPR Art. 17).' });

export const subjectExport = z
  .strictObject({
    phoneNumber: z.string(),
    exportedAt: timestamp,
    kept: z
      .array(z.strictObject({ what: z.string(), purpose: z.string(), period: z.string(), basis: z.string() }))
      .meta({ description: 'What is kept of a person, what for and how long (GDPR Art. 15(1)).' }),
    number: numberAnswer.optional(),
    erasures: z.array(erasure),
    consents: z.array(consentEvent),
    texts: z.array(outboundMessage),
    inboundTexts: z.array(inboundMessage),
  })
  .meta({ id: 'SubjectExport' });

export type ErasureAnswer = z.output<typeof erasure>;
