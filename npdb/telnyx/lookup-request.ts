import { Agent as HttpAgent, get as httpGet } from 'node:http';
import { Agent as HttpsAgent, get as httpsGet } from 'node:https';
import { text } from 'node:stream/consumers';

export interface LookupAnswer {
  readonly status: number;
  /** As JSON; undefined when it is none. */
  readonly body: unknown;
}

/** Connections wait so long for the next look-up, shorter than usual servers keep them. */
const keepAliveMs = 4000;

/**
 * Asks Telnyx about a number, over connections that are kept. Nearly every new recipient is asked about, and the official client, by which
 * all other calls are made, takes three times the CPU (docs/benchmarks.md).
 */
export class LookupRequest {
  readonly #options: { readonly baseUrl: string; readonly apiKey: string; readonly timeoutMs: number };
  readonly #get: typeof httpGet;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(options: { readonly baseUrl: string; readonly apiKey: string; readonly timeoutMs: number }) {
    const secure = new URL(options.baseUrl).protocol === 'https:';
    this.#options = options;
    this.#get = secure ? httpsGet : httpGet;
    this.#agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, timeout: keepAliveMs });
  }

  /**
   * @param phoneNumber E.164
   * @throws Error of Node's own, by its `code`, when there is no answer; with `ETIMEDOUT` also when it is late
   */
  async ask(phoneNumber: string): Promise<LookupAnswer> {
    const { baseUrl, apiKey, timeoutMs } = this.#options;
    const url = `${baseUrl.replace(/\/$/, '')}/number_lookup/${encodeURI(phoneNumber)}?type=carrier`;
    const headers = { Authorization: `Bearer ${apiKey}`, Accept: 'application/json' };
    return new Promise((resolve, reject) => {
      const request = this.#get(url, { agent: this.#agent, headers }, (response) => {
        text(response)
          .then((content) => resolve({ status: response.statusCode ?? 0, body: parsed(content) }))
          .catch(reject)
          .finally(() => clearTimeout(deadline));
      });
      const deadline = setTimeout(() => request.destroy(late()), timeoutMs);
      request.once('error', (error) => {
        clearTimeout(deadline);
        reject(error);
      });
    });
  }
}

function late(): Error {
  return Object.assign(new Error('The number lookup did not answer in time.'), { code: 'ETIMEDOUT' });
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
