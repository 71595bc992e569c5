import type { Carrier, CarrierComment } from '../carriers/carrier.ts';
import { CarrierRefused, CarrierUnavailable } from '../carriers/errors.ts';
import { type Mailer, MailNotSent } from '../carriers/mailer.ts';
import type { CommentDocument } from '../store/comments.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import type { TimelineEntry } from '../store/timeline.ts';

/** Longer than any attempt: whoever had claimed it has died. */
const leaseMs = 5 * 60_000;
/** After a failed attempt the next one comes after a minute, then twice as long each time, up to six hours. */
const pauseMs = { first: 60_000, last: 6 * 3600_000 };
/** So long it is tried. */
const hopeMs = 3 * 24 * 3600_000;
/** Clocks differ by at most so much. */
const skewMs = 60_000;

/** Comments between us and carriers: takes in what is new, sends what is due. */
export function createCommentExchange(deps: {
  readonly store: Pick<Store, 'comments' | 'timeline' | 'vault'>;
  readonly mailer?: Mailer;
}) {
  const { store, mailer } = deps;
  const { vault, comments } = store;

  const step = (comment: Pick<CommentDocument, '_id' | 'portId'>, chain: string, entry: TimelineEntry) =>
    store.timeline.append(comment.portId, `comment/${comment._id}/${chain}`, 0, [entry]);

  async function sent(comment: CommentDocument, carrierCommentId?: string): Promise<void> {
    await step(comment, 'sent', {
      at: new Date().toISOString(),
      actor: 'portsms',
      type: 'comment.sent',
      detail: `To ${comment.carrier}, by ${comment.channel === 'mail' ? 'mail' : 'its interface'}.`,
    });
    await comments.sent(comment._id, carrierCommentId);
  }

  /** Stores what the carrier has said, once by its id; and recognises ours, whose answer was lost. */
  async function takeIn(port: PortDocument, carrier: string, told: readonly CarrierComment[]): Promise<void> {
    const known = await comments.ofPort(port._id);
    const ids = new Set(known.map((each) => each.carrierCommentId));
    const unanswered = known.filter((each) => each.channel === 'api' && each.state !== 'sent' && each.firstTriedAt);
    for (const comment of told) {
      if (ids.has(comment.id)) continue;
      const mine = comment.from === 'us' ? unanswered.findIndex((each) => isThis(each, comment)) : -1;
      const [ours] = mine >= 0 ? unanswered.splice(mine, 1) : [];
      if (ours) {
        await sent(ours, comment.id);
        continue;
      }
      const fromCarrier = comment.from === 'carrier';
      const at = new Date(comment.at);
      const document: CommentDocument = {
        _id: vault.deriveId('cmt', port._id, carrier, comment.id),
        portId: port._id,
        carrier,
        direction: fromCarrier ? 'from-carrier' : 'to-carrier',
        author: fromCarrier ? 'carrier' : 'caller',
        channel: 'api',
        text: vault.seal(comment.text),
        at,
        state: fromCarrier ? 'received' : 'sent',
        stateSince: new Date(),
        attempts: 0,
        carrierCommentId: comment.id,
      };
      // The step first: once the comment is stored, nobody comes back for it.
      await step(document, 'told', {
        at: comment.at,
        actor: document.author,
        type: fromCarrier ? 'comment.received' : 'comment.found',
        detail: fromCarrier
          ? `${carrier} wrote on the order.`
          : `One of us wrote on the order in the portal of ${carrier}.`,
      });
      await comments.insert(document);
    }
  }

  function isThis(ours: CommentDocument, theirs: CarrierComment): boolean {
    const since = (ours.firstTriedAt?.getTime() ?? 0) - skewMs;
    return Date.parse(theirs.at) >= since && vault.open(ours.text).trim() === theirs.text.trim();
  }

  async function deliver(
    comment: CommentDocument,
    port: PortDocument,
    carrier: Carrier | undefined,
  ): Promise<string | undefined> {
    if (comment.channel === 'api') {
      const orderComments = carrier?.porting?.comments;
      if (!orderComments || port.carrierOrderId === undefined)
        throw new CarrierUnavailable('There is no order to write on.');
      return (await orderComments.add(port.carrierOrderId, vault.open(comment.text))).id;
    }
    if (!mailer || !comment.recipient) throw new MailNotSent('no-mail-server', false);
    await mailer.send({
      to: vault.open(comment.recipient),
      subject: `Port order ${port.carrierOrderId ?? port._id}`,
      text: vault.open(comment.text),
      messageId: comment._id,
      thread: port._id,
    });
    return undefined;
  }

  /** Claims one and sends it; a failure is written down, and when it is tried again. */
  async function send(due: CommentDocument, port: PortDocument, carrier: Carrier | undefined): Promise<void> {
    const comment = await comments.claim(due._id, new Date(), leaseMs);
    if (!comment) return;
    try {
      await sent(comment, await deliver(comment, port, carrier));
    } catch (error) {
      const { code, permanent } = failureOf(error);
      const now = Date.now();
      const givenUp = permanent || now - (comment.firstTriedAt?.getTime() ?? now) > hopeMs;
      const pause = Math.min(pauseMs.last, pauseMs.first * 2 ** Math.min(comment.attempts - 1, 20));
      await step(comment, givenUp ? 'failed' : 'delayed', {
        at: new Date(now).toISOString(),
        actor: 'portsms',
        type: givenUp ? 'comment.failed' : 'comment.delayed',
        detail: `To ${comment.carrier}: ${code}. ${givenUp ? 'It is not tried again: tell it in another way.' : 'It is tried again.'}`,
      });
      await comments.notSent(comment._id, comment.attempts, code, givenUp ? undefined : new Date(now + pause));
    }
  }

  return {
    /** @returns when something is due again */
    async exchange(port: PortDocument, carriers: ReadonlyMap<string, Carrier>): Promise<Date | undefined> {
      const gaining = carriers.get(port.gainingCarrier);
      const orderComments = gaining?.porting?.comments;
      if (gaining && orderComments && port.carrierOrderId !== undefined) {
        try {
          await takeIn(port, gaining.settings.id, await orderComments.list(port.carrierOrderId));
        } catch (error) {
          // A refusal won't change by asking again; what is to be sent by other ways goes all the same.
          if (!(error instanceof CarrierRefused)) throw error;
        }
      }
      const now = new Date();
      for (const each of await comments.ofPort(port._id)) {
        if (each.dueAt && each.dueAt <= now) await send(each, port, carriers.get(each.carrier));
      }
      const due = (await comments.ofPort(port._id)).flatMap(({ dueAt }) => dueAt ?? []);
      return due.sort((a, b) => a.getTime() - b.getTime())[0];
    },
  };
}

function failureOf(error: unknown): { code: string; permanent: boolean } {
  if (error instanceof MailNotSent) return error;
  if (error instanceof CarrierRefused) return { code: error.code, permanent: true };
  if (error instanceof CarrierUnavailable) return { code: 'carrier-unavailable', permanent: false };
  throw error;
}
