import { classifyCode } from '../../domain/delivery-codes.ts';
import type { PartAnswer } from '../carrier.ts';

/** Parts that were refused for now are written again for so long, well within the time that a submission has. */
const patienceMs = 8_000;
const firstPauseMs = 150;
const longestPauseMs = 2_000;

/**
 * Saves a long text of which the carrier has taken some parts and refused others for now (throttled, queue full, system error): only
 * those are written again, a definite no being no risk of a second delivery (invariant 5). Refused as a whole, a text is left to its
 * workflow, which may choose another carrier.
 * @param validityMs remaining validity of the text
 * @param write writes the parts at these positions again; undefined when there is no room, or no session, for them in time
 * @returns one answer per part, the last that each got
 */
export async function untilAllTaken(
  answers: readonly PartAnswer[],
  validityMs: number,
  write: (positions: readonly number[], timeoutMs: number) => Promise<readonly PartAnswer[] | undefined>,
): Promise<readonly PartAnswer[]> {
  let current = answers;
  let pauseMs = firstPauseMs;
  const until = performance.now() + Math.min(patienceMs, validityMs);
  while (current.some(({ outcome }) => outcome === 'accepted')) {
    const refused = current.flatMap((answer, position) => (isForNow(answer) ? [position] : []));
    const others = current.some((answer) => answer.outcome !== 'accepted' && !isForNow(answer));
    const asked = Math.max(0, ...refused.map((position) => retryAfterOf(current[position])));
    const waitMs = asked + pauseMs * (0.5 + Math.random() / 2);
    const leftMs = until - performance.now() - waitMs;
    if (refused.length === 0 || others || leftMs <= 0) return current;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const again = await write(refused, leftMs);
    if (!again) return current;
    current = current.map((answer, position) => again[refused.indexOf(position)] ?? answer);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }
  return current;
}

function isForNow(answer: PartAnswer): boolean {
  if (answer.outcome !== 'rejected') return false;
  const { class: meaning } = classifyCode('smpp', answer.code);
  return meaning === 'throttled' || meaning === 'system';
}

function retryAfterOf(answer: PartAnswer | undefined): number {
  return answer?.outcome === 'rejected' ? (answer.retryAfterMs ?? 0) : 0;
}
