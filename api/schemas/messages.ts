import { z } from 'zod';
import { messageKinds, messageStatuses } from '../../domain/message.ts';
import { recentPortPolicies, recipientChecks } from '../../domain/recipient-check.ts';
import { metadata } from './metadata.ts';
import { pageOf, paging } from './page.ts';
import { phoneNumber, sender } from './phone-number.ts';
import { cost, routeDecision } from './route-decision.ts';
import { timestamp } from './timestamp.ts';

/** SMPP 3.4 §5.3.2.x and most carriers know no longer life of a text than 72 hours. */
export const longestValiditySeconds = 72 * 3600;

const kind = z
  .enum(messageKinds)
  .meta({ description: 'What the text is for: decides priority, consent and default validity.' });

export const messageRequest = z
  .strictObject({
    from: sender,
    to: phoneNumber,
    text: z
      .string()
      .min(1)
      .max(40_000)
      .refine((text) => !/\p{Surrogate}/u.test(text), 'Holds half of a surrogate pair: encode it as UTF-8.')
      .refine(
        (text) => !/[^\P{Cc}\t\r\n]/u.test(text),
        'Holds a control character other than tab, CR and LF: take it out.',
      ),
    kind,
    validitySeconds: z.int().min(1).max(longestValiditySeconds).optional().meta({
      description:
        'After this time the text is not delivered any more. Default: otp 300; marketing as the hours end in which it may arrive; else 14400.',
    }),
    allowDuplicate: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether a text of which nobody knows whether it went may be sent again.' }),
    recentPortPolicy: z.enum(recentPortPolicies).default('send').meta({
      description:
        'What becomes of the text when the number of its recipient has moved to another carrier within the last days, as far as the portability database says: `flag` sends and shows `recipient.movedLately`, `refuse` refuses with `recipient-ported-recently`.',
    }),
    metadata: metadata.optional(),
    recipientPlace: z
      .string()
      .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/)
      .optional()
      .meta({
        description:
          'Where the recipient lives, as far as you know: ISO 3166, like US-TX. Its law counts beside that of the number.',
      }),
  })
  .meta({ id: 'MessageRequest' });

export type MessageRequest = z.output<typeof messageRequest>;

export const messageAccepted = z
  .strictObject({
    id: z.string(),
    status: z.literal('accepted'),
    segments: z.int(),
    expiresAt: timestamp,
    links: z.strictObject({ self: z.string() }),
  })
  .meta({ id: 'MessageAccepted' });

export const messageQuery = z.strictObject({
  ...paging,
  direction: z.enum(['outbound', 'inbound']).default('outbound'),
  status: z.enum(messageStatuses).optional().meta({ description: 'Of outbound texts.' }),
  kind: kind.optional(),
  from: sender.optional(),
  to: sender.optional(),
});

const attempt = z
  .strictObject({
    carrier: z.string(),
    claimedAt: timestamp,
    answeredAt: timestamp.optional(),
    parts: z.array(
      z.strictObject({
        carrierMessageId: z.string().optional(),
        outcome: z.enum(['accepted', 'rejected', 'ambiguous', 'unsent']),
        code: z.string().optional().meta({ description: "The carrier's own code, raw." }),
        state: z.string().optional().meta({ description: 'Of its receipt (SMPP 3.4 §5.2.28).' }),
        stateAt: timestamp.optional(),
      }),
    ),
    failure: z
      .strictObject({ code: z.string(), class: z.string() })
      .optional()
      .meta({ description: 'Why it failed: one of our codes (GET /v1/delivery-codes) and its class.' }),
    askedAt: timestamp.optional().meta({ description: 'When the carrier was asked what became of it.' }),
    workflowId: z.string(),
    runId: z.string(),
    cost: cost.optional(),
  })
  .meta({ id: 'Attempt', description: 'One submission of a text to one carrier.' });

const erased = z
  .literal(true)
  .optional()
  .meta({ description: 'The person was erased (DELETE /v1/subjects/{e164}): number and words are gone.' });

