import { parsePhoneNumber } from '../domain/phone-number.ts';
import type { ConsentDocument } from '../store/consents.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';

/** A number that is to be ported, with its identity. */
export interface NumberToPort {
  readonly numberKey: string;
  readonly phoneNumber: string;
}

/**
 * Makes every number one of ours, in bulk; until its cutover its texts go by the losing carrier. What is ours stays as it is.
 * @param known the records that exist
 * @returns false when somebody else registered one of them at the same time: look again
 */
export async function recordNumbers(
  store: Pick<Store, 'numbers' | 'vault'>,
  numbers: readonly NumberToPort[],
  known: ReadonlyMap<string, NumberDocument>,
  losingCarrier: string | undefined,
  now: Date,
): Promise<boolean> {
  const routing = { state: 'settled', ...(losingCarrier !== undefined && { carrier: losingCarrier }) } as const;
  const foreign = numbers.filter(({ numberKey }) => known.get(numberKey)?.own === false);
  if (foreign.length > 0) {
    await store.numbers.adopt(
      foreign.map(({ numberKey }) => numberKey),
      routing,
    );
  }
  const unknown = numbers.filter(({ numberKey }) => !known.has(numberKey));
  return store.numbers.insertAll(
    unknown.map(({ numberKey, phoneNumber }) => {
      const parsed = parsePhoneNumber(phoneNumber);
      return {
        _id: numberKey,
        number: store.vault.seal(phoneNumber),
        own: true,
        ...(parsed.ok && { country: parsed.country, type: parsed.type }),
        routing,
        version: 1,
        history: [],
        registeredAt: now,
      };
    }),
  );
}

/** Puts the subscriber's agreement on record for every number, in bulk, before anything is ordered. Safe to repeat. */
export async function recordPortingConsent(
  store: Pick<Store, 'consents' | 'subjectKeys' | 'vault'>,
  portId: string,
  numbers: readonly NumberToPort[],
  consent: { readonly evidence: object; readonly at: Date },
): Promise<void> {
  const { vault } = store;
  await store.subjectKeys.load(numbers.map(({ numberKey }) => numberKey));
  await store.consents.appendAll(
    numbers.map(
      ({ numberKey, phoneNumber }): ConsentDocument => ({
        _id: vault.deriveId('cns', 'porting', portId, numberKey),
        type: 'granted',
        subjectKey: numberKey,
        basis: 'porting',
        source: 'api',
        at: consent.at,
        portId,
        evidence: vault.sealFor(numberKey, JSON.stringify({ ...consent.evidence, phoneNumber })),
      }),
    ),
  );
}
