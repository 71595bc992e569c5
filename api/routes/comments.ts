import type { Carrier } from '../../carriers/carrier.ts';
import { wayToSupport } from '../../carriers/way-to-support.ts';
import type { Engine } from '../../intake/engine.ts';
import type { CommentDocument } from '../../store/comments.ts';
import type { PortDocument } from '../../store/ports.ts';
import type { Store } from '../../store/store.ts';
import { foundPort } from '../found-port.ts';
import { idOf } from '../ids-of-calls.ts';
import { type Operation, operation } from '../operation.ts';
import { pastMoment } from '../past-moment.ts';
import { Problem } from '../problem.ts';
import { comment, commentList, commentRequest } from '../schemas/comments.ts';
import { portParams } from '../schemas/ports.ts';
import { commentView } from '../views/comment-view.ts';

const tag = 'Comments';

type Way = Pick<CommentDocument, 'channel' | 'state'> & { readonly recipient?: string };

/** What is said between us and the carriers about a port. */
export function commentOperations(dependencies: {
  readonly store: Pick<Store, 'ports' | 'portPlans' | 'comments' | 'timeline' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly engine: Pick<Engine, 'correspondence'>;
  /** Whether a mail server is configured. */
  readonly canMail: boolean;
}): Operation[] {
  const { store, carriers, engine, canMail } = dependencies;
  const { vault } = store;

  const find = (id: string) => foundPort(store, id);

  function wayTo(carrier: Carrier, isGaining: boolean, port: PortDocument): Way {
    const way = wayToSupport(carrier, { hasOrder: isGaining && port.carrierOrderId !== undefined, canMail });
    if (way) return { ...way, state: way.channel === 'by-hand' ? 'by-hand' : 'waiting' };
    if (isGaining && carrier.porting?.comments) {
      throw new Problem('no-order-at-carrier', 'It can be written to when the order has been submitted.');
    }
    throw new Problem(
      'no-way-to-carrier',
      `Carrier ${carrier.settings.id} has no comments; give it support.email, ticketUrl or phone in PORTSMS_CARRIERS.`,
    );
  }

  function partner(port: PortDocument, which: 'gaining' | 'losing'): Carrier {
    const carrier = carriers.get((which === 'gaining' ? port.gainingCarrier : port.losingCarrier) ?? '');
    if (carrier) return carrier;
    throw new Problem('unknown-carrier', `The ${which} carrier of this port is none of yours; name the other one.`);
  }

  const write = operation({
    method: 'post',
    path: '/v1/ports/:id/comments',
    summary: 'Write to a carrier about a port, or put on record what it answered',
    description:
      "Written on the carrier's order where it takes comments; else by mail to its support; else kept for somebody to carry it there.",
    tag,
    params: portParams,
    body: commentRequest,
    answers: { 202: { description: 'It is on record, and on its way if it is for the carrier.', schema: comment } },
    problems: ['unknown-port', 'unknown-carrier', 'no-order-at-carrier', 'no-way-to-carrier', 'engine-unavailable'],
    async handle({ params, body, caller, idempotencyKey }) {
      const port = await find(params.id);
      const carrier = partner(port, body.carrier);
      const now = new Date();
      const answered = body.from === 'carrier';
      const way: Way = answered
        ? { channel: 'by-hand', state: 'received' }
        : wayTo(carrier, body.carrier === 'gaining', port);
      const id = idOf('cmt', { caller, idempotencyKey }, vault);
      await store.comments.insert({
        _id: id,
        portId: port._id,
        carrier: carrier.settings.id,
        direction: answered ? 'from-carrier' : 'to-carrier',
        author: answered ? 'carrier' : 'caller',
        channel: way.channel,
        text: vault.seal(body.text),
        ...(way.recipient !== undefined && { recipient: vault.seal(way.recipient) }),
        at: pastMoment('at', body.at, now),
        state: way.state,
        stateSince: now,
        ...(way.state === 'waiting' && { dueAt: now }),
        attempts: 0,
      });
      // Sent again under the same key, it is the one that was stored first.
      const stored = await store.comments.find(id);
      if (!stored) throw new Error(`Comment ${id} is not there after it was stored.`);
      await store.timeline.append(port._id, `comment/${id}`, 0, [
        {
          at: stored.stateSince.toISOString(),
          actor: 'caller',
          type: answered ? 'comment.entered' : 'comment.written',
          detail: answered
            ? `What ${stored.carrier} answered was put on record.`
            : `To ${stored.carrier}, ${wayInWords[stored.channel]}.`,
        },
      ]);
      if (stored.dueAt) await send(port._id);
      return { status: 202, body: commentView(stored, vault, carrier) };
    },
  });

  async function send(portId: string): Promise<void> {
    try {
      await engine.correspondence(portId);
    } catch (cause) {
      throw new Problem('engine-unavailable', 'The comment is on record and goes when the engine is back.', { cause });
    }
  }

  const list = operation({
    method: 'get',
    path: '/v1/ports/:id/comments',
    summary: 'Read what was said between you and the carriers, oldest first',
    tag,
    params: portParams,
    answers: { 200: { description: 'All comments.', schema: commentList } },
    problems: ['unknown-port'],
    async handle({ params }) {
      const port = await find(params.id);
      const comments = await store.comments.ofPort(port._id);
      return {
        status: 200,
        body: { data: comments.map((each) => commentView(each, vault, carriers.get(each.carrier))) },
      };
    },
  });

  return [write, list];
}

const wayInWords = {
  api: 'as a comment on its order',
  mail: 'by mail',
  'by-hand': 'for somebody to carry it: by its ticket address, mail or phone',
} as const;
