import type { LookUps } from '../activities/look-ups.ts';
import type { Carrier, PortabilityCheck } from '../carriers/carrier.ts';
import { CarrierRefused, CarrierUnavailable } from '../carriers/errors.ts';
import { type ParsedPhoneNumber, type PhoneNumberType, parsePhoneNumber } from '../domain/phone-number.ts';
import { type PredictedRejection, predictRejections } from '../domain/port-check.ts';
import { type PortabilityRecord, PortabilityUnavailable } from '../npdb/portability-database.ts';
import type { Store } from '../store/store.ts';
import type { PortabilityResult } from './schemas/portability-checks.ts';

export interface PortabilityDependencies {
  readonly store: Pick<Store, 'numberClaims' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly lookUps: Pick<LookUps, 'lookUp'>;
}

/** What is asked of others about one number; absent where nobody answered in time. */
interface Found {
  readonly parsed: ParsedPhoneNumber;
  readonly record?: PortabilityRecord;
  readonly check?: PortabilityCheck;
  readonly otherPortOpen: boolean;
  readonly unanswered: PortabilityResult['unanswered'];
}

const neededField = 'field-missing';

/**
 * What a port of each of these numbers to a carrier would run into, asked of the numbering plan, the portability database, the
 * carrier and our own open ports. Nothing is ordered.
 * @param gaining undefined when no carrier ports
 */
export async function checkPortability(
  phoneNumbers: readonly string[],
  gaining: Carrier | undefined,
  dependencies: PortabilityDependencies,
): Promise<PortabilityResult[]> {
  const { store, carriers, lookUps } = dependencies;
  const parsed = phoneNumbers.map(parsePhoneNumber);
  const valid = parsed.flatMap((each) => (each.ok ? [each.e164] : []));
  const [records, checks, open] = await Promise.all([
    Promise.all(parsed.map((each) => (each.ok ? orSilence(lookUps.lookUp(each.e164)) : undefined))),
    valid.length === 0 || !gaining?.porting ? [] : orSilence(gaining.porting.checkPortability(valid)),
    store.numberClaims.openPorts(valid.map((phoneNumber) => store.vault.numberKey(phoneNumber))),
  ]);
  return parsed.map((each, index) => {
    const record = records[index];
    const found: Found = {
      parsed: each,
      record: record === silence ? undefined : record,
      check: checks === silence ? undefined : checks.find(({ phoneNumber }) => each.ok && phoneNumber === each.e164),
      otherPortOpen: each.ok && open.has(store.vault.numberKey(each.e164)),
      unanswered: [
        ...(checks === silence && each.ok ? (['carrier'] as const) : []),
        ...(record === silence ? (['database'] as const) : []),
      ],
    };
    return resultOf(phoneNumbers[index] ?? '', found, gaining, carriers);
  });
}

function resultOf(
  phoneNumber: string,
  { parsed, record, check, otherPortOpen, unanswered }: Found,
  gaining: Carrier | undefined,
  carriers: ReadonlyMap<string, Carrier>,
): PortabilityResult {
  if (!parsed.ok) {
    const { code, message } = parsed;
    const fix = 'Check its country code and its digits.';
    return {
      phoneNumber,
      valid: false,
      portable: false,
      neededFields: [],
      rejections: [{ code, message, fix, field: 'phoneNumbers', certain: true }],
      unanswered: [],
    };
  }
  const spid = record?.spid;
  const losing = [...carriers.values()].find(({ settings }) => spid !== undefined && settings.spids.includes(spid));
  const type: PhoneNumberType = record?.type ?? parsed.type;
  const predicted = predictRejections({
    numbers: [{ valid: true, country: parsed.country, type, spid, check, otherPortOpen }],
    gaining: gaining?.settings ?? { id: '', spids: [] },
    losing: losing?.settings,
    messagingPlan: 'move',
    portType: 'full',
    given: [],
    portsBillingNumber: false,
    now: new Date(),
  });
  const rejections = predicted.filter(({ code }) => code !== neededField);
  return {
    phoneNumber,
    valid: true,
    country: parsed.country,
    type,
    portable: rejections.some(({ certain }) => certain) ? false : (check?.portable ?? null),
    messagingCapable: check?.messagingCapable,
    losingCarrier: record && { id: losing?.settings.id, spid, name: record.carrierName },
    ported: record?.ported,
    lrn: record?.lrn,
    lookUp: record && { source: record.source, at: new Date(record.at).toISOString() },
    neededFields: predicted
      .filter(({ code }) => code === neededField)
      .map(({ field, certain, fix }) => ({ field, certain, fix })),
    rejections: rejections.map(asAnswered),
    unanswered,
  };
}

function asAnswered({
  code,
  message,
  fix,
  field,
  certain,
}: PredictedRejection): PortabilityResult['rejections'][number] {
  return { code, message, fix, field, certain };
}

/** Stands for an answer that did not come. */
const silence = Symbol('no answer');

async function orSilence<T>(asked: Promise<T>): Promise<T | typeof silence> {
  try {
    return await asked;
  } catch (error) {
    const expected = [PortabilityUnavailable, CarrierUnavailable, CarrierRefused].some((kind) => error instanceof kind);
    if (expected) return silence;
    throw error;
  }
}
