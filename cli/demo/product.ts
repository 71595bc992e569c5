import type { z } from 'zod';
import type { ConsentEvent, consentRequest } from '../../api/schemas/consents.ts';
import type { InboundMessage, messageAccepted, messageRequest, OutboundMessage } from '../../api/schemas/messages.ts';
import type { numberRequest } from '../../api/schemas/numbers.ts';
import type { PortAnswer, portAccepted, portRequest } from '../../api/schemas/ports.ts';
import { type HttpRequest, repeatedRequest } from './repeated-request.ts';

/** Port SMS as its callers see it: its HTTP API and nothing else. */
export class Product {
  readonly #url: string;
  readonly #apiKey: string;

  constructor(url: string, apiKey: string) {
    this.#url = url.replace(/\/+$/, '');
    this.#apiKey = apiKey;
  }

  /** A path of the API as people open it. */
  link(path: string): string {
    return `${this.#url}${path}`;
  }

  async registerNumber(phoneNumber: string, body: z.input<typeof numberRequest>): Promise<void> {
    await this.#call('PUT', `/v1/numbers/${encodeURIComponent(phoneNumber)}`, { body });
  }

  recordConsent(body: z.input<typeof consentRequest>, key: string): Promise<ConsentEvent> {
    return this.#call('POST', '/v1/consents', { body, key });
  }

  revokeConsent(id: string, key: string): Promise<ConsentEvent> {
    return this.#call('POST', `/v1/consents/${id}/revoke`, { body: { channel: 'web' }, key });
  }

  orderPort(body: z.input<typeof portRequest>, key: string): Promise<z.output<typeof portAccepted>> {
    return this.#call('POST', '/v1/ports', { body, key });
  }

  port(id: string): Promise<PortAnswer> {
    return this.#call('GET', `/v1/ports/${id}`);
  }

  send(body: z.input<typeof messageRequest>, key: string): Promise<z.output<typeof messageAccepted>> {
    return this.#call('POST', '/v1/messages', { body, key });
  }

  /** Texts that were accepted from then on, newest first. */
  outboundSince(since: Date): Promise<OutboundMessage[]> {
    return this.#pages('outbound', (message: OutboundMessage) => Date.parse(message.acceptedAt) >= since.getTime());
  }

  /** Texts that came in from then on, newest first, copies among them. */
  inboundSince(since: Date): Promise<InboundMessage[]> {
    return this.#pages('inbound', (message: InboundMessage) => Date.parse(message.receivedAt) >= since.getTime());
  }

  async #pages<T>(direction: string, wanted: (message: T) => boolean): Promise<T[]> {
    const found: T[] = [];
    let cursor = '';
    for (;;) {
      const page = await this.#call<{ data: T[]; nextCursor: string | null }>(
        'GET',
        `/v1/messages?direction=${direction}&limit=200${cursor}`,
      );
      const fitting = page.data.filter(wanted);
      found.push(...fitting);
      if (page.nextCursor === null || fitting.length < page.data.length) return found;
      cursor = `&cursor=${page.nextCursor}`;
    }
  }

  #call<Answer>(
    method: HttpRequest['method'],
    path: string,
    { body, key }: { readonly body?: unknown; readonly key?: string } = {},
  ): Promise<Answer> {
    return repeatedRequest<Answer>({
      method,
      url: this.#url + path,
      headers: { authorization: `Bearer ${this.#apiKey}`, ...(key !== undefined && { 'idempotency-key': key }) },
      body,
    });
  }
}
