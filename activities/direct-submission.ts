import { CarrierUnavailable } from '../carriers/errors.ts';
import { claimedUnder, type MessageChange, type MessageDocument } from '../store/messages.ts';
import { mostFrequent } from './outlook.ts';
import { createPortions, type MakeClaim, type PortionDependencies } from './portion.ts';
import type { SubmissionDesk } from './submission-desk.ts';

/** Makes a claim of what an admission is about to write of a text; what it does not claim it leaves as it is. */
export type Claiming = (message: MessageDocument, admitted: MessageChange) => MessageChange;

/** What an admission has written. */
export interface Written {
  readonly texts: readonly MessageDocument[];
  /** Some were claimed: resolves when the answers to them are stored, to those texts as they then are. */
  readonly recorded?: Promise<readonly MessageDocument[]>;
}

/**
 * Submits texts under a claim that is written with their admission: for most texts that is one write less, one reading less, and no way through
 * a task queue.
 * @param admitted texts that are to be written as queued, as they will be then
 * @param write writes what the admission has decided, once. @returns the texts as they then are
 */
export type DirectSubmission = (
  admitted: readonly MessageDocument[],
  write: (claiming?: Claiming) => Promise<readonly MessageDocument[]>,
) => Promise<Written>;

/** An admission ends within 2 s: what has no room at its carrier by then goes by the carrier's task queue. */
const longestWaitForRoomMs = 1000;

/**
 * Those of the carrier that most of the texts go to are submitted, as many as it has room for, where this process would get them from that carrier's
 * task queue at once. Everything else is left to the queue.
 */
export function createDirectSubmission(
  deps: PortionDependencies & { readonly desk: Pick<SubmissionDesk, 'isFree' | 'take'> },
): DirectSubmission {
  const { store, carriers, limits, breakers, desk } = deps;
  const portions = createPortions(deps);

  return async (admitted, write) => {
    const carrierId = mostFrequent(admitted.flatMap(({ route }) => route?.carrier ?? []));
    const carrier = carriers.get(carrierId ?? '');
    if (carrierId === undefined || !carrier || !desk.isFree(carrierId)) return { texts: await write() };

    let texts: readonly MessageDocument[] | undefined;
    const claimWhatIsWritten: MakeClaim = async (claimable, claim) => {
      const ids = new Set(claimable.map(({ _id }) => _id));
      texts = await write((message, next) =>
        next.status === 'queued' && next.route?.carrier === carrierId && ids.has(message._id)
          ? { ...next, ...claimedUnder(claim, message) }
          : next,
      );
      return texts.filter(({ status, claimToken }) => status === 'claimed' && claimToken === claim.token);
    };

    const leaveDesk = desk.take(carrierId);
    let recorded: Written['recorded'];
    try {
      const readable = admitted
        .filter(({ route, text }) => route?.carrier === carrierId && !store.vault.isErased(text))
        .sort((a, b) => a.acceptedAt.getTime() - b.acceptedAt.getTime());
      const now = new Date();
      const leave = await limits.take(carrierId, portions.candidates(readable, carrier), now);
      const { texts: most } = breakers.allow(carrierId, leave.go.length, now);
      for (const candidate of leave.go.slice(most)) limits.giveBack(carrierId, candidate);
      const go = leave.go.slice(0, most);
      if (go.length > 0) {
        const how = { make: claimWhatIsWritten, timeoutMs: longestWaitForRoomMs };
        ({ recording: recorded } = await portions.submit(go, carrier, how));
      }
    } catch (error) {
      // No room: nothing is claimed, nor written yet.
      if (texts || !(error instanceof CarrierUnavailable)) throw error;
    } finally {
      if (recorded) recorded.finally(leaveDesk).catch(() => undefined);
      else leaveDesk();
    }
    texts ??= await write();
    return { texts, ...(recorded && { recorded }) };
  };
}
