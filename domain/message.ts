/** What a text is for. It decides priority, consent, quiet hours and default validity. */
export const messageKinds = ['otp', 'transactional', 'conversational', 'marketing'] as const;
export type MessageKind = (typeof messageKinds)[number];

/**
 * Life of an outbound text:
 * `accepted` stored, no workflow yet → `queued` admitted, a route chosen → `claimed` a sender owns it and may have written it →
 * `submitted` the carrier has it → a final state. `held` waits in the store for a number or a window; `retrying` waits for its next try.
 */
export const messageStatuses = [
  'accepted',
  'held',
  'queued',
  'claimed',
  'submitted',
  'retrying',
  'delivered',
  'failed',
  'refused',
  'expired',
  'unknown',
] as const;
export type MessageStatus = (typeof messageStatuses)[number];

export const finalStatuses = ['delivered', 'failed', 'refused', 'expired', 'unknown'] as const;
export type FinalStatus = (typeof finalStatuses)[number];

/** True when a text in this state never changes state again. */
export function isFinal(status: MessageStatus): status is FinalStatus {
  return (finalStatuses as readonly string[]).includes(status);
}

/** Temporal priority keys by kind: 1 is served first (Temporal allows 1 to 5). */
export const priorityOfKind: Record<MessageKind, 1 | 2 | 3 | 4> = {
  otp: 1,
  transactional: 2,
  conversational: 3,
  marketing: 4,
};

/** Default validity in seconds (reference: messaging, limits): one-time passwords 5 min, everything else 4 h. */
export const defaultValiditySeconds: Record<MessageKind, number> = {
  otp: 300,
  transactional: 4 * 3600,
  conversational: 4 * 3600,
  marketing: 4 * 3600,
};

/** Receipt states of SMPP 3.4 §5.2.28; 2, 3, 4, 5 and 8 are final. */
export type ReceiptState =
  | 'ENROUTE'
  | 'DELIVRD'
  | 'EXPIRED'
  | 'DELETED'
  | 'UNDELIV'
  | 'ACCEPTD'
  | 'UNKNOWN'
  | 'REJECTD';

export const finalReceiptStates: readonly ReceiptState[] = ['DELIVRD', 'EXPIRED', 'DELETED', 'UNDELIV', 'REJECTD'];
