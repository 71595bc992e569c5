import type { Logger } from '../intake/logger.ts';
import type { PortabilityDatabase, PortabilityRecord } from '../npdb/portability-database.ts';
import type { Store } from '../store/store.ts';
import type { Sealed } from '../store/vault.ts';
import { keepAnswers } from './kept-answers.ts';

/** Portability look-ups that are kept in the numbers' records, with their age. */
export interface LookUps {
  /**
   * Asks the portability database about a number and keeps the answer in its record.
   * @returns undefined when it does not know the number.
   * @throws PortabilityUnavailable
   */
  lookUp(phoneNumber: string): Promise<PortabilityRecord | undefined>;
  /** Looks numbers up anew. One that can't be looked up now keeps what is known. */
  refresh(phoneNumbers: readonly Sealed[]): Promise<void>;
}

export function createLookUps(deps: { store: Store; portability: PortabilityDatabase; logger: Logger }): LookUps {
  const { store, portability, logger } = deps;

  async function lookUp(phoneNumber: string): Promise<PortabilityRecord | undefined> {
    const record = await portability.lookUp(phoneNumber);
    if (!record) return undefined;
    const key = store.vault.numberKey(phoneNumber);
    await keepAnswers(store, new Map([[key, { phoneNumber, record }]]), await store.numbers.findMany([key]));
    return record;
  }

  return {
    lookUp,
    async refresh(phoneNumbers) {
      await store.subjectKeys.loadFor(phoneNumbers);
      const wanted = new Set(phoneNumbers.flatMap((sealed) => store.vault.openUnlessErased(sealed) ?? []));
      await Promise.all(
        [...wanted].map((phoneNumber) =>
          lookUp(phoneNumber).catch((error: unknown) => {
            logger.warn({ err: error }, 'a look-up failed; what was known is used');
          }),
        ),
      );
    },
  };
}
