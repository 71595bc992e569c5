import { lookup as resolve } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { WebhookAddressRules } from '../../domain/webhook-address.ts';

/** What a receiver answered. */
export interface PostAnswer {
  readonly status: number;
  /** What it asks for in Retry-After, in milliseconds. */
  readonly retryAfterMs?: number;
}

export interface Poster {
  /**
   * Sends a body, and waits for the status of the answer. Redirections are not followed: they are answers like any other.
   * @throws Error with a short reason when there is no answer: no such name, an address that may not be called, no connection, no time
   */
  post(url: string, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<PostAnswer>;
  close(): void;
}

/** A receiver has to answer within this time. */
const timeoutMs = 10_000;
/** Connections stay open for the next event, shorter than usual servers keep theirs. */
const keepAliveMs = 4000;
const connectionsToOne = 8;

/** @param rules judge the very address that a connection is opened to, so that a name which changes its mind gains nothing */
export function createPoster(rules: WebhookAddressRules): Poster {
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const [first] = addresses;
      const refused = addresses.find(({ address }) => !rules.permits(address));
      if (refused || !first) return callback(new AddressRefused(), '', 0);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  const settings = { keepAlive: true, timeout: keepAliveMs, maxSockets: connectionsToOne, lookup };
  const agents = { http: new HttpAgent(settings), https: new HttpsAgent(settings) };

  function once(url: URL, options: RequestOptions, body: string): Promise<PostAnswer> {
    return new Promise((answer, reject) => {
      const secure = url.protocol === 'https:';
      const send = secure ? httpsRequest : httpRequest;
      const request = send(url, { ...options, agent: secure ? agents.https : agents.http, lookup });
      request.once('response', (response) => {
        const retryAfter = Number(response.headers['retry-after']);
        answer({
          status: response.statusCode ?? 0,
          ...(retryAfter > 0 && { retryAfterMs: retryAfter * 1000 }),
        });
        // What else it says is not read to the end if it is long.
        response.once('error', () => undefined);
        setTimeout(() => response.destroy(), 1000).unref();
        response.resume();
      });
      request.once('error', (error) => {
        // The receiver closed a kept connection just then: nothing was read of this request.
        reject(request.reusedSocket && (error as { code?: unknown }).code === 'ECONNRESET' ? new KeptTooLong() : error);
      });
      request.end(body);
    });
  }

  return {
    async post(given, headers, body, signal) {
      const url = new URL(given);
      const host = url.hostname.replace(/^\[|\]$/g, '');
      // Of a literal address no name is looked up.
      if (isIP(host) > 0 && !rules.permits(host)) throw new Error(new AddressRefused().message);
      const timeout = AbortSignal.timeout(timeoutMs);
      const options = {
        method: 'POST',
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        signal: AbortSignal.any([signal, timeout]),
      };
      try {
        return await once(url, options, body).catch((error: unknown) => {
          if (error instanceof KeptTooLong) return once(url, options, body);
          throw error;
        });
      } catch (error) {
        if (timeout.aborted) throw new Error(`No answer within ${timeoutMs / 1000} s.`);
        throw new Error(reasonOf(error), { cause: error });
      }
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

class AddressRefused extends Error {
  constructor() {
    super(
      'The name leads to an address that is not public; PORTSMS_WEBHOOK_PRIVATE_NETWORKS permits networks of yours.',
    );
  }
}

class KeptTooLong extends Error {}

/** Without the address: it may hold a token of the receiver's. */
function reasonOf(error: unknown): string {
  if (error instanceof AddressRefused) return error.message;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? `No connection (${code}).` : 'No connection.';
}
