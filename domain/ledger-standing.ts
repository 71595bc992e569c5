import type { MessageKind } from './message.ts';
import type { ReassignmentCheck } from './reassignment.ts';

/** What is read of an event of the consent ledger to tell whether it counts. */
export interface LedgerEvent {
  readonly _id: string;
  readonly type: string;
  readonly kinds?: readonly MessageKind[];
  readonly about?: string;
  readonly at: Date;
  readonly reassigned?: ReassignmentCheck['reassigned'];
}

/** An event that says yes or no: the only ones that the rules weigh. */
export type Weighed<Event> = Omit<Event, 'type'> & {
  readonly type: 'granted' | 'revoked';
  /** Of a consent: the last look-up of whether the number still is the person's. */
  readonly lastCheck?: ReassignmentCheck;
};

/**
 * What counts of a person's ledger. Consents and revocations do. A pause, of words that may mean an opt-out, is a revocation for marketing
 * until a person has read them (`resumed`); what they were then found to mean stands in the ledger by itself. A consent that waits for its
 * confirmation, and notes of what has run out or was honoured, permit and forbid nothing.
 */
export function standing<Event extends LedgerEvent>(events: readonly Event[]): Weighed<Event>[] {
  const checks = lastChecks(events);
  const ended = new Set(events.flatMap(({ type, about }) => (type === 'resumed' && about !== undefined ? about : [])));
  return events.flatMap((event): Weighed<Event>[] => {
    if (event.type === 'revoked') return [{ ...event, type: 'revoked' }];
    if (event.type === 'granted') {
      const lastCheck = checks.get(event._id);
      return [{ ...event, type: 'granted', ...(lastCheck && { lastCheck }) }];
    }
    if (event.type !== 'paused' || ended.has(event._id)) return [];
    return [{ ...event, type: 'revoked', kinds: ['marketing'] }];
  });
}

/** By consent. */
function lastChecks(events: readonly LedgerEvent[]): Map<string, ReassignmentCheck> {
  const last = new Map<string, ReassignmentCheck>();
  for (const { about, at, reassigned } of events) {
    if (about === undefined || reassigned === undefined) continue;
    const known = last.get(about);
    if (!known || at >= known.at) last.set(about, { at, reassigned });
  }
  return last;
}
