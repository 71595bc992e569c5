import { createHash } from 'node:crypto';
import { z } from 'zod';
import { messageKinds } from '../../domain/message.ts';
import { phoneNumber, sender } from './phone-number.ts';
import { givenTimestamp, timestamp } from './timestamp.ts';

export const sha256Of = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

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
      .refine(
        ({ text, sha256 }) => text === undefined || sha256 === undefined || sha256Of(text) === sha256,
        'The SHA-256 is not that of the text: send the text as it was shown, or leave out one of the two.',
      )
      .optional()
      .meta({ description: 'What the person was told. Its SHA-256 is computed where only the text is given.' }),
    notConditionOfPurchase: z
      .boolean()
      .optional()
      .meta({ description: 'The person was told that agreeing is no condition of a purchase (47 CFR 64.1200(f)(9)).' }),
    signature: z.string().max(2000).optional().meta({ description: 'The signature, or where it is kept.' }),
    brand: z.string().min(1).max(200).optional().meta({ description: 'The brand that the person agreed to.' }),
    controllers: z
      .array(z.string().min(1).max(200))
      .max(50)
      .optional()
      .meta({ description: 'Other controllers that were named.' }),
    purpose: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .meta({ description: 'For what the person agreed to be written to.' }),
    timeZone: z.string().max(60).optional().meta({ description: 'Of the person when it was captured (IANA).' }),
    timeZoneSource: z.string().max(200).optional().meta({ description: 'How that zone was known.' }),
    sourceUrl: z.url().max(2000).optional(),
    ip: z.union([z.ipv4('Not an IP address.'), z.ipv6('Not an IP address.')]).optional(),
    userAgent: z.string().max(1000).optional(),
    reference: z.string().max(200).optional().meta({ description: 'Your own reference, e.g. of a scanned letter.' }),
  })
  .meta({ id: 'Evidence' });

const lawfulBasis = z.enum(['consent', 'legitimate-interest', 'contract', 'legal-obligation']);
const kinds = z.array(z.enum(messageKinds)).min(1).max(messageKinds.length);

