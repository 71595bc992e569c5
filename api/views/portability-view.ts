import { textsCarrier } from '../../activities/number-facts.ts';
import type { ParsedPhoneNumber } from '../../domain/phone-number.ts';
import type { PortFacts, PredictedRejection } from '../../domain/port-check.ts';
import { type PortRequirement, requirementsOf } from '../../domain/port-requirements.ts';
import { type PortingTimer, portingTimers } from '../../domain/porting-timers.ts';
import type { Found } from '../portability.ts';
import type { PortabilityAnswer, PortabilityResult } from '../schemas/portability-checks.ts';

/** What a port lacks is told as what it needs. */
const lacking = ['field-missing', 'new-billing-number-missing'];

/** A number that is none. */
export function malformedResult(phoneNumber: string, parsed: ParsedPhoneNumber | undefined): PortabilityResult {
  const { code, message } =
    parsed?.ok === false ? parsed : { code: 'phone-number-malformed', message: 'This is no number in E.164.' };
  const fix = 'Check its country code and its digits.';
  return {
    phoneNumber,
    valid: false,
    portable: false,
    neededFields: [],
    neededDocuments: [],
    rejections: [{ code, message, fix, field: 'phoneNumbers', certain: true }],
    timers: [],
    unanswered: [],
  };
}

/** All that was found out about one number, for whoever thinks of porting it. */
export function portabilityView(
  phoneNumber: string,
  { record, check, document, facts, unanswered }: Found,
  port: PortFacts,
  predicted: readonly PredictedRejection[],
  timers: readonly PortingTimer[],
): PortabilityResult {
  const rejections = predicted.filter(({ code }) => !lacking.includes(code));
  const smsProvider = textsCarrier(document);
  const needed = requirementsOf(port, [], []);
  return {
    phoneNumber,
    valid: true,
    country: facts.country,
    type: facts.type,
    portable: rejections.some(({ certain }) => certain) ? false : (check?.portable ?? null),
    messagingCapable: check?.messagingCapable,
    losingCarrier: record && { id: port.losing?.id, spid: record.spid, name: record.carrierName },
    ported: record?.ported,
    lrn: record?.lrn,
    smsProvider: smsProvider === undefined ? undefined : { id: smsProvider, source: 'own-record' },
    carrierReason: check?.portable === false ? check.reason : undefined,
    onDemand: check?.onDemand,
    earliestFocAt: port.clocks?.earliestFocAt,
    latestFocAt: port.clocks?.latestFocAt,
    lookUp: record && { source: record.source, at: new Date(record.at).toISOString() },
    neededFields: needed.flatMap((each) => (each.kind === 'field' ? [{ field: each.name, ...asNeeded(each) }] : [])),
    neededDocuments: needed.flatMap((each) =>
      each.kind === 'document' ? [{ document: each.name, ...asNeeded(each) }] : [],
    ),
    rejections: rejections.map(rejectionView),
    timers: timers.map(({ id }) => id),
    unanswered,
  };
}

/** The times that were named, each once. */
export function timersView(ids: readonly string[]): PortabilityAnswer['timers'] {
  return portingTimers
    .filter(({ id }) => ids.includes(id))
    .map(({ id, meaning, amount, unit, source, verifiedAt, confidence }) => {
      return { id, meaning, amount, unit, source, verifiedAt, confidence };
    });
}

export function rejectionView({
  code,
  message,
  fix,
  field,
  certain,
}: PredictedRejection): PortabilityResult['rejections'][number] {
  return { code, message, fix, field, certain };
}

function asNeeded({ need, fix }: PortRequirement) {
  return { certain: need === 'always', need, fix };
}
