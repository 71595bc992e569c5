import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../store/store.ts';

/**
 * Between claim and write a sender takes this long at most (activities/submission.ts), else it does not write; and a second for clocks and
 * the way. A claim that is still unanswered then has been written, or never will be.
 */
const claimsEndWithinMs = 6000;
const pauseMs = 40;
/** Claims of before are ambiguous by now: nothing is written under them any more. */
const recentMs = 60_000;

/**
 * Waits for what had been claimed for these recipients when it was called: afterwards nothing of it is still to be written (invariant 5).
 * 6 seconds at most; as a rule there is nothing, and it costs one query.
 */
export async function claimsWritten(
  subjectKeys: readonly string[],
  { messages }: Pick<Store, 'messages'>,
): Promise<void> {
  const until = Date.now() + claimsEndWithinMs;
  const claims = await messages.claimsOn(subjectKeys, new Date(Date.now() - recentMs));
  while (claims.length > 0 && Date.now() < until && (await messages.anyClaimed(claims))) await sleep(pauseMs);
}