export const outboundMessage = z
  .strictObject({
    id: z.string(),
    direction: z.literal('outbound'),
    status: z.enum(messageStatuses),
    kind,
    from: z.string(),
    to: z.string().optional().meta({ description: 'Absent once the recipient has been erased.' }),
    text: z.string().optional().meta({ description: 'Absent after 30 days, or once the recipient has been erased.' }),
    erased,
    segments: z.int(),
    allowDuplicate: z.boolean(),
    acceptedAt: timestamp,
    expiresAt: timestamp,
    finalAt: timestamp.optional(),
    retryAt: timestamp.optional(),
    route: z
      .strictObject({ carrier: z.string(), reason: z.string(), viaStandby: z.boolean() })
      .optional()
      .meta({ description: 'By which carrier it goes, and why.' }),
    decisions: z
      .array(routeDecision)
      .optional()
      .meta({ description: 'Every choice of its carrier; an attempt followed the last one before it.' }),
    feedback: z.strictObject({ outcome: z.enum(['converted', 'notReceived']), at: timestamp }).optional(),
    hold: z
      .strictObject({
        code: z.string(),
        since: timestamp,
        until: timestamp.optional(),
        releasedAt: timestamp.optional(),
      })
      .optional()
      .meta({ description: 'What it waits for; with `releasedAt`: has waited for.' }),
    recipientPlaces: z
      .array(z.string())
      .optional()
      .meta({ description: 'Where the recipient may be: the law of each counts.' }),
    permission: z
      .strictObject({
        at: timestamp,
        decision: z.enum(['send', 'wait', 'refuse']),
        code: z.string().optional(),
        reason: z.string().optional(),
        until: timestamp.optional().meta({ description: 'Not before then.' }),
        deliverBy: timestamp.optional().meta({ description: 'It must not arrive later.' }),
        rules: z.array(
          z.strictObject({
            rule: z.string(),
            says: z.enum(['pass', 'wait', 'refuse']),
            because: z.string().optional(),
          }),
        ),
      })
      .optional()
      .meta({ description: 'Whether it may leave, as it was decided last, with every rule that was weighed.' }),
    recentPortPolicy: z.enum(recentPortPolicies).optional(),
    recipient: z
      .strictObject({
        check: z.enum(recipientChecks).meta({
          description:
            '`verified`: looked up for this text; `fresh`: lately enough; `unverified`: the database did not answer in time, so the older record was used; `own`: a number of yours; `not-asked`: nothing was known and nobody asked.',
        }),
        recordAt: timestamp.optional().meta({ description: 'When the portability database said so.' }),
        ported: z.boolean().optional(),
        spid: z.string().optional(),
        portedAt: timestamp.optional().meta({ description: 'When the number last moved, as far as anybody knows.' }),
        movedLately: z.literal(true).optional(),
      })
      .optional()
      .meta({ description: 'What was known of the number of its recipient when it was admitted.' }),
    attempts: z.array(attempt),
    failure: z
      .strictObject({
        code: z.string(),
        class: z.string(),
        carrierCode: z.string().optional(),
        at: timestamp,
      })
      .optional(),
    workflow: z.strictObject({ id: z.string(), runId: z.string().optional() }).optional(),
    batch: z
      .strictObject({ id: z.string(), line: z.int() })
      .optional()
      .meta({ description: 'The bulk that it came in, and its line there.' }),
    metadata: metadata.optional(),
  })
  .meta({ id: 'OutboundMessage' });

export const inboundMessage = z
  .strictObject({
    id: z.string(),
    direction: z.literal('inbound'),
    from: z.string().optional().meta({ description: 'Absent once the person who wrote it has been erased.' }),
    to: z.string(),
    text: z
      .string()
      .optional()
      .meta({ description: 'Absent after 30 days, or once the person who wrote it has been erased.' }),
    erased,
    carrier: z.string(),
    receivedAt: timestamp,
    copyOf: z.string().optional().meta({ description: 'The same text came by another carrier first.' }),
    incomplete: z.boolean().meta({ description: 'Some of its parts never came.' }),
    keyword: z.enum(['opt-out', 'opt-in', 'help', 'ambiguous']).optional(),
  })
  .meta({ id: 'InboundMessage' });

export const message = z.discriminatedUnion('direction', [outboundMessage, inboundMessage]).meta({ id: 'Message' });
export const messagePage = pageOf('MessagePage', message);

export type OutboundMessage = z.output<typeof outboundMessage>;
export type InboundMessage = z.output<typeof inboundMessage>;
