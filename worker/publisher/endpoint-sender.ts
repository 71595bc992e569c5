import { giveUpAfterMs, retryPauseMs } from '../../domain/delivery-retry.ts';
import type { Store } from '../../store/store.ts';
import type { WebhookCursorDocument, WebhookDeliveryDocument } from '../../store/webhook-deliveries.ts';
import type { WebhookEndpointDocument } from '../../store/webhook-endpoints.ts';
import type { EventSource, OutgoingEvent } from './event-source.ts';
import { signedMessage } from './message.ts';
import type { PostAnswer, Poster } from './post.ts';

export interface SenderDependencies {
  readonly store: Pick<Store, 'webhookEndpoints' | 'webhookDeliveries' | 'vault'>;
  readonly source: EventSource;
  readonly poster: Pick<Poster, 'post'>;
  /** Of this process, for leases. */
  readonly owner: string;
  readonly now: () => Date;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** An endpoint is one worker's for so long; longer than an attempt may take, and renewed in time. */
const leaseMs = 30_000;
const renewBeforeMs = 15_000;
/** Ports whose events go to one endpoint at the same time; those of one port go one after the other. */
const subjectsAtATime = 4;
const subjectsInAPortion = 40;
const eventsInAPortion = 20;
/** What became of an event is shown so long. */
const showMs = 30 * 24 * 3600_000;
/** A receiver may ask for this much patience at most. */
const longestRetryAfterMs = 3600_000;

/** Another worker has the endpoint now, or the process ends: what was sent and not recorded is sent again, under the same id. */
class Interrupted extends Error {}

/**
 * Sends to one endpoint what is due, until nothing is or it does not answer. Never two events of one subject at the same time, and none
 * before the one before it was taken or given up. A cursor is moved after the answer, so a crash repeats an event and never skips one.
 */
export async function sendDue(deps: SenderDependencies, endpointId: string, signal: AbortSignal): Promise<void> {
  const { store, source, owner, now } = deps;
  const { webhookEndpoints: endpoints, webhookDeliveries: deliveries } = store;
  /** Set when the endpoint as a whole did not answer or wants no more, or when this worker has to stop. */
  let over = false;

  const leased = await lease();
  if (!leased) return;
  let endpoint = leased;
  try {
    while (!over && !signal.aborted && mayTry()) {
      // One event alone, until one is taken.
      const due = await deliveries.findDue(endpointId, now(), endpoint.failing ? 1 : subjectsInAPortion);
      if (due.length === 0) break;
      await inTurns(due);
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    await endpoints.release(endpointId, owner);
  }

  function lease(): Promise<WebhookEndpointDocument | undefined> {
    return endpoints.lease(endpointId, owner, now(), new Date(now().getTime() + leaseMs));
  }

  async function keepLease(): Promise<void> {
    if ((endpoint.lease?.until.getTime() ?? 0) - now().getTime() >= renewBeforeMs) return;
    const kept = await lease();
    if (!kept) throw new Interrupted('Another worker has it.');
    endpoint = kept;
  }

  function mayTry(): boolean {
    return endpoint.disabled === undefined && !(endpoint.failing && endpoint.failing.nextTryAt > now());
  }

  async function inTurns(due: readonly WebhookCursorDocument[]): Promise<void> {
    const waiting = [...due];
    const turn = async () => {
      for (let cursor = waiting.shift(); cursor && !over; cursor = waiting.shift()) await sendSubject(cursor);
    };
    const guarded = () =>
      turn().catch((error: unknown) => {
        over = true;
        throw error;
      });
    const turns = await Promise.allSettled(Array.from({ length: subjectsAtATime }, guarded));
    const broken = turns.find((each) => each.status === 'rejected');
    if (broken) throw broken.reason;
  }

  async function sendSubject(first: WebhookCursorDocument): Promise<void> {
    let cursor = first;
    /** Behind events that are not wanted here, this is further than the cursor. */
    let position = cursor.published;
    const again = async () => {
      const read = await deliveries.find(endpointId, first.subject);
      if (!read) throw new Interrupted('The endpoint was removed.');
      cursor = read;
      position = cursor.published;
    };
    while (!over) {
      if (cursor.failed && cursor.failed.retryAt > now()) return deliveries.postpone(cursor, cursor.failed.retryAt);
      const events = await source.after(cursor.subject, position, eventsInAPortion);
      if (events.length === 0) {
        if (await deliveries.rest(cursor, position)) return;
        await again();
        continue;
      }
      for (const event of events) {
        if (isWanted(endpoint, event.type)) {
          const next = await attempt(cursor, event, position);
          if (next === 'again') {
            await again();
            break;
          }
          if (next === 'stop') return;
          cursor = { ...cursor, published: event.seq, failed: undefined };
        }
        position = event.seq;
      }
    }
  }

  /** @returns `next`: the event is done with; `stop`: not now; `again`: the cursor was moved by somebody else */
  async function attempt(
    cursor: WebhookCursorDocument,
    event: OutgoingEvent,
    position: number,
  ): Promise<'next' | 'stop' | 'again'> {
    if (over) return 'stop';
    if (signal.aborted) throw new Interrupted('The process ends.');
    await keepLease();
    if (!mayTry()) return 'stop';

    const at = now();
    const result = await send(event, at);
    if (signal.aborted && result.status === undefined) throw new Interrupted('The process ends.');
    const taken = result.status !== undefined && result.status >= 200 && result.status < 300;
    const since = cursor.failed?.since ?? at;
    const attempts = (cursor.failed?.attempts ?? 0) + 1;
    const end = new Date(since.getTime() + giveUpAfterMs);
    const givenUp = !taken && at >= end;
    const pause = Math.max(retryPauseMs(attempts, deps.random()), result.retryAfterMs ?? 0);
    const retryAt = new Date(Math.min(at.getTime() + pause, end.getTime()));
    const delivery: WebhookDeliveryDocument = {
      _id: store.vault.deriveId('dlv', endpointId, event.id),
      endpoint: endpointId,
      eventId: event.id,
      type: event.type,
      subject: cursor.subject,
      status: taken ? 'delivered' : givenUp ? 'undelivered' : 'pending',
      attempts,
      firstAttemptAt: since,
      at,
      ...(!taken && !givenUp && { nextTryAt: retryAt }),
      ...(result.status !== undefined && { answer: result.status }),
      ...(!taken && { error: result.error ?? `The receiver answered ${result.status}.` }),
      forgetAt: new Date(at.getTime() + showMs),
    };
    const done = taken || givenUp;
    const progress = done ? { published: event.seq } : { published: position, failed: { since, attempts, retryAt } };
    const recorded = await deliveries.record(cursor, progress, done ? at : retryAt, delivery);
    await noteHealth(taken, result, at);
    if (!recorded) return 'again';
    return done ? 'next' : 'stop';
  }

  async function send(event: OutgoingEvent, at: Date): Promise<Partial<PostAnswer> & { error?: string }> {
    const secrets = endpoint.secrets
      .filter(({ until }) => until === undefined || until > at)
      .map(({ secret }) => store.vault.open(secret));
    const { headers, body } = signedMessage(event, secrets, at);
    try {
      return await deps.poster.post(store.vault.open(endpoint.url), headers, body, signal);
    } catch (error) {
      return { error: error instanceof Error ? error.message : 'No connection.' };
    }
  }

  /** Notes when the endpoint as a whole stops answering, wants no more, or answers again. */
  async function noteHealth(
    taken: boolean,
    { status, retryAfterMs, error }: Awaited<ReturnType<typeof send>>,
    at: Date,
  ) {
    if (status === 410) {
      over = true;
      endpoint = (await endpoints.change(endpointId, { disabled: { at, by: 'receiver' } })) ?? endpoint;
    } else if (status === undefined || status === 429 || status >= 500) {
      if (over) return;
      over = true;
      const failures = (endpoint.failing?.failures ?? 0) + 1;
      const asked = Math.min(retryAfterMs ?? 0, longestRetryAfterMs);
      const pause = Math.max(retryPauseMs(failures, deps.random()), asked);
      const failing = {
        since: endpoint.failing?.since ?? at,
        failures,
        nextTryAt: new Date(at.getTime() + pause),
        error: error ?? `The receiver answered ${status}.`,
      };
      endpoint = (await endpoints.change(endpointId, { failing })) ?? endpoint;
    } else if (taken && endpoint.failing) {
      endpoint = (await endpoints.change(endpointId, { failing: undefined })) ?? endpoint;
    }
  }
}

/** An endpoint names the beginnings of the types that it wants. */
export function isWanted({ events }: Pick<WebhookEndpointDocument, 'events'>, type: string): boolean {
  return events === undefined || events.some((prefix) => type.startsWith(prefix));
}
