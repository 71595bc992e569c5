import { randomUUID } from 'node:crypto';
import { encodeText } from '../text/segments.ts';

export type MessageStatus = 'queued' | 'sent' | 'delivered' | 'sending_failed' | 'delivery_failed' | 'expired';

/** A text at the REST carrier. */
export interface Message {
  readonly id: string;
  readonly direction: 'outbound' | 'inbound';
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly receivedAt: string;
  readonly webhookUrl: string | null;
  status: MessageStatus;
  sentAt: string | null;
  completedAt: string | null;
  errors: { code: string; title: string; detail?: string }[];
  autoresponse?: string;
}

export function newMessage(
  direction: Message['direction'],
  { from, to, text, webhookUrl }: { from: string; to: string; text: string; webhookUrl?: string | null },
): Message {
  return {
    id: randomUUID(),
    direction,
    from,
    to,
    text,
    receivedAt: new Date().toISOString(),
    webhookUrl: webhookUrl ?? null,
    status: 'queued',
    sentAt: null,
    completedAt: null,
    errors: [],
  };
}

/** `OutboundMessagePayload` or `MessagingInboundMessagePayload` of the SDK. */
export function messageView(message: Message): Record<string, unknown> {
  const { dataCoding, segments } = encodeText(message.text);
  const inbound = message.direction === 'inbound';
  return {
    record_type: 'message',
    id: message.id,
    direction: message.direction,
    type: 'SMS',
    from: {
      phone_number: message.from,
      carrier: inbound ? '' : 'Telnyx',
      line_type: 'Wireless',
      ...(inbound ? { status: 'received' } : {}),
    },
    to: [
      {
        phone_number: message.to,
        status: inbound ? 'webhook_delivered' : message.status,
        carrier: inbound ? 'Telnyx' : '',
        line_type: 'Wireless',
      },
    ],
    cc: [],
    text: message.text,
    subject: null,
    media: [],
    encoding: dataCoding === 0 ? 'GSM-7' : 'UCS-2',
    parts: segments.length,
    num_chars: message.text.length,
    messaging_profile_id: '00000000-0000-4000-8000-000000000002',
    organization_id: '00000000-0000-4000-8000-000000000003',
    tags: [],
    cost: inbound ? null : { amount: (0.004 * segments.length).toFixed(4), currency: 'USD' },
    received_at: message.receivedAt,
    sent_at: message.sentAt,
    completed_at: message.completedAt,
    valid_until: null,
    webhook_url: message.webhookUrl,
    webhook_failover_url: null,
    errors: message.errors,
    ...(message.autoresponse ? { autoresponse_type: message.autoresponse } : {}),
  };
}
