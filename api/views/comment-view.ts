import type { Carrier } from '../../carriers/carrier.ts';
import type { CommentDocument } from '../../store/comments.ts';
import type { Vault } from '../../store/vault.ts';
import type { CommentAnswer } from '../schemas/comments.ts';
import { moment } from './moment.ts';

/** @param carrier the comment's, if it is configured (still) */
export function commentView(each: CommentDocument, vault: Vault, carrier: Carrier | undefined): CommentAnswer {
  const { _id: id, direction, author, channel, state, attempts, failure, carrierCommentId, escalation } = each;
  return {
    id,
    carrier: each.carrier,
    direction,
    author,
    channel,
    text: vault.open(each.text),
    at: moment(each.at),
    state,
    stateSince: moment(each.stateSince),
    attempts,
    failure,
    nextAttemptAt: state === 'waiting' ? moment(each.dueAt) : undefined,
    carrierCommentId,
    escalation,
    contact: state === 'by-hand' ? contactOf(carrier, escalation?.level ?? 0) : undefined,
  };
}

function contactOf(carrier: Carrier | undefined, level: number): CommentAnswer['contact'] {
  const support = carrier?.settings.support;
  const contact = support?.escalation[level - 1];
  if (contact) return { email: contact.email, phone: contact.phone, name: contact.name };
  return support && { email: support.email, ticketUrl: support.ticketUrl, phone: support.phone };
}
