import { decide } from '../domain/consent.ts';
import type { ConsentDocument } from '../store/consents.ts';
import type { MessageDocument } from '../store/messages.ts';

/**
 * Why a text may not leave now; asked at admission and again right before every submission.
 * @param events every event in the ledger about its recipient
 * @returns undefined when it may
 */
export function refusalOf(message: MessageDocument, events: readonly ConsentDocument[], now: Date): string | undefined {
  // Between two numbers of ours: it reaches nobody whose permission it would need.
  if (message.probe) return undefined;
  const permission = decide({
    kind: message.kind,
    senderKey: message.fromKey,
    events,
    now,
    ...(message.confirmsRevocation && { confirms: { revocation: message.confirmsRevocation, sentBefore: false } }),
  });
  if (permission.decision === 'send') return undefined;
  return permission.decision === 'refuse' ? permission.code : permission.reason;
}
