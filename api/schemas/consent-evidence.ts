import { z } from 'zod';
import { consentEvent } from './consents.ts';
import { outboundMessage } from './messages.ts';
import { phoneNumber } from './phone-number.ts';
import { timestamp } from './timestamp.ts';

export const evidenceQuery = z.strictObject({
  phoneNumber,
  format: z
    .enum(['json', 'pdf'])
    .optional()
    .meta({ description: 'Instead of the Accept header. The PDF has the JSON attached.' }),
});

export const evidenceBundle = z
  .strictObject({
    content: z.strictObject({
      phoneNumber: z.string(),
      subject: z.string().meta({ description: 'Keyed hash of the number, by which the chain is known.' }),
      madeAt: timestamp,
      ledger: z.strictObject({
        whole: z
          .boolean()
          .meta({ description: 'No event was changed, removed, moved or added since it was recorded.' }),
        faults: z.array(z.string()),
        events: z.array(consentEvent),
      }),
      disclosures: z
        .array(
          z.strictObject({
            sha256: z.string().optional(),
            text: z.string().optional(),
            version: z.string().optional(),
            locale: z.string().optional(),
            events: z.array(z.string()).meta({ description: 'The consents before which it was shown.' }),
          }),
        )
        .meta({ description: 'What the person was told, each once.' }),
      texts: z
        .array(
          z.strictObject({
            message: outboundMessage,
            consent: z
              .string()
              .optional()
              .meta({ description: 'The consent that stood when it was given to a carrier.' }),
          }),
        )
        .meta({
          description:
            'Every text to the person, with the decision about it, the oldest first. Words are kept 30 days.',
        }),
      erasures: z.array(z.string()).meta({ description: 'Proofs of erasures: GET /v1/erasures/{id}.' }),
    }),
    sha256: z.string().meta({ description: 'Of `content` as JSON without blanks, fields in this order (UTF-8).' }),
    signature: z
      .string()
      .meta({ description: 'HMAC of that under the secret of this service: whether a bundle is one of ours.' }),
  })
  .meta({ id: 'ConsentEvidence' });

export type EvidenceBundle = z.output<typeof evidenceBundle>;
