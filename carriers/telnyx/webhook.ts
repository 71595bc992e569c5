import { z } from 'zod';
import type { ReceiptState } from '../../domain/message.ts';
import type { CarrierEvent, InboundEvent, OrderEvent, PortOutEvent, ReceiptEvent, WebhookParser } from '../carrier.ts';
import { WebhookRejected } from '../errors.ts';
import messageStates from './message-states.json' with { type: 'json' };
import { WebhookSignature } from './signature.ts';

const party = z.looseObject({ phone_number: z.string() });
const recipients = z.array(z.looseObject({ phone_number: z.string(), status: z.string().optional() })).min(1);

const envelope = z.looseObject({
  data: z.looseObject({
    id: z.string().min(1),
    event_type: z.string(),
    occurred_at: z.string().optional(),
    payload: z.unknown(),
  }),
});

const outboundMessage = z.looseObject({
  id: z.string().min(1),
  from: party.optional(),
  to: recipients,
  text: z.string().nullish(),
  errors: z.array(z.looseObject({ code: z.union([z.string(), z.number()]) })).nullish(),
});

const inboundMessage = z.looseObject({
  id: z.string().min(1),
  from: party,
  to: recipients,
  text: z.string().nullish(),
  received_at: z.string().nullish(),
});

const withId = z.looseObject({ id: z.string().min(1) });
const orderNews = z.looseObject({
  id: z.string().optional(),
  porting_order_id: z.string().optional(),
  from: withId.optional(),
  to: withId.optional(),
});
/** A comment has an id of its own beside the port-out's. */
const portOutNews = z.looseObject({ id: z.string().optional(), portout_id: z.string().optional() });

const states: Readonly<Record<string, string | undefined>> = messageStates.states;
const newComment = 'porting_order.new_comment';
/** As much of the text as a receipt over SMPP repeats (SMPP 3.4 appendix B). */
const textStartLength = 20;

const hostedNews = z.looseObject({ order_id: z.string().min(1) });

type Data = z.output<typeof envelope>['data'];
type Read = (data: Data, raw: string) => CarrierEvent[];

/** Events that mean something to us, by the beginning of their name; all others are acknowledged and ignored. */
const readers: readonly (readonly [name: string, read: Read])[] = [
  ['message.sent', readReceipt],
  ['message.finalized', readReceipt],
  ['message.received', readInbound],
  ['porting_order.', readOrderNews],
  ['portout.', readPortOutNews],
  ['messaging_hosted_numbers_orders.', readHostedNews],
];

/** Reads Telnyx's webhooks. */
export class TelnyxWebhook implements WebhookParser {
  readonly #signature: WebhookSignature;

  constructor(publicKey: string) {
    this.#signature = new WebhookSignature(publicKey);
  }

  parse(rawBody: Buffer, headers: Readonly<Record<string, string | undefined>>): CarrierEvent[] {
    this.#signature.check(rawBody, headers);
    const raw = rawBody.toString('utf8');
    const { data } = parsed(envelope, jsonOf(raw));
    const read = readers.find(([name]) => data.event_type.startsWith(name))?.[1];
    return read ? read(data, raw) : [];
  }
}

function readReceipt(data: Data, raw: string): [ReceiptEvent] {
  const message = parsed(outboundMessage, data.payload);
  const recipient = message.to[0];
  const state = (states[recipient?.status ?? ''] ?? 'UNKNOWN') as ReceiptState;
  const code = state === 'DELIVRD' ? undefined : message.errors?.[0]?.code;
  const textStart = message.text?.slice(0, textStartLength);
  return [
    {
      type: 'receipt',
      ...head(data, raw),
      carrierMessageId: message.id,
      ...(message.from && { from: message.from.phone_number }),
      ...(recipient && { to: recipient.phone_number }),
      state,
      ...(code !== undefined && { code: String(code) }),
      ...(textStart && { textStart }),
    },
  ];
}

function readInbound(data: Data, raw: string): [InboundEvent] {
  const message = parsed(inboundMessage, data.payload);
  return [
    {
      type: 'inbound',
      ...head(data, raw, message.received_at),
      // The carrier delivers a webhook again under the id of the event, but a republished one only keeps the message's.
      eventId: message.id,
      from: message.from.phone_number,
      to: message.to[0]?.phone_number ?? '',
      text: message.text ?? '',
    },
  ];
}

/** A split concerns the order that was and the one that came of it. */
function readOrderNews(data: Data, raw: string): OrderEvent[] {
  const news = parsed(orderNews, data.payload ?? {});
  const named = news.porting_order_id ?? news.id;
  const orders = [named, news.from?.id, news.to?.id].filter((id) => id !== undefined);
  return [...new Set(orders)].map((carrierOrderId, index) => ({
    type: 'order',
    ...head(data, raw),
    eventId: index === 0 ? data.id : `${data.id}-${index}`,
    carrierOrderId,
    name: data.event_type,
    ...(data.event_type === newComment && { about: 'comments' as const }),
  }));
}

/** What it says is not used, nor kept longer than the event itself: the port-out is read, also for the PIN that was tried. */
function readPortOutNews(data: Data, raw: string): PortOutEvent[] {
  const news = parsed(portOutNews, data.payload ?? {});
  const carrierPortOutId = news.portout_id ?? news.id;
  if (!carrierPortOutId) return [];
  return [{ type: 'port-out', ...head(data, raw), carrierPortOutId, name: data.event_type }];
}

function readHostedNews(data: Data, raw: string): [OrderEvent] {
  const { order_id } = parsed(hostedNews, data.payload ?? {});
  return [{ type: 'order', ...head(data, raw), carrierOrderId: order_id, name: data.event_type }];
}

function head(data: Data, raw: string, happenedAt?: string | null) {
  const at = new Date(happenedAt ?? data.occurred_at ?? Number.NaN);
  return {
    eventId: data.id,
    at: (Number.isNaN(at.getTime()) ? new Date() : at).toISOString(),
    raw,
  };
}

function jsonOf(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    throw new WebhookRejected('webhook-malformed', 'The body of the webhook is not JSON.');
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const where = result.error.issues.map((issue) => issue.path.join('.') || 'the body').join(', ');
  throw new WebhookRejected('webhook-malformed', `The webhook does not look as the carrier documents it: ${where}.`);
}
