import Telnyx from 'telnyx';
import type { TelnyxConfig } from './config.ts';

/**
 * The official client. It must not repeat requests by itself: it would do so on time-outs, and a text would go out twice. Its log
 * would name numbers in addresses, so it is off.
 */
export function telnyxClient({
  baseUrl,
  apiKey,
  timeoutMs,
}: Pick<TelnyxConfig, 'baseUrl' | 'apiKey' | 'timeoutMs'>): Telnyx {
  return new Telnyx({ apiKey, baseURL: baseUrl, timeout: timeoutMs, maxRetries: 0, logLevel: 'off' });
}
