import { setTimeout as delay } from 'node:timers/promises';
import { type Allotment, holdsNow } from './allotment.ts';

/** An answer comes within a carrier's time limit, as a rule 10 s, or not at all. */
const patienceMs = 12_000;
/** Whose time is over has less: somebody else takes over soon, and what is not answered by then is ambiguous. */
const patienceWhenOverMs = 1_500;
const lookEveryMs = 20;
/** Carriers count over any second. */
const secondMs = 1000;

/**
 * Resolves when what a process held of a carrier is free for others: its answers have come, or too much time has passed, and what was
 * written under the old allotment is a second ago.
 * @param answered whether nothing is open any more of what is given up
 */
export async function givenUp(
  room: { readonly spentAt: number },
  until: Allotment['until'],
  answered: () => boolean,
): Promise<void> {
  const giveUpAt = performance.now() + (holdsNow(until) ? patienceMs : patienceWhenOverMs);
  while (!answered() && performance.now() < giveUpAt) await delay(lookEveryMs);
  await delay(Math.max(0, room.spentAt + secondMs - performance.now()));
}
