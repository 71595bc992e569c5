import { Webhook } from 'standardwebhooks';
import type { OutgoingEvent } from './event-source.ts';

export interface SignedMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * An event as Standard Webhooks send it: `webhook-id`, `webhook-timestamp`, and one signature for each secret that is in use.
 * @param secrets `whsec_…`; several while one replaces another
 * @param now the moment of this attempt: receivers refuse what is older than some minutes
 */
export function signedMessage(
  { id, type, at, data }: OutgoingEvent,
  secrets: readonly string[],
  now: Date,
): SignedMessage {
  const body = JSON.stringify({ type, timestamp: at, data });
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'portsms',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, now, body)).join(' '),
    },
  };
}
