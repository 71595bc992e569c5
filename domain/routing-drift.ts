/** Ways in which the world is not as a number's record has it. */
export const driftKinds = ['database-names-other', 'snapped-back', 'carrier-lost-number'] as const;
export type DriftKind = (typeof driftKinds)[number];

export interface RoutingObservation {
  /** SPIDs of the carrier that has the number by our record; empty: they are not known, so the database can't be compared. */
  readonly spids: readonly string[];
  /** SPIDs of the carrier that the number has left with its last move, when that was lately. */
  readonly formerSpids: readonly string[];
  /** The database proves something about numbers like this (domain/database-proof.ts). */
  readonly databaseProves: boolean;
  /** Whom it names; undefined when it did not answer or names nobody. */
  readonly spid?: string;
  /** What the carrier itself says; undefined when it can't be asked. */
  readonly possession?: 'has' | 'moving' | 'gone';
}

/** What is wrong with a number's record, the surest sign first; undefined when nothing is known to be. */
export function driftOf(seen: RoutingObservation): { kind: DriftKind; detail: string[] } | undefined {
  const { spid, spids, formerSpids, possession } = seen;
  const named = seen.databaseProves && spids.length > 0 && spid !== undefined && !spids.includes(spid);
  const detail = [...(named ? [`spid ${spid}`] : []), ...(possession === 'gone' ? ['carrier: gone'] : [])];
  if (named && formerSpids.includes(spid)) return { kind: 'snapped-back', detail };
  if (possession === 'gone') return { kind: 'carrier-lost-number', detail };
  return named ? { kind: 'database-names-other', detail } : undefined;
}
