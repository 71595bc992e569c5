import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsentEntry } from '../store/consents.ts';
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
 * Makes a revocation hold: when this resolves nothing that was claimed before it is still to be written, and what is claimed after it is
 * refused, because a sender reads the ledger after its claim (invariants 5 and 6). Notes in the ledger when that was. Safe to repeat.
 * @returns the note
 */
export async function honourRevocation(
  revocation: ConsentEntry,
  store: Pick<Store, 'consents' | 'messages' | 'vault'>,
): Promise<ConsentEntry> {
  const { consents, messages, vault } = store;
  const id = vault.deriveId('con', 'honoured', revocation._id);
  const known = await consents.find(id);
  if (known) return known;
  const claims = await messages.claimsOn(revocation.subjectKey, new Date(Date.now() - recentMs));
  for (const until = Date.now() + claimsEndWithinMs; claims.length > 0 && Date.now() < until; await sleep(pauseMs)) {
    if (!(await messages.anyClaimed(claims))) break;
  }
  const note: ConsentEntry = {
    _id: id,
    type: 'honoured',
    subjectKey: revocation.subjectKey,
    ...(revocation.senderKey !== undefined && { senderKey: revocation.senderKey }),
    ...(revocation.kinds && { kinds: revocation.kinds }),
    basis: 'opt-out',
    source: 'clock',
    at: new Date(),
    about: revocation._id,
    evidence: vault.seal('{}'),
  };
  await consents.append(note);
  return note;
}
