import { placesOf } from '../domain/jurisdictions/recipient-places.ts';
import { jurisdictions } from '../domain/jurisdictions/rules.ts';
import { standing } from '../domain/ledger-standing.ts';
import { hasOptedOut } from '../domain/opted-out.ts';
import { hasSafeHarbour } from '../domain/reassignment.ts';
import type { ConsentDocument, ConsentEntry } from '../store/consents.ts';
import type { Store } from '../store/store.ts';
import { partiesOf } from './views/consent-view.ts';

/** What is to be asked of one number: whether it was given to somebody else since then. */
export interface CheckDue {
  readonly phoneNumber: string;
  readonly since: Date;
}

/**
 * The numbers that a text would go to without a safe harbour: of people whose consent stands, in places that have a register of reassigned
 * numbers which was not asked since it got its newest data. `since` is the oldest consent that stands: who had the number then gave it.
 * Goes through the whole ledger, in memory that does not grow with it.
 */
export async function* reassignmentChecksDue(
  { consents, subjectKeys, vault }: Pick<Store, 'consents' | 'subjectKeys' | 'vault'>,
  now: Date,
): AsyncGenerator<CheckDue> {
  function dueOf(grants: readonly ConsentDocument[]): CheckDue | undefined {
    const phoneNumber = grants.flatMap((grant) => partiesOf(grant, vault).phoneNumber ?? [])[0];
    if (phoneNumber === undefined) return undefined;
    const { reassignedUpdatedOnDay } = jurisdictions.termsOf(placesOf(phoneNumber));
    if (reassignedUpdatedOnDay === undefined) return undefined;
    const unchecked = grants.filter(({ lastCheck }) => !hasSafeHarbour(lastCheck, reassignedUpdatedOnDay, now));
    if (unchecked.length === 0) return undefined;
    return { phoneNumber, since: new Date(Math.min(...unchecked.map(({ at }) => at.getTime()))) };
  }

  for await (const chains of consents.chains()) {
    // Nothing goes to a person whose chain is not whole.
    const people = chains.flatMap(({ events, faults }) => (faults.length > 0 ? [] : [standingGrants(events, now)]));
    await subjectKeys.loadFor(people.flat().map(({ evidence }) => evidence));
    yield* people.flatMap((grants) => dueOf(grants) ?? []);
  }
}

/** Consents to texts that have neither ended nor been taken back. */
function standingGrants(events: readonly ConsentEntry[], now: Date): ConsentDocument[] {
  const weighed = standing(events);
  const takenBack = new Set(weighed.flatMap(({ revokes }) => revokes ?? []));
  return weighed.filter(
    ({ _id, type, basis, expiresAt, senderKey }) =>
      type === 'granted' &&
      basis !== 'porting' &&
      !takenBack.has(_id) &&
      (expiresAt === undefined || expiresAt > now) &&
      !hasOptedOut(weighed, senderKey ?? ''),
  );
}
