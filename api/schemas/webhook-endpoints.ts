import { z } from 'zod';
import { placeOfEvent } from '../../domain/event-id.ts';
import { beginsAType, eventFamilies } from '../../domain/event-types.ts';
import { pageOf, paging } from './page.ts';
import { givenTimestamp, timestamp } from './timestamp.ts';

const url = z.url('Not a URL.').max(2000).meta({
  description:
    'https (http for this machine only). Private addresses only as PORTSMS_WEBHOOK_PRIVATE_NETWORKS permits; looked up at each sending.',
});
const events = z
  .array(
    z
      .string()
      .regex(/^[a-z][a-z.-]{0,63}$/, 'The beginning of a type, like `order.` or `number.ported`.')
      .refine(
        beginsAType,
        `No type begins so. They begin with ${eventFamilies.join(', ')}; docs/events.md lists them.`,
      ),
  )
  .min(1)
  .max(50)
  .meta({ description: 'Beginnings of the types that are wanted; without it all.' });
const description = z.string().trim().min(1).max(200);

export const webhookEndpointRequest = z
  .strictObject({ url, events: events.optional(), description: description.optional() })
  .meta({ id: 'WebhookEndpointRequest' });

export const webhookEndpointChange = z
  .strictObject({
    url: url.optional(),
    events: events.nullable().optional().meta({ description: 'null: all.' }),
    description: description.nullable().optional(),
    disabled: z.boolean().optional().meta({
      description: 'Nothing is sent while it is true; afterwards what has happened meanwhile.',
    }),
  })
  .refine((given) => Object.keys(given).length > 0, 'Give at least one field that changes.')
  .meta({ id: 'WebhookEndpointChange' });

export const webhookEndpoint = z
  .strictObject({
    id: z.string(),
    url: z.string(),
    events: z.array(z.string()).optional(),
    description: z.string().optional(),
    status: z.enum(['active', 'failing', 'disabled']),
    disabledAt: timestamp.optional(),
    disabledBy: z.enum(['caller', 'receiver']).optional().meta({ description: 'receiver: it answered 410 Gone.' }),
    failingSince: timestamp.optional(),
    nextTryAt: timestamp.optional(),
    lastError: z.string().optional(),
    secretsInUse: z.int().meta({ description: 'Two while one replaces the other.' }),
    createdAt: timestamp,
    updatedAt: timestamp,
    links: z.strictObject({ self: z.string(), deliveries: z.string() }),
  })
  .meta({ id: 'WebhookEndpoint' });

const secret = z.string().meta({ description: 'Shown this once. Signs events as Standard Webhooks.' });
export const webhookEndpointWithSecret = webhookEndpoint.extend({ secret }).meta({ id: 'WebhookEndpointWithSecret' });

export const webhookEndpointList = z
  .strictObject({ data: z.array(webhookEndpoint) })
  .meta({ id: 'WebhookEndpointList' });
export const webhookEndpointRemoved = z
  .strictObject({ id: z.string(), removed: z.literal(true) })
  .meta({ id: 'WebhookEndpointRemoved' });

export const secretRotation = z
  .strictObject({
    overlapHours: z.int().min(0).max(168).default(24).meta({
      description: 'Events are signed with the old secret, too, for so long.',
    }),
  })
  .meta({ id: 'SecretRotation' });

export const replayRequest = z
  .strictObject({
    from: z
      .union([
        givenTimestamp.transform((at) => ({ at: new Date(at) })),
        z.string().transform((id, context) => {
          const place = placeOfEvent(id);
          if (place) return place;
          context.addIssue({ code: 'custom', message: 'Nor the id of an event.' });
          return z.NEVER;
        }),
      ])
      .meta({ description: 'A time, or the `webhook-id` of an event: it and all that came after it.', type: 'string' }),
  })
  .meta({ id: 'ReplayRequest' });

export const replayStarted = z
  .strictObject({ id: z.string(), subjects: z.int().meta({ description: 'Ports whose events are sent again.' }) })
  .meta({ id: 'ReplayStarted' });

const status = z.enum(['pending', 'delivered', 'undelivered']);
export const deliveryQuery = z.strictObject({ ...paging, status: status.optional() });
export const delivery = z
  .strictObject({
    eventId: z.string(),
    type: z.string(),
    subject: z.string(),
    status: status.meta({ description: 'undelivered: given up after three days; it can be replayed.' }),
    attempts: z.int(),
    firstAttemptAt: timestamp,
    lastAttemptAt: timestamp,
    nextTryAt: timestamp.optional(),
    lastAnswer: z.int().optional().meta({ description: 'HTTP status.' }),
    lastError: z.string().optional(),
  })
  .meta({ id: 'WebhookDelivery' });
export const deliveryPage = pageOf('WebhookDeliveryPage', delivery);

export type WebhookEndpointAnswer = z.output<typeof webhookEndpoint>;
export type DeliveryAnswer = z.output<typeof delivery>;
