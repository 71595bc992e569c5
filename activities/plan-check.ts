import type { Carrier, PortabilityCheck } from '../carriers/carrier.ts';
import { parsePhoneNumber } from '../domain/phone-number.ts';
import { assessNumber, type PlanTerms } from '../domain/port-plan.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { PlanNumber, PortPlanDocument } from '../store/port-plans.ts';
import type { Store } from '../store/store.ts';
import type { BulkLookUps } from './bulk-look-ups.ts';
import { typeOf } from './number-facts.ts';

/** What a plan's numbers are checked with. */
export interface PlanCheckDependencies {
  readonly store: Pick<Store, 'numbers' | 'numberClaims' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly lookUps: BulkLookUps;
}

/**
 * Looks some numbers of a plan up: numbering plan, portability database, their records, our open ports, the gaining carrier.
 * @returns each with the kind of order that it belongs to, or why it goes into none
 */
export async function checkNumbers(
  plan: PortPlanDocument,
  numbers: readonly PlanNumber[],
  { store, carriers, lookUps }: PlanCheckDependencies,
): Promise<PlanNumber[]> {
  const keys = numbers.map(({ numberKey }) => numberKey);
  const parsed = numbers.map(({ number }) => parsePhoneNumber(store.vault.open(number)));
  const valid = parsed.flatMap((each) => (each.ok ? [each.e164] : []));
  const records = await lookUps.lookUpAll(valid);
  const gaining = carriers.get(plan.gainingCarrier);
  const orders = plan.messagingPlan === 'messaging-only' ? gaining?.hosting : gaining?.porting;
  const [known, open, checks] = await Promise.all([
    store.numbers.findMany(keys),
    store.numberClaims.openPorts(keys),
    valid.length === 0 ? [] : (orders?.checkPortability(valid) ?? []),
  ]);
  const checkOf = new Map<string, PortabilityCheck>(checks.map((check) => [check.phoneNumber, check]));
  const terms = termsOf(plan, carriers);
  return numbers.map(({ numberKey, number }, index) => {
    const each = parsed[index];
    if (!each?.ok) {
      const { code = 'phone-number-invalid', message = '' } = each ?? {};
      return { numberKey, number, problem: { code, message } };
    }
    const record = records.get(each.e164);
    const check = checkOf.get(each.e164);
    const registeredWith = carrierOf(known.get(numberKey));
    const assessment = assessNumber(
      {
        country: each.country,
        type: typeOf(each.type, record),
        ...(record?.spid !== undefined && { spid: record.spid }),
        ...(registeredWith !== undefined && { registeredWith }),
        ...(check && { check }),
        otherPortOpen: open.has(numberKey),
      },
      terms,
    );
    return { numberKey, number, ...assessment };
  });
}

function termsOf(plan: PortPlanDocument, carriers: ReadonlyMap<string, Carrier>): PlanTerms {
  const parties = [...carriers.values()].map(({ settings: { id, spids } }) => ({ id, spids }));
  return {
    gaining: parties.find(({ id }) => id === plan.gainingCarrier) ?? { id: plan.gainingCarrier, spids: [] },
    ...(plan.losingCarrier !== undefined && { losingCarrier: plan.losingCarrier }),
    carriers: parties,
    messagingPlan: plan.messagingPlan,
    now: new Date(),
  };
}

/** The carrier of ours that a number's record says it is with; the record of a foreign number says nothing. */
function carrierOf(record: NumberDocument | undefined): string | undefined {
  return record?.own && record.routing.state === 'settled' ? record.routing.carrier : undefined;
}
