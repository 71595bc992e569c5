import type { Carrier } from '../carriers/carrier.ts';
import { wayToSupport } from '../carriers/way-to-support.ts';
import { whenReachable } from '../domain/contact-hours.ts';
import { escalationText } from '../domain/escalation-text.ts';
import type { CommentChannel, CommentDocument } from '../store/comments.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import type { Escalation } from './interfaces.ts';

interface Way {
  readonly channel: CommentChannel;
  readonly recipient?: string;
}

/**
 * How an escalation goes: on the order, where it has comments; and to the contact of its level, who may not read them. What nobody can be
 * sent is for a person to carry.
 */
function waysOf(carrier: Carrier, level: number, hasOrder: boolean, canMail: boolean): Way[] {
  const contact = level === 0 ? undefined : carrier.settings.support?.escalation[level - 1];
  const support = wayToSupport(carrier, { hasOrder, canMail });
  const ways: Way[] = [];
  if (support && (support.channel === 'api' || !contact)) ways.push(support);
  if (contact) {
    ways.push(
      contact.email !== undefined && canMail ? { channel: 'mail', recipient: contact.email } : { channel: 'by-hand' },
    );
  }
  return ways.length > 0 ? ways : [{ channel: 'by-hand' }];
}

/** Stores what an escalation says, once per port, reason, level and occasion; it is sent like every comment. */
export async function escalate(
  about: {
    port: PortDocument;
    carrier: Carrier;
    /** Whether this carrier has the order; the losing one knows it by our reference at most. */
    hasOrder: boolean;
    orderId: string | undefined;
    reason: string;
    level: number;
    occasion: string;
  },
  deps: { store: Pick<Store, 'comments' | 'timeline' | 'vault'>; canMail: boolean; now: Date },
): Promise<Escalation> {
  const { port, carrier, hasOrder, orderId, reason, level, occasion } = about;
  const { store, canMail, now } = deps;
  const { vault } = store;
  const { id, support } = carrier.settings;
  const text = escalationText({ reason, level, orderId, portId: port._id });
  const sendMailAt = support?.hours ? whenReachable(support.hours, now) : now;
  const escalated: { channel: CommentChannel; dueAt: Date | undefined; at: Date }[] = [];
  for (const { channel, recipient } of waysOf(carrier, level, hasOrder, canMail)) {
    const commentId = vault.deriveId('cmt', port._id, 'escalation', id, reason, String(level), occasion, channel);
    // Nobody waits at an interface; at a mail box somebody is to be there.
    const dueAt = channel === 'by-hand' ? undefined : channel === 'mail' ? sendMailAt : now;
    const comment: CommentDocument = {
      _id: commentId,
      portId: port._id,
      carrier: id,
      direction: 'to-carrier',
      author: 'portsms',
      channel,
      text: vault.seal(text),
      ...(recipient !== undefined && { recipient: vault.seal(recipient) }),
      at: now,
      state: channel === 'by-hand' ? 'by-hand' : 'waiting',
      stateSince: now,
      ...(dueAt && { dueAt }),
      attempts: 0,
      escalation: { reason, level },
    };
    await store.comments.insert(comment);
    // Whoever was first decides; its step may be missing.
    const stored = (await store.comments.find(commentId)) ?? comment;
    await store.timeline.append(port._id, `comment/${commentId}`, 0, [
      {
        at: stored.at.toISOString(),
        actor: 'portsms',
        type: 'order.escalated-to-carrier',
        detail: `${reason}, level ${level}, to ${id}: ${wayInWords(channel, sendMailAt > now ? sendMailAt : undefined)}`,
      },
    ]);
    escalated.push({ channel, dueAt: stored.dueAt, at: stored.at });
  }
  const later = escalated.flatMap(({ dueAt }) => (dueAt && dueAt > now ? [dueAt.toISOString()] : [])).sort()[0];
  const next = support?.escalation[level];
  const begun = Math.max(...escalated.map(({ at, dueAt }) => Math.max(at.getTime(), dueAt?.getTime() ?? 0)));
  return {
    channels: escalated.map(({ channel }) => channel),
    ...(later !== undefined && { sendAt: later }),
    ...(next && { nextLevelAt: new Date(begun + next.afterHours * 3600_000).toISOString() }),
  };
}

function wayInWords(channel: CommentChannel, sendAt: Date | undefined): string {
  if (channel === 'by-hand') return 'somebody has to call or write, see the contacts in its settings.';
  if (channel === 'mail')
    return sendAt ? `by mail, at ${sendAt.toISOString()}, when its contacts are there.` : 'by mail.';
  return 'a comment on the order.';
}
