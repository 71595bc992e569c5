import type { ClientSession, Collection } from 'mongodb';
import { type Database, isDuplicateKey } from './database.ts';

/** A number's one open port (invariant 7): the number's key is the document's id, so that a second claim cannot be stored. */
interface NumberClaim {
  readonly _id: string;
  readonly portId: string;
  readonly at: Date;
}

export type NumberClaimStore = ReturnType<typeof numberClaimStore>;

export function numberClaimStore(database: Database) {
  const claims: Collection<NumberClaim> = database.collection('numberClaims');

  async function claimAll(numberKeys: readonly string[], portId: string, session: ClientSession): Promise<string[]> {
    const held = await claims.find({ _id: { $in: [...numberKeys] } }, { session }).toArray();
    const others = held.filter((claim) => claim.portId !== portId);
    if (others.length > 0) return others.map((claim) => claim._id);
    const mine = new Set(held.map((claim) => claim._id));
    const missing = numberKeys.filter((key) => !mine.has(key)).map((key) => ({ _id: key, portId, at: new Date() }));
    if (missing.length > 0) await claims.insertMany(missing, { session });
    return [];
  }

  return {
    /**
     * Claims every number for a port, or none. Safe to repeat.
     * @returns the numbers that another open port has; empty when all are now this port's.
     */
    async claim(numberKeys: readonly string[], portId: string): Promise<string[]> {
      for (;;) {
        try {
          return await database.transaction((session) => claimAll(numberKeys, portId, session));
        } catch (error) {
          // Another port was first with one of them, after this one had looked: look again.
          if (!isDuplicateKey(error)) throw error;
        }
      }
    },

    /** Which of these numbers have an open port. */
    async openPorts(numberKeys: readonly string[]): Promise<Map<string, string>> {
      const held = await claims.find({ _id: { $in: [...numberKeys] } }).toArray();
      return new Map(held.map((claim) => [claim._id, claim.portId]));
    },

    /** Gives the numbers of a port free; at a final state only. */
    release: async (numberKeys: readonly string[], portId: string): Promise<void> => {
      await claims.deleteMany({ _id: { $in: [...numberKeys] }, portId });
    },
  };
}