export const consentRequest = z
  .strictObject({
    phoneNumber,
    sender: sender.optional().meta({ description: 'The one sender that it is about; without it, all of yours.' }),
    kinds: kinds.optional().meta({ description: 'The kinds of texts that it is about; without it, all of them.' }),
    basis: z.enum(['express-written', 'express', 'soft-opt-in', 'implied']),
    lawfulBasis: lawfulBasis.optional().meta({ description: 'GDPR Art. 6, where it applies.' }),
    impliedBy: z.enum(['purchase', 'inquiry']).optional().meta({
      description: 'What an implied consent is implied by: in Canada it ends by itself, 24 or 6 months later.',
    }),
    jurisdiction: z
      .string()
      .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/)
      .optional()
      .meta({
        description: 'Where the person was when it was captured, e.g. US-FL; the country of the number, unless told.',
      }),
    capturedAt: givenTimestamp.optional().meta({ description: 'When it was given; now, unless told.' }),
    expiresAt: givenTimestamp.optional(),
    confirmation: z
      .strictObject({
        question: z.string().min(1).max(300).optional().meta({
          description:
            'What the person is asked; unless told, a neutral question in their language that begins with the brand of the sender.',
        }),
        withinHours: z.int().min(1).max(168).default(72),
      })
      .optional()
      .meta({
        description:
          'Double opt-in: the consent counts only when the person has answered YES to a text of the sender, which this needs.',
      }),
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

/** A no by whatever means, with or without a consent on record. */
export const revocationRequest = z
  .strictObject({
    phoneNumber,
    sender: sender.optional().meta({ description: 'The one sender that it is about; without it, all of yours.' }),
    kinds: kinds.optional().meta({ description: 'The kinds of texts that it is about; without it, all of them.' }),
    ...consentRevocation.shape,
  })
  .meta({ id: 'RevocationRequest' });

/** What a look-up said of whether the number still is the person's (47 CFR 64.1200(m)). */
export const reassignmentCheck = z
  .strictObject({
    result: z.enum(['yes', 'no', 'no-data']).meta({
      description: 'Whether the number has been reassigned since the consent. `no-data` gives no safe harbour.',
    }),
    checkedAt: givenTimestamp.optional().meta({ description: 'When it was looked up; now, unless told.' }),
    source: z.string().min(1).max(200).meta({ description: 'Where, e.g. the Reassigned Numbers Database.' }),
  })
  .meta({ id: 'ReassignmentCheck' });

export type ReassignmentCheckRequest = z.output<typeof reassignmentCheck>;

export const consentEvent = z
  .strictObject({
    id: z.string(),
    type: z.enum(['granted', 'revoked', 'requested', 'expired', 'honoured', 'paused', 'resumed', 'checked']).meta({
      description:
        '`requested` waits for the confirmation; `expired` and `honoured` are notes; `paused`: no marketing until a person has read the words, then `revoked` or `resumed`; `checked`: a look-up of a reassigned number.',
    }),
    phoneNumber: z.string().optional(),
    sender: z.string().optional().meta({ description: 'Absent: it is about all senders.' }),
    kinds: kinds.optional(),
    basis: z.enum(['express-written', 'express', 'soft-opt-in', 'implied', 'porting', 'opt-in', 'opt-out']),
    lawfulBasis: lawfulBasis.optional(),
    source: z.enum(['api', 'inbound', 'carrier-code', 'carrier-list', 'review', 'clock', 'erasure', 'tampered']),
    at: timestamp,
    expiresAt: timestamp.optional(),
    grantsUntil: timestamp.optional().meta({ description: 'When the consent ends that is asked for.' }),
    expiresBecause: z.string().optional().meta({ description: 'By which rule; `told`: by you.' }),
    revokes: z.string().optional().meta({ description: 'The consent that it takes back.' }),
    about: z.string().optional().meta({ description: 'The event that this one is about.' }),
    honourBy: timestamp.optional().meta({ description: 'By when it must be honoured by law.' }),
    confirmedAt: timestamp.optional().meta({ description: 'When the text that confirms the opt-out was sent.' }),
    jurisdiction: z.string().optional(),
    reassigned: z.enum(['yes', 'no', 'no-data']).optional(),
    portId: z.string().optional(),
    imported: z
      .literal(true)
      .optional()
      .meta({ description: 'It came in a file, as another ledger has it: that one says who told and when.' }),
    chain: z
      .strictObject({ position: z.int(), storedAt: timestamp, previousHash: z.string(), hash: z.string() })
      .optional()
      .meta({ description: 'Its place in the chain of hashes of this person.' }),
    evidence: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'ConsentEvent', description: 'One event of the ledger; a revocation is an event of its own.' });

export const consentQuery = z.strictObject({ phoneNumber });
export const consentList = z.strictObject({ data: z.array(consentEvent) }).meta({ id: 'ConsentList' });

export type ConsentEvent = z.output<typeof consentEvent>;
export type ConsentEventType = ConsentEvent['type'];

export const optOutReview = z
  .strictObject({
    id: z.string(),
    text: z.string().optional().meta({
      description: 'The words; absent when the person was erased, or wrote to where the ledger was imported from.',
    }),
    from: z.string().optional(),
    to: z.string().optional(),
    at: timestamp,
    dueAt: timestamp.meta({ description: 'Unread by then, it counts as an opt-out.' }),
    state: z.enum(['open', 'opt-out', 'no-opt-out']),
    decidedAt: timestamp.optional(),
    decidedBy: z.string().optional(),
  })
  .meta({
    id: 'OptOutReview',
    description: 'A text that may mean an opt-out: marketing waits until a person has read it.',
  });

export const optOutReviewList = z.strictObject({ data: z.array(optOutReview) }).meta({ id: 'OptOutReviewList' });
export const optOutReviewDecision = z
  .strictObject({ means: z.enum(['opt-out', 'no-opt-out']) })
  .meta({ id: 'OptOutReviewDecision' });

export type ConsentRequest = z.output<typeof consentRequest>;
export type RevocationRequest = z.output<typeof revocationRequest>;
export type OptOutReview = z.output<typeof optOutReview>;
