import type { LookUps } from '../activities/look-ups.ts';
import { numberFacts } from '../activities/number-facts.ts';
import type { Carrier, PortabilityCheck } from '../carriers/carrier.ts';
import { CarrierRefused, CarrierUnavailable } from '../carriers/errors.ts';
import type { OrderClient } from '../carriers/text-hosting.ts';
import { type ParsedPhoneNumber, parsePhoneNumber } from '../domain/phone-number.ts';
import { mixturePredictions } from '../domain/port-check/mixture.ts';
import { type NumberFacts, type PortFacts, predictRejections } from '../domain/port-check.ts';
import { portKindOf } from '../domain/port-kind.ts';
import { orderClocks } from '../domain/porting-clocks.ts';
import { timersOf } from '../domain/porting-timers.ts';
import { type PortabilityRecord, PortabilityUnavailable } from '../npdb/portability-database.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import type { PortabilityAnswer, PortabilityQuestion, PortabilityResult } from './schemas/portability-checks.ts';
import { malformedResult, portabilityView, rejectionView, timersView } from './views/portability-view.ts';

export interface PortabilityDependencies {
  readonly store: Pick<Store, 'numberClaims' | 'numbers' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly lookUps: Pick<LookUps, 'lookUp'>;
}

/** What is asked of others about one number; absent where nobody answered in time. */
export interface Found {
  readonly record?: PortabilityRecord;
  readonly check?: PortabilityCheck;
  readonly document?: NumberDocument;
  readonly facts: NumberFacts;
  readonly unanswered: PortabilityResult['unanswered'];
}

/**
 * What a port of each of these numbers to a carrier would run into, asked of the numbering plan, the portability database, the
 * carrier and our own records. Nothing is ordered.
 * @param gaining undefined when no carrier ports
 */
export async function checkPortability(
  question: PortabilityQuestion,
  gaining: Carrier | undefined,
  dependencies: PortabilityDependencies,
): Promise<Omit<PortabilityAnswer, 'gainingCarrier'>> {
  const { phoneNumbers } = question;
  const parsed = phoneNumbers.map(parsePhoneNumber);
  const orders = question.messagingPlan === 'messaging-only' ? gaining?.hosting : gaining?.porting;
  const found = await findOut(parsed, orders, dependencies);
  const now = new Date();
  const data = phoneNumbers.map((phoneNumber, index) => {
    const number = parsed[index];
    const about = found[index];
    if (!number?.ok || !about) return malformedResult(phoneNumber, number);
    const kind = kindOf(about, question, gaining);
    const port = portOf(about, kind, question, gaining, dependencies.carriers, now);
    return portabilityView(phoneNumber, about, port, predictRejections(port), timersOf(kind));
  });
  const numbers = found.flatMap((each) => each?.facts ?? []);
  // A carrier may have several SPIDs: those of the first number's are one.
  const losing = carrierOf(numbers.find(({ spid }) => spid !== undefined)?.spid, dependencies.carriers)?.settings;
  const asOneOrder = mixturePredictions({ numbers, losing, messagingPlan: question.messagingPlan });
  const timers = timersView(data.flatMap((each) => each.timers));
  return { data, asOneOrder: asOneOrder.map(rejectionView), timers };
}

async function findOut(
  parsed: readonly ParsedPhoneNumber[],
  orders: OrderClient | undefined,
  { store, carriers, lookUps }: PortabilityDependencies,
): Promise<(Found | undefined)[]> {
  const valid = parsed.flatMap((each) => (each.ok ? [each.e164] : []));
  const keys = valid.map((phoneNumber) => store.vault.numberKey(phoneNumber));
  const [records, checks, open, known] = await Promise.all([
    Promise.all(parsed.map((each) => (each.ok ? orSilence(lookUps.lookUp(each.e164)) : undefined))),
    valid.length === 0 || !orders ? [] : orSilence(orders.checkPortability(valid)),
    store.numberClaims.openPorts(keys),
    store.numbers.findMany(keys),
  ]);
  return parsed.map((each, index) => {
    if (!each.ok) return undefined;
    const key = store.vault.numberKey(each.e164);
    const answered = records[index];
    const record = answered === silence ? undefined : answered;
    const check = checks === silence ? undefined : checks.find(({ phoneNumber }) => phoneNumber === each.e164);
    const document = known.get(key);
    return {
      record,
      check,
      document,
      facts: numberFacts(each, { record, check, document, otherPortOpen: open.has(key) }, carriers),
      unanswered: [
        ...(checks === silence ? (['carrier'] as const) : []),
        ...(answered === silence ? (['database'] as const) : []),
      ],
    };
  });
}

/** By what its clocks are told: numbers that are asked about together are ported together, so their port is no simple one. */
function kindOf({ facts }: Found, { phoneNumbers, portType }: PortabilityQuestion, gaining: Carrier | undefined) {
  const kind = portKindOf([facts], portType);
  return { ...kind, simple: kind.simple && phoneNumbers.length === 1, adapter: gaining?.settings.adapter ?? '' };
}

/** A port of this number alone, of whose subscriber nothing is known yet. */
function portOf(
  { facts }: Found,
  kind: ReturnType<typeof kindOf>,
  question: PortabilityQuestion,
  gaining: Carrier | undefined,
  carriers: ReadonlyMap<string, Carrier>,
  now: Date,
): PortFacts {
  const { messagingPlan, portType, activation, region, requestedFocAt } = question;
  return {
    numbers: [facts],
    gaining: gaining?.settings ?? { id: '', spids: [] },
    losing: carrierOf(facts.spid, carriers)?.settings,
    messagingPlan,
    portType,
    activation,
    given: [],
    portsBillingNumber: false,
    ...(requestedFocAt !== undefined && { requestedFocAt: new Date(requestedFocAt) }),
    clocks: orderClocks({ ...kind, region, overrides: gaining?.settings.clocks, activation, now }),
    now,
  };
}

function carrierOf(spid: string | undefined, carriers: ReadonlyMap<string, Carrier>): Carrier | undefined {
  return [...carriers.values()].find(({ settings }) => spid !== undefined && settings.spids.includes(spid));
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
