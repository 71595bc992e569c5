import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { WebhookAddressRules } from '../../domain/webhook-address.ts';
import { isDuplicateKey } from '../../store/database.ts';
import type { Store } from '../../store/store.ts';
import type { WebhookDeliveryDocument } from '../../store/webhook-deliveries.ts';
import type { WebhookEndpointDocument } from '../../store/webhook-endpoints.ts';
import { idOf } from '../ids-of-calls.ts';
import { type Operation, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { page } from '../schemas/page.ts';
import {
  deliveryPage,
  deliveryQuery,
  replayRequest,
  replayStarted,
  secretRotation,
  webhookEndpoint,
  webhookEndpointChange,
  webhookEndpointList,
  webhookEndpointRemoved,
  webhookEndpointRequest,
  webhookEndpointWithSecret,
} from '../schemas/webhook-endpoints.ts';
import { deliveryView, webhookEndpointView } from '../views/webhook-endpoint-view.ts';

const tag = 'Events';
/** Every event is sent to each. */
const endpointsAtMost = 50;
/** Replays go through the store in portions. */
const subjectsInAPortion = 500;

const params = z.strictObject({ id: z.string().max(100) });

/** Where owners want to be told of events; the worker's publisher tells them (docs/events.md). */
export function webhookEndpointOperations(dependencies: {
  readonly store: Pick<Store, 'webhookEndpoints' | 'webhookDeliveries' | 'timeline' | 'vault'>;
  readonly webhookAddresses: WebhookAddressRules;
}): Operation[] {
  const { store, webhookAddresses } = dependencies;
  const { webhookEndpoints: endpoints, webhookDeliveries: deliveries, timeline, vault } = store;

  const unknown = () => new Problem('unknown-webhook-endpoint', 'Check the id; GET /v1/webhook-endpoints lists them.');
  async function find(id: string): Promise<WebhookEndpointDocument> {
    const found = await endpoints.find(id);
    if (!found) throw unknown();
    return found;
  }

  function checkUrl(url: string): void {
    const refused = webhookAddresses.refuseUrl(url);
    if (refused) throw new Problem('webhook-url-refused', refused, { errors: [{ path: 'url', message: refused }] });
  }

  const create = operation({
    method: 'post',
    path: '/v1/webhook-endpoints',
    summary: 'Be told of events at a URL of yours',
    description: 'From now on. The secret is shown this once; verify every request with it.',
    tag,
    body: webhookEndpointRequest,
    answers: { 201: { description: 'The endpoint, with its secret.', schema: webhookEndpointWithSecret } },
    problems: ['webhook-url-refused', 'too-many-webhook-endpoints'],
    async handle({ body, caller, idempotencyKey }) {
      checkUrl(body.url);
      const id = idOf('whe', { caller, idempotencyKey }, vault);
      if ((await endpoints.list(endpointsAtMost)).length === endpointsAtMost) {
        throw new Problem('too-many-webhook-endpoints', `There are ${endpointsAtMost}: remove one that is not needed.`);
      }
      const now = new Date();
      const secret = newSecret();
      const endpoint: WebhookEndpointDocument = {
        _id: id,
        url: vault.seal(body.url),
        ...(body.description !== undefined && { description: vault.seal(body.description) }),
        ...(body.events && { events: body.events }),
        secrets: [{ secret: vault.seal(secret) }],
        startsAt: now,
        createdAt: now,
        updatedAt: now,
      };
      try {
        await endpoints.insert(endpoint);
      } catch (error) {
        // A request that was cut off has made it, and nobody has seen its secret.
        if (!isDuplicateKey(error)) throw error;
        await endpoints.change(id, { secrets: endpoint.secrets });
      }
      return { status: 201, body: { ...webhookEndpointView(endpoint, vault, now), secret } };
    },
  });

  const list = operation({
    method: 'get',
    path: '/v1/webhook-endpoints',
    summary: 'List your endpoints, the oldest first',
    tag,
    answers: { 200: { description: 'All of them.', schema: webhookEndpointList } },
    async handle() {
      const now = new Date();
      const data = (await endpoints.list(endpointsAtMost)).map((each) => webhookEndpointView(each, vault, now));
      return { status: 200, body: { data } };
    },
  });

  const read = operation({
    method: 'get',
    path: '/v1/webhook-endpoints/:id',
    summary: 'Read an endpoint: whether it answers, since when not',
    tag,
    params,
    answers: { 200: { description: 'The endpoint.', schema: webhookEndpoint } },
    problems: ['unknown-webhook-endpoint'],
    handle: async ({ params: { id } }) => ({
      status: 200,
      body: webhookEndpointView(await find(id), vault, new Date()),
    }),
  });

  const change = operation({
    method: 'patch',
    path: '/v1/webhook-endpoints/:id',
    summary: 'Change an endpoint',
    description: 'Give only what changes. One that did not answer is tried again at once.',
    tag,
    params,
    body: webhookEndpointChange,
    answers: { 200: { description: 'The endpoint as it now is.', schema: webhookEndpoint } },
    problems: ['unknown-webhook-endpoint', 'webhook-url-refused'],
    async handle({ params: { id }, body }) {
      if (body.url !== undefined) checkUrl(body.url);
      const known = await find(id);
      await deliveries.retryNow(id, new Date());
      const changed = await endpoints.change(id, {
        ...(body.url !== undefined && { url: vault.seal(body.url) }),
        ...(body.events !== undefined && { events: body.events ?? undefined }),
        ...(body.description !== undefined && {
          description: body.description === null ? undefined : vault.seal(body.description),
        }),
        ...(body.disabled !== undefined && {
          disabled: body.disabled ? (known.disabled ?? { at: new Date(), by: 'caller' as const }) : undefined,
        }),
        failing: undefined,
      });
      if (!changed) throw unknown();
      return { status: 200, body: webhookEndpointView(changed, vault, new Date()) };
    },
  });

  const remove = operation({
    method: 'delete',
    path: '/v1/webhook-endpoints/:id',
    summary: 'Remove an endpoint',
    description: 'Nothing more is sent to it, and what was not delivered is forgotten.',
    tag,
    params,
    answers: { 200: { description: 'It is gone.', schema: webhookEndpointRemoved } },
    problems: ['unknown-webhook-endpoint'],
    async handle({ params: { id } }) {
      if (!(await endpoints.remove(id))) throw unknown();
      await deliveries.forget(id);
      return { status: 200, body: { id, removed: true } };
    },
  });

  const rotate = operation({
    method: 'post',
    path: '/v1/webhook-endpoints/:id/rotate-secret',
    summary: 'Replace the secret of an endpoint',
    description: 'Events carry a signature by each secret until the old one is over.',
    tag,
    params,
    body: secretRotation,
    answers: { 200: { description: 'The endpoint, with its new secret.', schema: webhookEndpointWithSecret } },
    problems: ['unknown-webhook-endpoint'],
    async handle({ params: { id }, body }) {
      const { secrets } = await find(id);
      const now = new Date();
      const secret = newSecret();
      const until = new Date(now.getTime() + body.overlapHours * 3600_000);
      const old = secrets
        .filter((each) => each.until === undefined || each.until > now)
        .map((each) => ({ secret: each.secret, until: each.until && each.until < until ? each.until : until }));
      const changed = await endpoints.change(id, { secrets: [...old, { secret: vault.seal(secret) }] });
      if (!changed) throw unknown();
      return { status: 200, body: { ...webhookEndpointView(changed, vault, now), secret } };
    },
  });

  const replay = operation({
    method: 'post',
    path: '/v1/webhook-endpoints/:id/replay',
    summary: 'Have events sent again, from any point on',
    description: 'They have the ids that they had, in their order; what was not sent yet follows them.',
    tag,
    params,
    body: replayRequest,
    answers: { 202: { description: 'They are on their way.', schema: replayStarted } },
    problems: ['unknown-webhook-endpoint', 'unknown-event'],
    async handle({ params: { id }, body: { from } }) {
      await find(id);
      const event = 'at' in from ? undefined : await timeline.find(from.subject, from.seq);
      if (event === null) {
        throw new Problem('unknown-event', 'Take the `webhook-id` of an event that you were sent, or a time.');
      }
      const since = 'at' in from ? from.at : (event?.storedAt ?? new Date(0));
      let subjects = 0;
      let positions = new Map<string, number>();
      const rewind = async () => {
        await deliveries.rewind(id, positions, new Date());
        subjects += positions.size;
        positions = new Map();
      };
      for await (const subject of timeline.changedSince(since)) {
        const position = subject === event?.chain ? event.seq - 1 : await timeline.positionAt(subject, since);
        positions.set(subject, position);
        if (positions.size === subjectsInAPortion) await rewind();
      }
      if (positions.size > 0) await rewind();
      return { status: 202, body: { id, subjects } };
    },
  });

  const listDeliveries = operation({
    method: 'get',
    path: '/v1/webhook-endpoints/:id/deliveries',
    summary: 'See what became of the events, newest attempt first',
    description: 'Of the last 30 days, without what was in them.',
    tag,
    params,
    query: deliveryQuery,
    answers: { 200: { description: 'A page of deliveries.', schema: deliveryPage } },
    problems: ['unknown-webhook-endpoint'],
    async handle({ params: { id }, query: { limit, status, cursor: before } }) {
      const endpoint = await find(id);
      const found = await deliveries.list(id, { status, before }, limit + 1);
      const view = (each: WebhookDeliveryDocument) => deliveryView(each, endpoint);
      return { status: 200, body: page(found, limit, view, ({ at, _id }) => ({ at, id: _id })) };
    },
  });

  return [create, list, read, change, remove, rotate, replay, listDeliveries];
}

/** 256 bits, as Standard Webhooks write them. */
function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
