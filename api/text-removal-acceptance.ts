import { recordNumbers, recordPortingConsent } from '../activities/port-recording.ts';
import type { Carrier } from '../carriers/carrier.ts';
import { isDuplicateKey } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import type { TextRemovalDocument } from '../store/text-removals.ts';
import type { TextRemovalInput } from '../workflows/contract.ts';
import { keyReused, requestFingerprint } from './idempotency.ts';
import { pastMoment } from './past-moment.ts';
import { Problem } from './problem.ts';
import type { TextRemovalBody } from './schemas/messaging-orders.ts';
import type { TextRemovalProcess } from './text-removal-process.ts';
import { unknownCarrier } from './unknown-carrier.ts';

export interface TextRemovalAcceptanceDependencies {
  readonly store: Pick<Store, 'textRemovals' | 'numbers' | 'numberClaims' | 'consents' | 'subjectKeys' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly textRemovalProcess: Pick<TextRemovalProcess, 'start'>;
  /** Without proof for this long a person is asked, in milliseconds. */
  readonly proofDeadlineMs: number;
}

/**
 * Takes a removal of hosted texts: checks what can be told at once, puts it on record with the consent, and starts its process. Every
 * step is safe to repeat under the same id.
 */
export function createTextRemovalAcceptance(dependencies: TextRemovalAcceptanceDependencies) {
  const { store, carriers, textRemovalProcess } = dependencies;
  const { vault } = store;

  /** @returns the removal, once its process has started (invariant 3). @throws Problem */
  return async function accept(id: string, body: TextRemovalBody): Promise<TextRemovalDocument> {
    const removal = (await store.textRemovals.find(id)) ?? (await record(id, body));
    if (removal.requestHash !== requestFingerprint(vault, body)) throw keyReused();
    await textRemovalProcess.start(asInput(removal, dependencies.proofDeadlineMs));
    return removal;
  };

  async function record(id: string, body: TextRemovalBody): Promise<TextRemovalDocument> {
    const now = new Date();
    const { carrier, nextCarrier, consent } = body;
    const hosting = carriers.get(carrier);
    if (!hosting || (nextCarrier !== null && !carriers.has(nextCarrier))) throw unknownCarrier(carriers);
    if (!hosting.hosting) throw new Problem('carrier-hosts-no-texts', 'Name the carrier that hosts the texts now.');
    if (carrier === nextCarrier) {
      throw new Problem('gaining-is-losing', 'Name another carrier as `nextCarrier`, or null for none.');
    }
    const capturedAt = pastMoment('consent.capturedAt', consent.capturedAt, now);
    const byKey = new Map(body.phoneNumbers.map((phoneNumber) => [vault.numberKey(phoneNumber), phoneNumber]));
    const keys = [...byKey.keys()];
    const [open, known] = await Promise.all([store.numberClaims.openPorts(keys), store.numbers.findMany(keys)]);
    const concerned = (concerns: (key: string) => boolean, message: string) => ({
      errors: keys.flatMap((key, index) => (concerns(key) ? [{ path: `phoneNumbers.${index}`, message }] : [])),
    });
    if (open.size > 0) {
      throw new Problem(
        'number-has-open-port',
        'Wait until that port has ended, or cancel it.',
        concerned((key) => open.has(key), 'Has another open port.'),
      );
    }
    const isElsewhere = (key: string) => {
      const { own, routing } = known.get(key) ?? {};
      return own === true && !(routing?.state === 'settled' && routing.carrier === carrier);
    };
    if (keys.some(isElsewhere)) {
      throw new Problem(
        'texts-elsewhere',
        'Read the numbers (GET /v1/numbers/{number}) and name the carrier that their texts go by.',
        concerned(isElsewhere, 'Its texts go by another carrier.'),
      );
    }
    const numbers = [...byKey].map(([numberKey, phoneNumber]) => ({ numberKey, phoneNumber }));
    if (!(await recordNumbers(store, numbers, known, carrier, now))) {
      throw new Problem('changed-meanwhile', 'A number was registered at the same time; send the order again.');
    }
    await recordPortingConsent(store, id, numbers, { evidence: consent.evidence, at: capturedAt });
    const removal: TextRemovalDocument = {
      _id: id,
      requestHash: requestFingerprint(vault, body),
      createdAt: now,
      updatedAt: now,
      counter: 0,
      status: 'checking',
      since: now.toISOString(),
      numbers: numbers.map(({ numberKey, phoneNumber }) => ({ numberKey, number: vault.seal(phoneNumber) })),
      carrier,
      ...(nextCarrier !== null && { nextCarrier }),
      ...(body.metadata && { metadata: vault.seal(JSON.stringify(body.metadata)) }),
      problems: [],
    };
    try {
      await store.textRemovals.insert(removal);
      return removal;
    } catch (error) {
      const first = isDuplicateKey(error) ? await store.textRemovals.find(id) : null;
      if (!first) throw error;
      return first;
    }
  }
}

function asInput(removal: TextRemovalDocument, proofDeadlineMs: number): TextRemovalInput {
  const { _id: removalId, carrier, nextCarrier, numbers } = removal;
  return {
    removalId,
    carrier,
    ...(nextCarrier !== undefined && { nextCarrier }),
    numberKeys: numbers.map((each) => each.numberKey),
    proofDeadlineMs,
  };
}

/** A removal that lies stored and unstarted for so long was cut off from its process. */
const unstartedAfterMs = 15_000;
const startedAtOnce = 100;

/** Starts what was put on record and then cut off. Starting twice is harmless (invariant 4). */
export async function startForgottenRemovals(
  dependencies: Pick<TextRemovalAcceptanceDependencies, 'textRemovalProcess' | 'proofDeadlineMs'> & {
    readonly store: { readonly textRemovals: Pick<Store['textRemovals'], 'findUnstarted'> };
  },
  now = new Date(),
): Promise<void> {
  const before = new Date(now.getTime() - unstartedAfterMs);
  for (const removal of await dependencies.store.textRemovals.findUnstarted(before, startedAtOnce)) {
    await dependencies.textRemovalProcess.start(asInput(removal, dependencies.proofDeadlineMs));
  }
}
