import { parsePhoneNumber } from '../domain/phone-number.ts';
import type { Logger } from '../intake/logger.ts';
import type { PortabilityDatabase, PortabilityRecord } from '../npdb/portability-database.ts';
import type { LookUp, NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import type { Sealed, Vault } from '../store/vault.ts';

/** Portability look-ups that are kept in the numbers' records, with their age. */
export interface LookUps {
  /**
   * Asks the portability database about a number and keeps the answer in its record.
   * @returns undefined when it does not know the number.
   * @throws PortabilityUnavailable
   */
  lookUp(phoneNumber: string): Promise<PortabilityRecord | undefined>;
  /** Looks recipients up anew after a code that points at a port. One that can't be looked up now keeps what is known. */
  refresh(phoneNumbers: readonly Sealed[]): Promise<void>;
}

export function createLookUps(deps: { store: Store; portability: PortabilityDatabase; logger: Logger }): LookUps {
  const { store, portability, logger } = deps;

  async function lookUp(phoneNumber: string): Promise<PortabilityRecord | undefined> {
    const record = await portability.lookUp(phoneNumber);
    if (record) await keep(phoneNumber, record);
    return record;
  }

  async function keep(phoneNumber: string, record: PortabilityRecord): Promise<void> {
    const key = store.vault.numberKey(phoneNumber);
    const known = await store.numbers.find(key);
    const answer = answerFor(record, known?.lookUp);
    if (known) {
      await store.numbers.saveLookUp(key, answer);
      return;
    }
    const inserted = await store.numbers.insert(foreignNumber(store.vault, key, phoneNumber, answer));
    if (!inserted) await store.numbers.saveLookUp(key, answer);
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

/** What a database said, as it is kept. @param known what it had said before */
export function answerFor(record: PortabilityRecord, known?: LookUp): LookUp {
  const at = new Date(record.at);
  // When the provider was first seen to be another one; a first look says nothing about that.
  const changedAt = known !== undefined && known.spid !== record.spid ? at : known?.changedAt;
  return { ...record, at, ...(changedAt && { changedAt }) };
}

/** The record of a number that is none of ours. */
export function foreignNumber(vault: Vault, key: string, phoneNumber: string, lookUp: LookUp): NumberDocument {
  const parsed = parsePhoneNumber(phoneNumber);
  return {
    _id: key,
    number: vault.seal(phoneNumber),
    own: false,
    ...(parsed.ok && { country: parsed.country, type: parsed.type }),
    routing: { state: 'settled' },
    version: 1,
    lookUp,
    history: [],
    registeredAt: new Date(),
  };
}
