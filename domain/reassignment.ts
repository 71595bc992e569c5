/** What a look-up said of whether a number still is the person's who had consented. */
export interface ReassignmentCheck {
  readonly at: Date;
  /** `yes`: it was reassigned since the consent. `no-data` says nothing. */
  readonly reassigned: 'yes' | 'no' | 'no-data';
}

/**
 * Whether a text to a number that was reassigned all the same would be excused: the database must have said «no» by the newest data that it
 * had (47 CFR 64.1200(m)).
 * @param updatedOnDay the day of each month on which the database gets its data
 */
export function hasSafeHarbour(check: ReassignmentCheck | undefined, updatedOnDay: number, now: Date): boolean {
  return check?.reassigned === 'no' && check.at >= lastUpdate(updatedOnDay, now);
}

/** The same in words, for the record of a decision: it binds nobody to ask, so it is told and refuses nothing. */
export function reassignmentFinding(check: ReassignmentCheck | undefined, updatedOnDay: number, now: Date): string {
  const said = check ? `${check.reassigned} on ${check.at.toISOString().slice(0, 10)}` : 'never looked up';
  return `${hasSafeHarbour(check, updatedOnDay, now) ? 'safe harbour' : 'no safe harbour'}: ${said}`;
}

function lastUpdate(day: number, now: Date): Date {
  const thisMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), day));
  return thisMonth <= now ? thisMonth : new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, day));
}
