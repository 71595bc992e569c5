export type PortOutStatus = 'pending' | 'authorized' | 'rejected-pending' | 'rejected' | 'canceled' | 'ported';

export interface Rejection {
  readonly code: number;
  readonly description: string;
  readonly reason_required: boolean;
}

/** What somebody did to a port-out, for tests to read. */
export interface Trace {
  readonly at: string;
  readonly what:
    | 'requested'
    | 'authorized'
    | 'approved-by-silence'
    | 'rejected'
    | 'rejection-accepted'
    | 'rejection-not-accepted'
    | 'commented'
    | 'canceled'
    | 'dated'
    | 'ported';
  /** Of a rejection. */
  readonly code?: number;
  readonly reason?: string;
}

/** What happens next by itself. */
export interface NextPortOutStep {
  readonly does: 'approve' | 'review' | 'port';
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A request of a foreign carrier to take numbers away from the REST carrier. */
export interface PortOut {
  readonly id: string;
  readonly phoneNumbers: readonly string[];
  /** What the request proves itself by; the API shows no account number. */
  readonly given: { readonly accountNumber?: string; readonly pin?: string; readonly postalCode?: string };
  readonly name: string;
  readonly carrierName: string;
  readonly spid: string;
  readonly pon: string;
  readonly supportKey: string;
  readonly insertedAt: string;
  updatedAt: string;
  focAt: string;
  /** Whether the porting desk finds the reasons of rejections valid. */
  readonly acceptsRejections: boolean;
  readonly reviewMs: number;
  readonly answerBy: string;
  readonly rejections: readonly Rejection[];
  readonly comments: { readonly id: string; readonly body: string; readonly createdAt: string }[];
  readonly trace: Trace[];
  status: PortOutStatus;
  rejection?: { readonly code?: number; readonly reason: string };
  next?: NextPortOutStep;
}

/** `WebhookPortoutStatusChanged` and its like, of the SDK. */
export interface PortOutHappening {
  readonly id: string;
  readonly event_type: 'portout.status_changed' | 'portout.foc_date_changed' | 'portout.new_comment';
  readonly payload: unknown;
  readonly payload_status: 'created' | 'completed';
  readonly portout_id: string;
  readonly record_type: 'portout_event';
  readonly available_notification_methods: readonly ['webhook'];
  readonly created_at: string;
  readonly updated_at: string;
}

/** `PortoutDetails` of the SDK. */
export function portOutView(portOut: PortOut): Record<string, unknown> {
  return {
    record_type: 'portout',
    id: portOut.id,
    phone_numbers: portOut.phoneNumbers,
    status: portOut.status,
    already_ported: portOut.status === 'ported',
    authorized_name: portOut.name,
    end_user_name: portOut.name,
    carrier_name: portOut.carrierName,
    current_carrier: 'telnyx',
    spid: portOut.spid,
    pon: portOut.pon,
    support_key: portOut.supportKey,
    city: null,
    state: null,
    service_address: null,
    zip: portOut.given.postalCode ?? null,
    lsr: [],
    reason: portOut.rejection?.reason ?? null,
    rejection_code: portOut.rejection?.code ?? null,
    // Agreed on when it is approved; wished for until then.
    foc_date: portOut.status === 'authorized' || portOut.status === 'ported' ? portOut.focAt : null,
    requested_foc_date: portOut.focAt,
    host_messaging: false,
    user_id: '00000000-0000-4000-8000-000000000001',
    vendor: null,
    created_at: portOut.insertedAt,
    inserted_at: portOut.insertedAt,
    updated_at: portOut.updatedAt,
  };
}

/** The payload of `portout.status_changed`: the only place that tells the PIN that was tried. */
export function statusPayload(portOut: PortOut): Record<string, unknown> {
  return {
    id: portOut.id,
    attempted_pin: portOut.given.pin ?? null,
    carrier_name: portOut.carrierName,
    phone_numbers: portOut.phoneNumbers,
    rejection_reason: portOut.rejection?.reason ?? null,
    spid: portOut.spid,
    status: portOut.status,
    subscriber_name: portOut.name,
    user_id: '00000000-0000-4000-8000-000000000001',
  };
}
