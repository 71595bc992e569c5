import { randomUUID } from 'node:crypto';
import type { World } from '../world/world.ts';
import type { SigningKey } from './signing-key.ts';

export interface Notice {
  readonly type: string;
  readonly payload: unknown;
  /** Where it goes instead of the scenario's address. */
  readonly url?: string | null;
  /** What decisions by lot about it hang on. */
  readonly identity: string;
  /** It is sent until it is taken, whatever the scenario drops. */
  readonly mustArrive?: boolean;
  /** It is sent at once, not after the usual delay. */
  readonly urgent?: boolean;
}

/** Calls at the same time. */
const MOST_CALLS = 64;

interface Envelope {
  readonly data: { event_type: string; id: string; occurred_at: string; payload: unknown; record_type: 'event' };
}

/** Sends signed webhooks as the REST carrier does, with the faults that the scenario asks for. */
export class Webhooks {
  readonly #world: World;
  readonly #key: SigningKey;
  readonly #queue: (() => void)[] = [];
  #calls = 0;
  #stopped = false;

  constructor(world: World, key: SigningKey) {
    this.#world = world;
    this.#key = key;
  }

  stop(): void {
    this.#stopped = true;
  }

  /**
   * Sends one, again after every answer but 2xx, until the attempts are used up.
   * @returns when it is taken (true), or given up or dropped (false)
   */
  async send(notice: Notice): Promise<boolean> {
    const { chance, scenario } = this.#world;
    const { webhooks } = scenario;
    const identity = `${notice.type}\u0000${notice.identity}`;
    const data = {
      event_type: notice.type,
      id: randomUUID(),
      occurred_at: new Date().toISOString(),
      payload: notice.payload,
      record_type: 'event' as const,
    };
    if (!notice.mustArrive && chance.happens(webhooks.dropRate, 'webhook-drop', identity)) return false;
    if (!notice.urgent) {
      const late = chance.happens(webhooks.lateRate, 'webhook-late', identity);
      await pause(chance.within(late ? webhooks.lateMs : webhooks.delayMs, 'webhook-delay', identity));
    }
    const taken = await this.#deliver({ data }, notice.url);
    if (chance.happens(webhooks.doubleRate, 'webhook-double', identity)) {
      await pause(chance.within(webhooks.delayMs, 'webhook-double-delay', identity));
      await this.#deliver({ data }, notice.url);
    }
    return taken;
  }

  async #deliver(envelope: Envelope, ownUrl: string | null | undefined): Promise<boolean> {
    for (let attempt = 1; !this.#stopped; attempt++) {
      const { url: commonUrl, retryMs, attempts, timeoutMs } = this.#world.scenario.webhooks;
      const url = ownUrl ?? commonUrl;
      if (url && (await this.#post(url, { ...envelope, meta: { attempt, delivered_to: url } }, timeoutMs))) return true;
      // Without an address it waits for one; that uses up no attempt.
      if (!url) attempt = 0;
      if (attempt >= attempts) return false;
      await pause(Math.min(retryMs[0] * 2 ** Math.min(attempt - 1, 20), retryMs[1]));
    }
    return false;
  }

  async #post(url: string, body: unknown, timeoutMs: number): Promise<boolean> {
    if (this.#calls >= MOST_CALLS) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#calls += 1;
    const text = JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'user-agent': 'telnyx-webhooks', ...this.#key.headers(text) };
    try {
      const answer = await fetch(url, { method: 'POST', body: text, headers, signal: AbortSignal.timeout(timeoutMs) });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    } finally {
      this.#calls -= 1;
      this.#queue.shift()?.();
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  if (milliseconds <= 0) return Promise.resolve();
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
