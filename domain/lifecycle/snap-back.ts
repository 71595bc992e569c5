/**
 * Why the numbers shall go back. One of few: free words could name people, and they would stand in the history (invariant 9).
 */
export const snapBackReasons = [
  'texts-do-not-arrive',
  'calls-do-not-arrive',
  'ported-by-mistake',
  'disputed',
  'other',
] as const;
export type SnapBackReason = (typeof snapBackReasons)[number];

/**
 * Undoing a port is a request to both carriers, who may refuse; later than its deadline it is an ordinary port back. It stands beside
 * the order's status: an order that is completed stays so, what changes is where its numbers are.
 */
export interface SnapBack {
  readonly state: 'requested' | 'accepted' | 'refused' | 'expired';
  readonly reason: SnapBackReason;
  /** RFC 3339 UTC. */
  readonly requestedAt: string;
  /** Without an answer by then it has failed. */
  readonly until: string;
  readonly answeredAt?: string;
}

export type SnapBackAnswer = 'accepted' | 'refused' | 'expired';

/** A request that is answered keeps its first answer, whatever comes late or twice. @param at RFC 3339 UTC */
export function answerSnapBack(
  snapBack: SnapBack | undefined,
  answer: SnapBackAnswer,
  at: string,
): SnapBack | undefined {
  return snapBack?.state === 'requested' ? { ...snapBack, state: answer, answeredAt: at } : snapBack;
}
