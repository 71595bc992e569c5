import type { Collection } from 'mongodb';
import { type Database, isDuplicateKey } from './database.ts';

/** One step of a port, for the audit: who, what, when, from which carrier event. Holds no personal data. */
export interface TimelineEntry {
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly actor: 'portsms' | 'carrier' | 'caller';
  /** E.g. `order.submitted`, `number.uncertain`. */
  readonly type: string;
  readonly detail: string;
  readonly numberKey?: string;
  readonly carrierEventId?: string;
}

interface TimelineDocument extends TimelineEntry {
  readonly _id: string;
  readonly portId: string;
  /** Which run of steps it belongs to: the order's own, or one cutover of one number. */
  readonly chain: string;
  readonly seq: number;
}

export type TimelineStore = ReturnType<typeof timelineStore>;

export function timelineStore(database: Database) {
  const timeline: Collection<TimelineDocument> = database.collection('timeline');
  return {
    ensureIndexes: () => timeline.createIndex({ portId: 1, at: 1, chain: 1, seq: 1 }),

    /** Appends entries from position `seq` on; the position is the id, so a repetition stores nothing twice. */
    async append(portId: string, chain: string, seq: number, entries: readonly TimelineEntry[]): Promise<void> {
      if (entries.length === 0) return;
      try {
        await timeline.insertMany(
          entries.map((entry, index) => ({
            ...entry,
            _id: `${portId}/${chain}/${seq + index}`,
            portId,
            chain,
            seq: seq + index,
          })),
          { ordered: false },
        );
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },

    /** Oldest first. Index: portId, at, chain, seq. */
    list: (portId: string) => timeline.find({ portId }).sort({ at: 1, chain: 1, seq: 1 }).toArray(),
  };
}
