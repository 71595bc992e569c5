import type { Collection } from 'mongodb';
import type { CutoverState } from '../domain/lifecycle/cutover.ts';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';

/**
 * Where the cutover of one number of a port stands. A document of its own: hundreds of cutovers of one order move at the same time,
 * and a document that held them all would be written anew, whole, at each step of each.
 */
interface PortCutover {
  /** The port's id and the numberKey. */
  readonly _id: string;
  readonly portId: string;
  readonly numberKey: string;
  readonly cutover: CutoverState;
  readonly counter: number;
  readonly updatedAt: Date;
}

/** How many numbers of a port stand how. */
export interface CutoverCounts {
  readonly uncertain: number;
  readonly ported: number;
  readonly returned: number;
}

const none: CutoverCounts = { uncertain: 0, ported: 0, returned: 0 };

export type PortCutoverStore = ReturnType<typeof portCutoverStore>;

export function portCutoverStore(database: Database) {
  const cutovers: Collection<PortCutover> = database.collection('portCutovers');
  return {
    ensureIndexes: () => ensureIndexes(cutovers, [{ key: { portId: 1 } }]),

    /** Writes where a cutover stands, unless a newer saying of it is stored (invariant 1). */
    async project(portId: string, numberKey: string, counter: number, cutover: CutoverState): Promise<void> {
      try {
        await cutovers.updateOne(
          { _id: `${portId}/${numberKey}`, counter: { $lt: counter } },
          { $set: { portId, numberKey, cutover, counter, updatedAt: new Date() } },
          { upsert: true },
        );
      } catch (error) {
        // One that is as new or newer is there.
        if (!isDuplicateKey(error)) throw error;
      }
    },

    /** The cutovers of these ports that have said something. Index: portId. */
    ofPorts: (portIds: readonly string[]) => cutovers.find({ portId: { $in: [...portIds] } }).toArray(),

    /** How the numbers of each of these ports stand, counted by the database. Index: portId. */
    async count(portIds: readonly string[]): Promise<Map<string, CutoverCounts>> {
      const rows = await cutovers
        .aggregate<{ _id: { portId: string; messaging: string; outcome?: string | null }; count: number }>([
          { $match: { portId: { $in: [...portIds] } } },
          {
            $group: {
              _id: { portId: '$portId', messaging: '$cutover.messaging', outcome: '$cutover.outcome' },
              count: { $sum: 1 },
            },
          },
        ])
        .toArray();
      const counts = new Map<string, CutoverCounts>();
      for (const { _id: group, count } of rows) {
        const sum = counts.get(group.portId) ?? none;
        counts.set(group.portId, {
          uncertain: sum.uncertain + (group.messaging === 'uncertain' ? count : 0),
          ported: sum.ported + (group.outcome === 'ported' ? count : 0),
          returned: sum.returned + (group.outcome === 'returned' ? count : 0),
        });
      }
      return counts;
    },
  };
}
