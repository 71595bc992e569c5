import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Store } from '../../store/store.ts';
import type { WebhookEndpointDocument } from '../../store/webhook-endpoints.ts';
import { type SenderDependencies, sendDue } from './endpoint-sender.ts';

/**
 * Tells owners what happens, at the addresses that they gave (docs/events.md).
 *
 * What is sent is derived, not counted (invariant 11): an endpoint has a cursor for each subject, and what lies above it in the subject's
 * chain is still to be sent. There is no list of events beside the timelines: a global order of all of them would be one hot counter,
 * while the order that is promised, that of one port, is there already. An append leaves a note in its own transaction; a round takes the notes,
 * makes the cursors concerned due, and forgets the notes afterwards, so that a crash between repeats that, and loses nothing.
 * Then each endpoint sends by itself, under a lease: one that is down delays only itself.
 *
 * It runs in the worker's process and costs the engine nothing. A workflow for each endpoint would cost it several transitions for each event, where
 * a transaction of the store is enough: a process that is killed leaves its lease to run out, and cursors that say what was not taken.
 * Appends of this process wake it at once; for those of others (the API) it looks every two seconds, at an index.
 */
export interface Publisher {
  /** Goes on until the signal; resolves when everything that it has begun has ended. */
  run(signal: AbortSignal): Promise<void>;
  /** One round: looks what is new, and lets each endpoint begin that has something due. */
  round(signal: AbortSignal): Promise<void>;
  /** Resolves when no endpoint is sending. */
  idle(): Promise<void>;
}

export interface PublisherDependencies extends SenderDependencies {
  readonly store: Pick<Store, 'webhookEndpoints' | 'webhookDeliveries' | 'vault'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** What others have appended is looked for this often. */
const lookEveryMs = 2000;
/** Appends come in bursts: those of so long share a round. */
const gatherMs = 100;
const newsInAPortion = 500;
/** More endpoints than anybody may make. */
const endpointsAtMost = 1000;

export function createPublisher(deps: PublisherDependencies): Publisher {
  const { store, source, logger } = deps;
  const sending = new Map<string, Promise<void>>();

  /** Everything that was appended becomes due at every endpoint. */
  async function takeNews(endpoints: readonly WebhookEndpointDocument[]): Promise<void> {
    for (let more = true; more; ) {
      const news = await source.news(newsInAPortion);
      const subjects = [...new Set(news.map(({ subject }) => subject))];
      for (const endpoint of endpoints) await makeDue(endpoint, subjects);
      if (news.length > 0) await source.forgetNews(news.map(({ id }) => id));
      more = news.length === newsInAPortion;
    }
  }

  async function makeDue({ _id, startsAt }: WebhookEndpointDocument, subjects: readonly string[]): Promise<void> {
    if (subjects.length === 0) return;
    const known = await store.webhookDeliveries.known(_id, subjects);
    const positions = new Map<string, number>();
    for (const subject of subjects) {
      if (!known.has(subject)) positions.set(subject, await source.positionAt(subject, startsAt));
    }
    await store.webhookDeliveries.begin(_id, positions);
    await store.webhookDeliveries.tell(_id, subjects, deps.now());
  }

  function begin(endpoint: WebhookEndpointDocument, signal: AbortSignal): void {
    const { _id: id, disabled, failing } = endpoint;
    if (sending.has(id) || disabled || (failing && failing.nextTryAt > deps.now())) return;
    const done = (async () => {
      const [due] = await store.webhookDeliveries.findDue(id, deps.now(), 1);
      if (due) await sendDue(deps, id, signal);
    })()
      .catch((err: unknown) => logger.warn({ err, endpoint: id }, 'sending events failed; the next round goes on'))
      .finally(() => sending.delete(id));
    sending.set(id, done);
  }

  async function round(signal: AbortSignal): Promise<void> {
    const endpoints = await store.webhookEndpoints.list(endpointsAtMost);
    await takeNews(endpoints);
    for (const endpoint of endpoints) begin(endpoint, signal);
  }

  async function idle(): Promise<void> {
    while (sending.size > 0) await Promise.all(sending.values());
  }

  return {
    round,
    idle,
    async run(signal) {
      let wake = new AbortController();
      source.onNews(() => wake.abort());
      while (!signal.aborted) {
        wake = new AbortController();
        await round(signal).catch((err: unknown) =>
          logger.warn({ err }, 'events could not be looked for; the next round repeats it'),
        );
        await sleep(lookEveryMs, undefined, { signal: AbortSignal.any([signal, wake.signal]) }).catch(() => undefined);
        if (wake.signal.aborted) await sleep(gatherMs, undefined, { signal }).catch(() => undefined);
      }
      await idle();
    },
  };
}
