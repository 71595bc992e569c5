import type { Carrier } from '../carriers/carrier.ts';
import { parsePhoneNumber } from '../domain/phone-number.ts';
import type { PortRequest } from '../domain/port-request.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import { requestFingerprint } from './idempotency.ts';
import { pastMoment } from './past-moment.ts';
import { Problem } from './problem.ts';
import type { PortRequestBody } from './schemas/ports.ts';
import { unknownCarrier } from './unknown-carrier.ts';
import { sealEvidence } from './views/consent-view.ts';

/** What can be told of a request before anybody else is asked; of a draft, what is known of it. */
export type CheckedRequest = Pick<PortRequestBody, 'phoneNumbers' | 'gainingCarrier' | 'messagingPlan'> & {
  readonly losingCarrier?: string;
  readonly requestedFocAt?: string;
  readonly consent?: { readonly capturedAt?: string };
};

export interface PortPreparationDependencies {
  readonly store: Pick<Store, 'numbers' | 'numberClaims' | 'consents' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
}

export type PortPreparation = ReturnType<typeof createPortPreparation>;

/** What has to be in order and on record before the process of a port begins. Every step is safe to repeat under the same id. */
export function createPortPreparation({ store, carriers }: PortPreparationDependencies) {
  const { vault } = store;

  /** @returns the country of the numbers. @throws Problem */
  function check(body: CheckedRequest, now: Date): string {
    if (body.messagingPlan === 'messaging-only') {
      throw new Problem('plan-not-available', 'Hosted texts cannot be ordered yet: choose `move` or `stay`.');
    }
    const gaining = carriers.get(body.gainingCarrier);
    if (!gaining || (body.losingCarrier !== undefined && !carriers.has(body.losingCarrier))) {
      throw unknownCarrier(carriers);
    }
    if (!gaining.porting) {
      throw new Problem('carrier-cannot-port', 'Choose a gaining carrier whose adapter takes port orders.');
    }
    const countries = new Set(
      body.phoneNumbers.map((phoneNumber) => {
        const parsed = parsePhoneNumber(phoneNumber);
        return parsed.ok ? parsed.country : '';
      }),
    );
    const [country = ''] = countries;
    if (countries.size > 1) throw new Problem('mixed-countries', 'Send one port per country.');
    if (body.requestedFocAt !== undefined && new Date(body.requestedFocAt) <= now) {
      throw new Problem('requested-date-past', 'Ask for a later date, or leave it out and take the earliest.', {
        errors: [{ path: 'requestedFocAt', message: 'Lies in the past.' }],
      });
    }
    if (body.consent) pastMoment('consent.capturedAt', body.consent.capturedAt, now);
    return country;
  }

  /**
   * Registers the numbers, puts the consent of each on record, and makes the port's document; that is not stored yet.
   * @throws Problem
   */
  async function prepare(id: string, body: PortRequestBody): Promise<PortDocument> {
    const now = new Date();
    const country = check(body, now);
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
    await registerNumbers(byKey, known, losingCarrier, now);
    await recordConsent(id, body, byKey, now);
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

  /** Makes every number one of ours; its texts go by the losing carrier until the cutover. */
  async function registerNumbers(
    byKey: ReadonlyMap<string, string>,
    known: ReadonlyMap<string, NumberDocument>,
    losingCarrier: string | undefined,
    now: Date,
  ): Promise<void> {
    const routing = { state: 'settled', ...(losingCarrier !== undefined && { carrier: losingCarrier }) } as const;
    await Promise.all(
      [...byKey].map(async ([key, phoneNumber]) => {
        const record = known.get(key);
        if (record?.own) return;
        const parsed = parsePhoneNumber(phoneNumber);
        const origin = parsed.ok ? { country: parsed.country, type: parsed.type } : {};
        const done = record
          ? await store.numbers.change(key, record.version, { own: true, routing, ...origin })
          : await store.numbers.insert({
              _id: key,
              number: vault.seal(phoneNumber),
              own: true,
              ...origin,
              routing,
              version: 1,
              history: [],
              registeredAt: now,
            });
        if (!done)
          throw new Problem('changed-meanwhile', 'A number was registered at the same time; send the port again.');
      }),
    );
  }

  /** The subscriber's agreement is on record for every number, before anything is ordered. */
  async function recordConsent(
    portId: string,
    { consent }: PortRequestBody,
    byKey: ReadonlyMap<string, string>,
    now: Date,
  ): Promise<void> {
    await Promise.all(
      [...byKey].map(([key, phoneNumber]) =>
        store.consents.append({
          _id: vault.deriveId('cns', 'porting', portId, key),
          type: 'granted',
          subjectKey: key,
          basis: 'porting',
          source: 'api',
          at: pastMoment('consent.capturedAt', consent.capturedAt, now),
          portId,
          evidence: sealEvidence(vault, { phoneNumber }, consent.evidence),
        }),
      ),
    );
  }

  function newPort(
    id: string,
    body: PortRequestBody,
    found: { readonly country: string; readonly losingCarrier: string | undefined; readonly keys: readonly string[] },
    now: Date,
  ): PortDocument {
    const { subscriber, authorizationCodes, remainingNumbers, newBillingNumber } = body;
    const request: PortRequest = { subscriber, authorizationCodes, remainingNumbers, newBillingNumber };
    return {
      _id: id,
      requestHash: requestFingerprint(vault, body),
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
      ...(found.losingCarrier !== undefined && { losingCarrier: found.losingCarrier }),
      gainingCarrier: body.gainingCarrier,
      messagingPlan: body.messagingPlan,
      portType: body.portType,
      activation: body.activation,
      ...(body.requestedFocAt !== undefined && { requestedFocAt: new Date(body.requestedFocAt).toISOString() }),
      request: vault.seal(JSON.stringify(request)),
      requestRevision: 1,
      ...(body.metadata && { metadata: vault.seal(JSON.stringify(body.metadata)) }),
      problems: [],
    };
  }

  return { check, prepare };
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
