import type { MessageKind } from './message.ts';

/** What is read of a person's ledger to tell whether a carrier is to block them. */
interface Word {
  readonly type: 'granted' | 'revoked';
  readonly senderKey?: string;
  readonly kinds?: readonly MessageKind[];
  readonly basis: string;
  readonly at: Date;
}

/** By what an opt-out of everything ends (domain/facts/consent-rules.json). */
const lifts = new Set(['express-written', 'express', 'opt-in']);

/** Whether a person wants nothing at all from a sender: the only opt-outs that a carrier's list can hold. */
export function hasOptedOut(words: readonly Word[], senderKey: string): boolean {
  const about = words.filter((word) => word.senderKey === undefined || word.senderKey === senderKey);
  return about.some(
    ({ type, kinds, at }) =>
      type === 'revoked' &&
      kinds === undefined &&
      !about.some((word) => word.type === 'granted' && lifts.has(word.basis) && word.at > at),
  );
}
