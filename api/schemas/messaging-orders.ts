import { z } from 'zod';
import { orderStatuses } from '../../domain/lifecycle/order.ts';
import { metadata } from './metadata.ts';
import { pageOf, paging } from './page.ts';
import { phoneNumber } from './phone-number.ts';
import { links, portConsent, portedNumber, problem, subscriber, waiting } from './ports.ts';
import { timestamp } from './timestamp.ts';

/** As for a port. */
const numbersPerOrder = 500;
const carrierId = z.string().min(1).max(64);

const phoneNumbers = z
  .array(phoneNumber)
  .min(1)
  .max(numbersPerOrder)
  .refine((numbers) => new Set(numbers).size === numbers.length, 'A number is in it twice.');

const textEnablement = z
  .strictObject({
    action: z.literal('enable'),
    phoneNumbers,
    carrier: carrierId.meta({
      description: 'Your carrier that is to carry their texts; their calls stay where they are.',
    }),
    losingCarrier: carrierId.optional().meta({ description: 'Your carrier that carries their texts now, if any.' }),
    subscriber,
    consent: portConsent,
    metadata: metadata.optional(),
  })
  .meta({ id: 'TextEnablement' });

export const textRemoval = z
  .strictObject({
    action: z.literal('remove'),
    phoneNumbers,
    carrier: carrierId.meta({ description: 'Your carrier that hosts their texts now.' }),
    nextCarrier: carrierId.nullable().meta({
      description: 'Your carrier by which their texts go then, or null: nobody carries them, they are refused.',
    }),
    consent: portConsent,
    metadata: metadata.optional(),
  })
  .meta({ id: 'TextRemoval' });

export const messagingOrderRequest = z
  .discriminatedUnion('action', [textEnablement, textRemoval])
  .meta({ id: 'MessagingOrderRequest' });
export type TextRemovalBody = z.output<typeof textRemoval>;

export const messagingOrderParams = z.strictObject({ id: z.string().max(100) });
export const messagingOrderQuery = z.strictObject(paging);

export const messagingOrderAccepted = z
  .strictObject({ id: z.string(), action: z.enum(['enable', 'remove']), status: z.enum(orderStatuses), links })
  .meta({ id: 'MessagingOrderAccepted' });

const orderedTexts = portedNumber
  .pick({
    phoneNumber: true,
    outboundProven: true,
    inboundProven: true,
    uncertainSince: true,
    uncertainMs: true,
    escalatedAt: true,
  })
  .extend({
    texts: z.enum(['losing', 'uncertain', 'gaining', 'none']).meta({
      description:
        'Who carries them: who did before, nobody yet (they wait), who shall; none: nobody, they are refused.',
    }),
  })
  .meta({ id: 'OrderedTexts' });

export const messagingOrder = z
  .strictObject({
    id: z.string(),
    action: z.enum(['enable', 'remove']),
    status: z.enum(orderStatuses),
    since: timestamp,
    createdAt: timestamp,
    updatedAt: timestamp,
    carrier: z.string().meta({ description: 'At which the order is.' }),
    losingCarrier: z.string().optional(),
    nextCarrier: z.string().nullable().optional().meta({ description: 'Of a removal.' }),
    carrierOrderId: z.string().optional(),
    carrierState: z.string().optional().meta({ description: "The carrier's own state, raw." }),
    problems: z.array(problem),
    waiting: waiting.optional(),
    numbers: z.array(orderedTexts),
    metadata: metadata.optional(),
    links,
  })
  .meta({ id: 'MessagingOrder' });

export const messagingOrderPage = pageOf('MessagingOrderPage', messagingOrder);
export type MessagingOrderAnswer = z.output<typeof messagingOrder>;

/** As few words as for a port's cancellation; a removal keeps no reason. */
export const messagingOrderChanged = z
  .strictObject({ id: z.string(), status: z.enum(orderStatuses), since: timestamp, problems: z.array(problem), links })
  .meta({ id: 'MessagingOrderChanged' });

export const codeRequest = z
  .strictObject({
    by: z.enum(['sms', 'call']),
    phoneNumbers: phoneNumbers.optional().meta({ description: 'Of the order; left out, all of them.' }),
  })
  .meta({ id: 'CodeRequest' });

export const codesSent = z
  .strictObject({ data: z.array(z.strictObject({ phoneNumber: z.string(), sent: z.boolean() })) })
  .meta({ id: 'CodesSent' });

export const codeAnswer = z
  .strictObject({
    codes: z
      .array(z.strictObject({ phoneNumber, code: z.string().regex(/^\w{1,20}$/, '1 to 20 letters or digits.') }))
      .min(1)
      .max(numbersPerOrder),
  })
  .meta({ id: 'CodeAnswer' });

export const codesChecked = z
  .strictObject({ data: z.array(z.strictObject({ phoneNumber: z.string(), verified: z.boolean() })) })
  .meta({ id: 'CodesChecked' });
