import type { Logger } from '../intake/logger.ts';
import {
  type PortabilityDatabase,
  type PortabilityRecord,
  PortabilityUnavailable,
} from '../npdb/portability-database.ts';
import type { Store } from '../store/store.ts';
import { inParallel } from './in-parallel.ts';
import { answerFor, foreignNumber } from './look-ups.ts';

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
      const answers = await inParallel(phoneNumbers, atATime, ask);
      const said = new Map(
        phoneNumbers.flatMap((phoneNumber, index) => {
          const answer = answers[index];
          return answer ? [[phoneNumber, answer] as const] : [];
        }),
      );
      const byKey = new Map(
        [...said].map(([phoneNumber, answer]) => [store.vault.numberKey(phoneNumber), { phoneNumber, answer }]),
      );
      const known = await store.numbers.findMany([...byKey.keys()]);
      const unknown = [...byKey].filter(([key]) => !known.has(key));
      const inserted = await store.numbers.insertAll(
        unknown.map(([key, { phoneNumber, answer }]) =>
          foreignNumber(store.vault, key, phoneNumber, answerFor(answer)),
        ),
      );
      // When somebody else has stored one of them meanwhile, that one's record has to learn it, too.
      const toSave = inserted ? [...byKey].filter(([key]) => known.has(key)) : [...byKey];
      await store.numbers.saveLookUps(
        new Map(toSave.map(([key, { answer }]) => [key, answerFor(answer, known.get(key)?.lookUp)])),
      );
      return said;
    },
  };
}
