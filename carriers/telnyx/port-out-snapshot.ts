import type Telnyx from 'telnyx';
import type { PortOutReason } from '../../domain/port-out-check.ts';
import type { PortOutRejection, PortOutSnapshot } from '../carrier.ts';
import facts from './port-out-states.json' with { type: 'json' };

type Details = Telnyx.PortoutDetails;

const states: Readonly<Record<string, string | undefined>> = facts.states;
const codes: Readonly<Record<string, string | undefined>> = facts.codes;

/**
 * A port-out in our terms.
 * @param pin the one that was tried: it stands in the events about the port-out only
 */
export function portOutSnapshotOf(details: Details, pin: string | undefined): PortOutSnapshot {
  const carrierState = details.status ?? '';
  const requestedAt = utc(details.inserted_at) ?? utc(details.created_at) ?? new Date().toISOString();
  const focAt = utc(details.foc_date);
  const requestedFocAt = utc(details.requested_foc_date);
  return {
    carrierPortOutId: details.id ?? '',
    carrierState,
    // Whatever the status says: what has moved, has moved.
    state: details.already_ported ? 'ported' : ((states[carrierState] ?? 'unknown') as PortOutSnapshot['state']),
    phoneNumbers: details.phone_numbers ?? [],
    given: { ...(pin && { pin }), ...(details.zip && { postalCode: details.zip }) },
    ...(details.end_user_name && { subscriberName: details.end_user_name }),
    gaining: {
      ...(details.carrier_name && { name: details.carrier_name }),
      ...(details.spid && { spid: details.spid }),
    },
    ...(details.pon && { orderNumber: details.pon }),
    ...(details.support_key && { supportKey: details.support_key }),
    requestedAt,
    ...(requestedFocAt && { requestedFocAt }),
    ...(focAt && { focAt }),
    updatedAt: utc(details.updated_at) ?? requestedAt,
    textsStay: details.host_messaging ?? false,
  };
}

/** A code that the table lacks is read by its description; one that says nothing to us stays for a person. */
export function portOutRejectionOf({
  code,
  description = '',
  reason_required,
}: Telnyx.PortoutListRejectionCodesResponse.Data): PortOutRejection {
  const words = description.toLowerCase();
  const read = facts.words.find((row) => row.words.some((each) => words.includes(each)))?.reason;
  const reason = (codes[String(code)] ?? read) as PortOutReason | undefined;
  return { code: String(code ?? ''), description, reasonRequired: reason_required ?? false, ...(reason && { reason }) };
}

function utc(date: string | null | undefined): string | undefined {
  const parsed = date ? new Date(date) : undefined;
  return parsed && !Number.isNaN(parsed.getTime()) ? parsed.toISOString() : undefined;
}
