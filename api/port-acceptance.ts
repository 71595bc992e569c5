import { recordNumbers, recordPortingConsent } from '../activities/port-recording.ts';
import type { Carrier } from '../carriers/carrier.ts';
import { parsePhoneNumber } from '../domain/phone-number.ts';
import type { PortRequest } from '../domain/port-request.ts';
import { isDuplicateKey } from '../store/database.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import type { PortInput } from '../workflows/contract.ts';
import { currentCaller } from './current-caller.ts';
import { keyReused, requestFingerprint } from './idempotency.ts';
import { pastMoment } from './past-moment.ts';
import type { PortProcess } from './port-process.ts';
import { Problem } from './problem.ts';
import type { PortRequestBody } from './schemas/ports.ts';
import { unknownCarrier } from './unknown-carrier.ts';

export interface PortAcceptanceDependencies {
  readonly store: Pick<Store, 'ports' | 'numbers' | 'numberClaims' | 'consents' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly portProcess: Pick<PortProcess, 'start'>;
  /** Texts wait from this long before the agreed date on, in milliseconds. */
  readonly marginMs: number;
  /** Without proof for this long after the agreed date a person is asked, in milliseconds. */
  readonly proofDeadlineMs: number;
}

/**
 * Takes a port: checks what can be told at once, puts numbers, consent and request on record, and starts its process. Every step
 * is safe to repeat under the same id, so a request that was cut off is completed by its repetition.
 */
export function createPortAcceptance(dependencies: PortAcceptanceDependencies) {
  const { store, carriers, portProcess } = dependencies;
  const { vault } = store;

  /**
   * @param id of the port; derived from the Idempotency-Key when there is one
   * @returns the port, once its process has started (invariant 3)
   * @throws Problem
   */
  return async function accept(id: string, body: PortRequestBody): Promise<PortDocument> {
    const port = (await store.ports.find(id)) ?? (await record(id, body));
    if (port.requestHash !== requestFingerprint(vault, body)) throw keyReused();
    await portProcess.start(asInput(port, dependencies));
    return port;
  };

  async function record(id: string, body: PortRequestBody): Promise<PortDocument> {
    const now = new Date();
    checkTerms(body, carriers, now);
    // One country for all: others become a plan.
    const parsed = parsePhoneNumber(body.phoneNumbers[0] ?? '');
    const country = parsed.ok ? parsed.country : '';
    const byKey = new Map(body.phoneNumbers.map((phoneNumber) => [vault.numberKey(phoneNumber), phoneNumber]));
    const keys = [...byKey.keys()];
    const [open, known] = await Promise.all([store.numberClaims.openPorts(keys), store.numbers.findMany(keys)]);
    if (open.size > 0) {
      // The claim itself is taken by the port's process (invariant 7).
      throw new Problem('number-has-open-port', 'Wait until that port has ended, or cancel it.', {
        errors: keys.flatMap((key, index) =>
          open.has(key) ? [{ path: `phoneNumbers.${index}`, message: 'Has another open port.' }] : [],
        ),
      });
    }
    const losingCarrier = body.losingCarrier ?? sharedCarrier(keys, known);
    if (losingCarrier === body.gainingCarrier) {
      throw new Problem('gaining-is-losing', 'Name the carrier to which the numbers shall go as `gainingCarrier`.');
    }
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
    const numbers = [...byKey].map(([numberKey, phoneNumber]) => ({ numberKey, phoneNumber }));
    if (!(await recordNumbers(store, numbers, known, losingCarrier, now))) {
      throw new Problem('changed-meanwhile', 'A number was registered at the same time; send the port again.');
    }
    await recordPortingConsent(store, id, numbers, {
      evidence: body.consent.evidence,
      at: pastMoment('consent.capturedAt', body.consent.capturedAt, now),
    });
    const port = newPort(id, body, { country, losingCarrier, keys }, now);
    try {
      await store.ports.insert(port);
      return port;
    } catch (error) {
      const first = isDuplicateKey(error) ? await store.ports.find(id) : null;
      if (!first) throw error;
      return first;
    }
  }

  function newPort(
    id: string,
    body: PortRequestBody,
    found: { readonly country: string; readonly losingCarrier: string | undefined; readonly keys: readonly string[] },
    now: Date,
  ): PortDocument {
    const requestedBy = currentCaller()?.keyId;
    const { subscriber, authorizationCodes, remainingNumbers, newBillingNumber } = body;
    const request: PortRequest = { subscriber, authorizationCodes, remainingNumbers, newBillingNumber };
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
}

/**
 * What can be told of a request without looking at its numbers.
 * @throws Problem
 */
export function checkTerms(body: PortRequestBody, carriers: ReadonlyMap<string, Carrier>, now: Date): void {
  const gaining = carriers.get(body.gainingCarrier);
  if (!gaining || (body.losingCarrier !== undefined && !carriers.has(body.losingCarrier))) {
    throw unknownCarrier(carriers);
  }
  if (body.messagingPlan === 'messaging-only') checkTextsAlone(body, gaining);
  else if (!gaining.porting) {
    throw new Problem('carrier-cannot-port', 'Choose a gaining carrier whose adapter takes port orders.');
  }
  if (body.requestedFocAt !== undefined && new Date(body.requestedFocAt) <= now) {
    throw new Problem('invalid-request', 'Ask for a later date, or leave it out and take the earliest.', {
      errors: [{ path: 'requestedFocAt', message: 'Lies in the past.' }],
    });
  }
  pastMoment('consent.capturedAt', body.consent.capturedAt, now);
}

/** Texts alone have no date to agree, and nothing to activate. */
function checkTextsAlone({ requestedFocAt, activation }: PortRequestBody, gaining: Carrier): void {
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

/** What a port's process is started with. */
function asInput(
  port: PortDocument,
  { marginMs, proofDeadlineMs }: Pick<PortAcceptanceDependencies, 'marginMs' | 'proofDeadlineMs'>,
): PortInput {
  return {
    portId: port._id,
    gainingCarrier: port.gainingCarrier,
    ...(port.losingCarrier !== undefined && { losingCarrier: port.losingCarrier }),
    messagingPlan: port.messagingPlan,
    activation: port.activation,
    numberKeys: port.numbers.map((each) => each.numberKey),
    marginMs,
    proofDeadlineMs,
  };
}

/** A port that lies stored and unstarted for so long was cut off from its process; longer than a start may take. */
const unstartedAfterMs = 15_000;
const startedAtOnce = 100;

/** Starts what was put on record and then cut off: the engine was away, or this process died. Starting twice is harmless (invariant 4). */
export async function startForgottenPorts(
  dependencies: Pick<PortAcceptanceDependencies, 'portProcess' | 'marginMs' | 'proofDeadlineMs'> & {
    readonly store: { readonly ports: Pick<Store['ports'], 'findUnstarted'> };
  },
  now = new Date(),
): Promise<void> {
  const before = new Date(now.getTime() - unstartedAfterMs);
  for (const port of await dependencies.store.ports.findUnstarted(before, startedAtOnce)) {
    await dependencies.portProcess.start(asInput(port, dependencies));
  }
}
