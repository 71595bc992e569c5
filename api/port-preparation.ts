import { recordNumbers, recordPortingConsent } from '../activities/port-recording.ts';
import type { Carrier } from '../carriers/carrier.ts';
import { parsePhoneNumber } from '../domain/phone-number.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import { currentCaller } from './current-caller.ts';
import { requestFingerprint } from './idempotency.ts';
import { pastMoment } from './past-moment.ts';
import { Problem } from './problem.ts';
import type { PortRequestBody } from './schemas/ports.ts';
import { storedTerms } from './stored-terms.ts';
import { unknownCarrier } from './unknown-carrier.ts';

/** Of a request, or of as much of it as a draft knows. */
type CheckedTerms = Pick<PortRequestBody, 'gainingCarrier' | 'losingCarrier' | 'messagingPlan' | 'requestedFocAt'> & {
  readonly consent?: { readonly capturedAt?: string };
  readonly activation?: PortRequestBody['activation'];
};

export interface PortPreparationDependencies {
  readonly store: Pick<Store, 'numbers' | 'numberClaims' | 'consents' | 'subjectKeys' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
}

/** What has to be in order and on record before the process of a port begins. Every step is safe to repeat under the same id. */
export function createPortPreparation({ store, carriers }: PortPreparationDependencies) {
  const { vault } = store;

  /**
   * Registers the numbers, puts the consent of each on record, and makes the port's document; that is not stored yet.
   * @throws Problem
   */
  async function prepare(id: string, body: PortRequestBody): Promise<PortDocument> {
    const now = new Date();
    checkTerms(body, carriers, now);
    const country = countryOf(body.phoneNumbers);
    const byKey = new Map(body.phoneNumbers.map((phoneNumber) => [vault.numberKey(phoneNumber), phoneNumber]));
    const keys = [...byKey.keys()];
    const [open, known] = await Promise.all([store.numberClaims.openPorts(keys), store.numbers.findMany(keys)]);
    const elsewhereOpen = keys.flatMap((key, index) => (open.has(key) && open.get(key) !== id ? [index] : []));
    if (elsewhereOpen.length > 0) {
      // The claim itself is taken by the port's process (invariant 7).
      throw new Problem('number-has-open-port', 'Wait until that port has ended, or cancel it.', {
        errors: elsewhereOpen.map((index) => ({ path: `phoneNumbers.${index}`, message: 'Has another open port.' })),
      });
    }
    const losingCarrier = body.losingCarrier ?? sharedCarrier(keys, known);
    if (losingCarrier === body.gainingCarrier) {
      throw new Problem('gaining-is-losing', 'Name the carrier to which the numbers shall go as `gainingCarrier`.');
    }
    refuseOthers(body, keys, known);
    const numbers = [...byKey].map(([numberKey, phoneNumber]) => ({ numberKey, phoneNumber }));
    if (!(await recordNumbers(store, numbers, known, losingCarrier, now))) {
      throw new Problem('changed-meanwhile', 'A number was registered at the same time; send the port again.');
    }
    await recordPortingConsent(store, id, numbers, {
      evidence: body.consent.evidence,
      at: pastMoment('consent.capturedAt', body.consent.capturedAt, now),
    });
    return newPort(id, body, { country, losingCarrier, keys }, now);
  }

  function refuseOthers(
    body: PortRequestBody,
    keys: readonly string[],
    known: ReadonlyMap<string, NumberDocument>,
  ): void {
    const elsewhere = keys.flatMap((key, index) => {
      const { own, routing } = known.get(key) ?? {};
      const carrier = own && routing?.state === 'settled' ? routing.carrier : undefined;
      return carrier === undefined || body.losingCarrier === undefined || carrier === body.losingCarrier ? [] : [index];
    });
    if (elsewhere.length > 0) {
      throw new Problem('invalid-request', 'Name the carrier that has the numbers, or leave `losingCarrier` out.', {
        errors: elsewhere.map((index) => ({
          path: 'losingCarrier',
          message: `phoneNumbers.${index} is registered with another carrier.`,
        })),
      });
    }
  }

  function newPort(
    id: string,
    body: PortRequestBody,
    found: { readonly country: string; readonly losingCarrier: string | undefined; readonly keys: readonly string[] },
    now: Date,
  ): PortDocument {
    const requestedBy = currentCaller()?.keyId;
    return {
      _id: id,
      requestHash: requestFingerprint(vault, body),
      ...(requestedBy !== undefined && { requestedBy }),
      createdAt: now,
      updatedAt: now,
      counter: 0,
      status: 'checking',
      since: now.toISOString(),
      numbers: body.phoneNumbers.map((phoneNumber, index) => ({
        numberKey: found.keys[index] ?? vault.numberKey(phoneNumber),
        number: vault.seal(phoneNumber),
      })),
      country: found.country,
      ...storedTerms(body, vault),
      ...(found.losingCarrier !== undefined && { losingCarrier: found.losingCarrier }),
      requestRevision: 1,
      problems: [],
    };
  }

  return prepare;
}

/**
 * What can be told of a request without looking at its numbers.
 * @throws Problem
 */
export function checkTerms(body: CheckedTerms, carriers: ReadonlyMap<string, Carrier>, now: Date): void {
  const gaining = carriers.get(body.gainingCarrier);
  if (!gaining || (body.losingCarrier !== undefined && !carriers.has(body.losingCarrier))) {
    throw unknownCarrier(carriers);
  }
  if (body.messagingPlan === 'messaging-only') checkTextsAlone(body, gaining);
  else if (!gaining.porting) {
    throw new Problem('carrier-cannot-port', 'Choose a gaining carrier whose adapter takes port orders.');
  }
  if (body.requestedFocAt !== undefined && new Date(body.requestedFocAt) <= now) {
    throw new Problem('requested-date-past', 'Ask for a later date, or leave it out and take the earliest.', {
      errors: [{ path: 'requestedFocAt', message: 'Lies in the past.' }],
    });
  }
  if (body.consent) pastMoment('consent.capturedAt', body.consent.capturedAt, now);
}

/** Texts alone have no date to agree, and nothing to activate. */
function checkTextsAlone({ requestedFocAt, activation }: CheckedTerms, gaining: Carrier): void {
  if (!gaining.hosting) {
    throw new Problem(
      'carrier-hosts-no-texts',
      'Choose a carrier whose adapter hosts texts, or port the numbers whole.',
    );
  }
  const dated = requestedFocAt !== undefined ? 'requestedFocAt' : activation === 'on-demand' ? 'activation' : undefined;
  if (dated === undefined) return;
  throw new Problem('invalid-request', 'Leave it out: texts alone move as soon as the carrier has provisioned them.', {
    errors: [{ path: dated, message: 'Has no meaning for texts alone.' }],
  });
}

/** One country for all: others become a plan. */
export function countryOf([first = '']: readonly string[]): string {
  const parsed = parsePhoneNumber(first);
  return parsed.ok ? parsed.country : '';
}

/** The one carrier that all of these numbers are with, as far as their records say. */
function sharedCarrier(keys: readonly string[], known: ReadonlyMap<string, NumberDocument>): string | undefined {
  const carriers = new Set(
    keys.map((key) => {
      const record = known.get(key);
      return record?.own && record.routing.state === 'settled' ? record.routing.carrier : undefined;
    }),
  );
  const [carrier] = carriers;
  return carriers.size === 1 ? carrier : undefined;
}
