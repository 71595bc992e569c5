import { z } from 'zod';
import { messageKinds } from '../../domain/message.ts';
import { phoneNumber, sender } from './phone-number.ts';
import { givenTimestamp, timestamp } from './timestamp.ts';

/** What shows that a person agreed (reference: consent record). Stored sealed, given back as it was given. */
export const evidence = z
  .strictObject({
    act: z
      .enum(['checkbox', 'keyword', 'voice', 'signature', 'paper', 'other'])
      .meta({ description: 'What the person did.' }),
    name: z.string().min(1).max(200).optional(),
    disclosure: z
      .strictObject({
        text: z.string().max(4000).optional(),
        version: z.string().max(100).optional(),
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .optional(),
        locale: z.string().max(35).optional(),
      })
      .optional()
      .meta({ description: 'What the person was told.' }),
    sourceUrl: z.url().max(2000).optional(),
    ip: z.union([z.ipv4(), z.ipv6()]).optional(),
    userAgent: z.string().max(1000).optional(),
    reference: z.string().max(200).optional().meta({ description: 'Your own reference, e.g. of a scanned letter.' }),
  })
  .meta({ id: 'Evidence' });

const kinds = z.array(z.enum(messageKinds)).min(1).max(messageKinds.length);

export const consentRequest = z
  .strictObject({
    phoneNumber,
    sender: sender.optional().meta({ description: 'The one sender that it is about; without it, all of yours.' }),
    kinds: kinds.optional().meta({ description: 'The kinds of texts that it is about; without it, all of them.' }),
    basis: z.enum(['express-written', 'express', 'implied']),
    capturedAt: givenTimestamp.optional().meta({ description: 'When it was given; now, unless told.' }),
    expiresAt: givenTimestamp.optional(),
    evidence,
  })
  .meta({ id: 'ConsentRequest' });

export const consentRevocation = z
  .strictObject({
    revokedAt: givenTimestamp.optional().meta({ description: 'When it was revoked; now, unless told.' }),
    channel: z.enum(['text', 'call', 'mail', 'web', 'in-person', 'other']).default('other'),
    words: z.string().max(1000).optional().meta({ description: 'What the person said.' }),
  })
  .meta({ id: 'ConsentRevocation' });

export const consentEvent = z
  .strictObject({
    id: z.string(),
    type: z.enum(['granted', 'revoked']),
    phoneNumber: z.string().optional(),
    sender: z.string().optional().meta({ description: 'Absent: it is about all senders.' }),
    kinds: kinds.optional(),
    basis: z.enum(['express-written', 'express', 'implied', 'porting', 'opt-in', 'opt-out']),
    source: z.enum(['api', 'inbound', 'carrier-code', 'erasure']),
    at: timestamp,
    expiresAt: timestamp.optional(),
    revokes: z.string().optional().meta({ description: 'The consent that it takes back.' }),
    portId: z.string().optional(),
    evidence: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'ConsentEvent', description: 'One event of the ledger; a revocation is an event of its own.' });

export const consentQuery = z.strictObject({ phoneNumber });
export const consentList = z.strictObject({ data: z.array(consentEvent) }).meta({ id: 'ConsentList' });

export type ConsentEvent = z.output<typeof consentEvent>;
