import { lineOfId } from '../../domain/batch-line.ts';
import { costOf } from '../../domain/route-choice/decision.ts';
import type { InboundTextDocument } from '../../store/inbound-texts.ts';
import type { MessageDocument, StoredPermission } from '../../store/messages.ts';
import type { Vault } from '../../store/vault.ts';
import type { InboundMessage, OutboundMessage } from '../schemas/messages.ts';
import { moment } from './moment.ts';
import { costView, decisionView } from './route-decision-view.ts';

/** A text of ours as its owner sees it: with numbers and text in plain. The key of its recipient has been loaded. */
export function outboundView(document: MessageDocument, vault: Vault): OutboundMessage {
  const text = vault.openUnlessErased(document.text);
  const line = lineOfId(document._id);
  return {
    id: document._id,
    direction: 'outbound',
    status: document.status,
    kind: document.kind,
    from: vault.open(document.from),
    to: vault.openUnlessErased(document.to),
    text,
    ...(vault.isErased(document.to) && { erased: true as const }),
    segments: document.segments,
    allowDuplicate: document.allowDuplicate,
    acceptedAt: moment(document.acceptedAt),
    expiresAt: moment(document.expiresAt),
    finalAt: moment(document.finalAt),
    retryAt: moment(document.retryAt),
    route: document.route && {
      carrier: document.route.carrier,
      reason: document.route.reason,
      viaStandby: document.route.viaStandby,
    },
    decisions: document.decisions?.map(decisionView),
    feedback: document.feedback && { outcome: document.feedback.outcome, at: moment(document.feedback.at) },
    hold: document.hold
      ? {
          code: document.hold.code,
          since: moment(document.hold.since),
          until: moment(document.hold.until),
          releasedAt: moment(document.hold.releasedAt),
        }
      : undefined,
    recipientPlaces: document.places && [...document.places.places],
    permission: permissionView(document.permission),
    recentPortPolicy: document.recentPortPolicy,
    recipient: document.recipient && {
      ...document.recipient,
      recordAt: moment(document.recipient.recordAt),
      portedAt: moment(document.recipient.portedAt),
    },
    attempts: document.attempts.map((attempt) => ({
      carrier: attempt.carrier,
      claimedAt: moment(attempt.claimedAt),
      answeredAt: moment(attempt.answeredAt),
      parts: (attempt.parts ?? []).map(({ givenId: _given, ...part }) => ({ ...part, stateAt: moment(part.stateAt) })),
      failure: attempt.failure && { code: attempt.failure.code, class: attempt.failure.class },
      askedAt: moment(attempt.askedAt),
      workflowId: attempt.workflowId,
      runId: attempt.runId,
      cost: costOfAttempt(attempt, document),
    })),
    failure: document.failure && { ...document.failure, at: moment(document.failure.at) },
    workflow: document.workflowId ? { id: document.workflowId, runId: document.runId } : undefined,
    metadata: metadataOf(document, vault),
    batch: line && { id: line.batchId, line: line.line },
  };
}

function metadataOf({ metadata }: MessageDocument, vault: Vault): OutboundMessage['metadata'] {
  const plain = metadata && vault.openUnlessErased(metadata);
  return plain === undefined ? undefined : JSON.parse(plain);
}

function permissionView(permission: StoredPermission | undefined): OutboundMessage['permission'] {
  if (!permission) return undefined;
  const { at, until, deliverBy, weighed, ...rest } = permission;
  return {
    ...rest,
    at: moment(at),
    until: moment(until),
    deliverBy: moment(deliverBy),
    rules: weighed.map((each) => ({ ...each })),
  };
}

function costOfAttempt(attempt: MessageDocument['attempts'][number], { decisions }: MessageDocument) {
  const cost = costOf(attempt, decisions);
  return cost && costView(cost);
}

/** A text that came in, as the owner of its recipient sees it. */
export function inboundView(document: InboundTextDocument, vault: Vault): InboundMessage {
  const text = vault.openUnlessErased(document.text);
  return {
    id: document._id,
    direction: 'inbound',
    from: vault.openUnlessErased(document.from),
    to: vault.open(document.to),
    text,
    ...(vault.isErased(document.from) && { erased: true as const }),
    carrier: document.carrier,
    receivedAt: moment(document.receivedAt),
    copyOf: document.copyOf,
    incomplete: document.incomplete ?? false,
    keyword: document.keyword,
  };
}
