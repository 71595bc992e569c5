import { z } from 'zod';
import type { Store } from '../../store/store.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { replayedHeader } from '../idempotency.ts';
import { idOf } from '../ids-of-calls.ts';
import { acceptText } from '../message-acceptance.ts';
import type { MessageBatcher } from '../message-batcher.ts';
import { type Operation, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { message, messageAccepted, messagePage, messageQuery, messageRequest } from '../schemas/messages.ts';
import { page } from '../schemas/page.ts';
import { inboundView, outboundView } from '../views/message-view.ts';
import { moment } from '../views/moment.ts';

const tag = 'Messages';

/** Sending texts and looking at them. */
export function messageOperations(dependencies: {
  readonly store: Pick<Store, 'messages' | 'inboundTexts' | 'subjectKeys' | 'vault'>;
  readonly storeMessage: MessageBatcher;
  readonly dispatcher: Pick<Dispatcher, 'add'>;
}): Operation[] {
  const { store, storeMessage, dispatcher } = dependencies;
  const { vault } = store;

  const send = operation({
    method: 'post',
    path: '/v1/messages',
    summary: 'Send a text',
    description: 'Answered when the text is stored: from then on it will be sent, refused with a reason, or expire.',
    tag,
    body: messageRequest,
    answers: { 202: { description: 'The text is stored and will be sent.', schema: messageAccepted } },
    problems: [
      'phone-number-malformed',
      'phone-number-invalid',
      'sender-invalid',
      'sender-not-owned',
      'sender-unknown',
      'sender-not-allowed-in-country',
      'text-too-long',
    ],
    idempotency: 'by-document',
    async handle({ body, caller, idempotencyKey }) {
      const repeatable = idempotencyKey !== undefined;
      const id = idOf('msg', { caller, idempotencyKey }, vault);
      const stored = await storeMessage({ text: acceptText(id, body, vault, new Date()), repeatable });
      if (!stored.repeated) dispatcher.add(id, body.kind);
      return {
        status: 202,
        body: {
          id,
          status: 'accepted',
          segments: stored.message.segments,
          expiresAt: moment(stored.message.expiresAt),
          links: { self: `/v1/messages/${id}` },
        },
        ...(stored.repeated && { headers: { [replayedHeader]: 'true' } }),
      };
    },
  });

  const list = operation({
    method: 'get',
    path: '/v1/messages',
    summary: 'List texts, newest first',
    tag,
    query: messageQuery,
    answers: { 200: { description: 'A page of texts.', schema: messagePage } },
    async handle({ query }) {
      const { limit, cursor: before, direction, status, kind, from, to } = query;
      const addresses = {
        ...(from !== undefined && { fromKey: vault.numberKey(from) }),
        ...(to !== undefined && { toKey: vault.numberKey(to) }),
      };
      if (direction === 'outbound') {
        const found = await store.messages.list({ status, kind, before, ...addresses }, limit + 1);
        await store.subjectKeys.loadFor(found.map((each) => each.to));
        const show = (each: (typeof found)[number]) => outboundView(each, vault);
        return { status: 200, body: page(found, limit, show, (each) => ({ at: each.acceptedAt, id: each._id })) };
      }
      if (status !== undefined || kind !== undefined) {
        throw new Problem(
          'invalid-request',
          'Texts that came in have neither `status` nor `kind`: leave these filters out.',
        );
      }
      const found = await store.inboundTexts.list({ before, ...addresses }, limit + 1);
      await store.subjectKeys.loadFor(found.map((each) => each.from));
      const show = (each: (typeof found)[number]) => inboundView(each, vault);
      return { status: 200, body: page(found, limit, show, (each) => ({ at: each.receivedAt, id: each._id })) };
    },
  });

  const read = operation({
    method: 'get',
    path: '/v1/messages/:id',
    summary: 'Read a text with every attempt to send it',
    tag,
    params: z.strictObject({ id: z.string().max(100) }),
    answers: { 200: { description: 'The text.', schema: message } },
    problems: ['unknown-message'],
    async handle({ params }) {
      const outbound = await store.messages.find(params.id);
      await store.subjectKeys.loadFor([outbound?.to]);
      if (outbound) return { status: 200, body: outboundView(outbound, vault) };
      const inbound = await store.inboundTexts.find(params.id);
      await store.subjectKeys.loadFor([inbound?.from]);
      if (inbound) return { status: 200, body: inboundView(inbound, vault) };
      throw new Problem('unknown-message', 'Check the id; it is the one that POST /v1/messages answered.');
    },
  });

  return [send, list, read];
}
