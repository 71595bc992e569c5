import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Carrier } from '../carriers/carrier.ts';
import { parsePhoneNumber } from '../domain/phone-number.ts';
import { numbersPerOrder } from '../domain/port-plan.ts';
import type { NumberDocument } from '../store/numbers.ts';
import { numbersPerPart, type PlanNumber, type PortPlanDocument } from '../store/port-plans.ts';
import type { Store } from '../store/store.ts';
import type { PlanInput } from '../workflows/contract.ts';
import { keyReused, requestFingerprint } from './idempotency.ts';
import { pastMoment } from './past-moment.ts';
import type { PlanProcess } from './plan-process.ts';
import { checkTerms } from './port-preparation.ts';
import { Problem } from './problem.ts';
import type { PortRequestBody } from './schemas/ports.ts';
import { storedTerms } from './stored-terms.ts';

export interface PlanAcceptanceDependencies {
  readonly store: Pick<Store, 'ports' | 'portPlans' | 'numbers' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly planProcess: Pick<PlanProcess, 'start'>;
  readonly marginMs: number;
  readonly proofDeadlineMs: number;
}

/**
 * Takes a request of many numbers: puts it on record as it is and starts its process, which looks at every number. Every step is safe
 * to repeat under the same id.
 */
export function createPlanAcceptance(dependencies: PlanAcceptanceDependencies) {
  const { store, carriers, planProcess } = dependencies;
  const { vault } = store;

  async function record(id: string, body: PortRequestBody): Promise<PortPlanDocument> {
    const now = new Date();
    checkTerms(body, carriers, now);
    if (body.losingCarrier === body.gainingCarrier) {
      throw new Problem('gaining-is-losing', 'Name the carrier to which the numbers shall go as `gainingCarrier`.');
    }
    const { consent } = body;
    const plan: PortPlanDocument = {
      _id: id,
      requestHash: requestFingerprint(vault, body),
      createdAt: now,
      updatedAt: now,
      counter: 0,
      status: 'checking',
      since: now.toISOString(),
      numbers: body.phoneNumbers.length,
      ...storedTerms(body, vault),
      consent: vault.seal(JSON.stringify(consent.evidence)),
      consentedAt: pastMoment('consent.capturedAt', consent.capturedAt, now),
    };
    await store.portPlans.insert(plan, await sealed(body.phoneNumbers));
    return plan;
  }

  /** Other requests have their turn between portions: twenty thousand numbers take a moment to seal. */
  async function sealed(phoneNumbers: readonly string[]): Promise<PlanNumber[]> {
    const numbers: PlanNumber[] = [];
    for (const phoneNumber of phoneNumbers) {
      numbers.push({ numberKey: vault.numberKey(phoneNumber), number: vault.seal(phoneNumber) });
      if (numbers.length % numbersPerPart === 0) await nextTurn();
    }
    return numbers;
  }

  return {
    /** Whether these numbers may make several orders: they are too many, of several kinds, or nobody says that one carrier has them all. */
    async isWanted({ phoneNumbers, losingCarrier }: PortRequestBody): Promise<boolean> {
      if (phoneNumbers.length > numbersPerOrder) return true;
      const kinds = new Set(
        phoneNumbers.map((phoneNumber) => {
          const parsed = parsePhoneNumber(phoneNumber);
          return parsed.ok ? `${parsed.country} ${parsed.type}` : '';
        }),
      );
      if (kinds.size > 1) return true;
      if (losingCarrier !== undefined || phoneNumbers.length === 1) return false;
      const keys = phoneNumbers.map((phoneNumber) => vault.numberKey(phoneNumber));
      const known = await store.numbers.findMany(keys);
      const carriersOfRecord = new Set(keys.map((key) => carrierOfRecord(known.get(key))));
      // What no record says, the portability database has to be asked.
      return carriersOfRecord.size > 1 || carriersOfRecord.has(undefined);
    },

    /**
     * @param id of the plan; derived from the Idempotency-Key when there is one
     * @returns the plan, once its process has started (invariant 3)
     * @throws Problem
     */
    async accept(id: string, body: PortRequestBody): Promise<PortPlanDocument> {
      const plan = (await store.portPlans.find(id)) ?? (await record(id, body));
      if (plan.requestHash !== requestFingerprint(vault, body)) throw keyReused();
      await planProcess.start(asInput(plan, dependencies));
      return plan;
    },
  };
}

function carrierOfRecord(record: NumberDocument | undefined): string | undefined {
  return record?.own && record.routing.state === 'settled' ? record.routing.carrier : undefined;
}

function asInput(
  { _id, gainingCarrier }: PortPlanDocument,
  { marginMs, proofDeadlineMs }: Pick<PlanAcceptanceDependencies, 'marginMs' | 'proofDeadlineMs'>,
): PlanInput {
  return { planId: _id, gainingCarrier, marginMs, proofDeadlineMs };
}

/** A plan that lies stored and unstarted for so long was cut off from its process; longer than a start may take. */
const unstartedAfterMs = 15_000;
const startedAtOnce = 20;

/** Starts plans that were put on record and then cut off. Starting twice is harmless (invariant 4). */
export async function startForgottenPlans(
  dependencies: Pick<PlanAcceptanceDependencies, 'planProcess' | 'marginMs' | 'proofDeadlineMs'> & {
    readonly store: { readonly portPlans: Pick<Store['portPlans'], 'findUnstarted'> };
  },
  now = new Date(),
): Promise<void> {
  const before = new Date(now.getTime() - unstartedAfterMs);
  for (const plan of await dependencies.store.portPlans.findUnstarted(before, startedAtOnce)) {
    await dependencies.planProcess.start(asInput(plan, dependencies));
  }
}
