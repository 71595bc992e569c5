import type { Logger } from '../intake/logger.ts';
import {
  type PortabilityDatabase,
  type PortabilityRecord,
  PortabilityUnavailable,
} from '../npdb/portability-database.ts';
import type { Store } from '../store/store.ts';
import { inParallel } from './in-parallel.ts';
import { type Answer, keepAnswers } from './kept-answers.ts';

/** Questions that are under way at the same time: a database answers one in milliseconds, and gives up hundreds at once. */
const atATime = 20;
/** A database that was silent is asked again; then the number goes on without its answer. */
const tries = 3;

/** Portability look-ups of many numbers at once, kept in their records in bulk. */
export interface BulkLookUps {
  /** @returns what the database says, by phone number; absent where it knows nothing or is silent. */
  lookUpAll(phoneNumbers: readonly string[]): Promise<Map<string, PortabilityRecord>>;
}

export function createBulkLookUps(deps: {
  store: Store;
  portability: PortabilityDatabase;
  logger: Logger;
}): BulkLookUps {
  const { store, portability, logger } = deps;

  async function ask(phoneNumber: string): Promise<PortabilityRecord | undefined> {
    for (let turn = 1; ; turn++) {
      try {
        return await portability.lookUp(phoneNumber);
      } catch (error) {
        if (!(error instanceof PortabilityUnavailable)) throw error;
        if (turn < tries) continue;
        logger.warn({ err: error }, 'a look-up failed; its number goes on without it');
        return undefined;
      }
    }
  }

  return {
    async lookUpAll(phoneNumbers) {
      const records = await inParallel(phoneNumbers, atATime, ask);
      const said = new Map<string, PortabilityRecord>();
      const answers = new Map<string, Answer>();
      for (const [index, phoneNumber] of phoneNumbers.entries()) {
        const record = records[index];
        if (!record) continue;
        said.set(phoneNumber, record);
        answers.set(store.vault.numberKey(phoneNumber), { phoneNumber, record });
      }
      await keepAnswers(store, answers, await store.numbers.findMany([...answers.keys()]));
      return said;
    },
  };
}
