import type { ActivationJob, Comment, Order } from './order.ts';

/** An order itself shows so many of its numbers; `/porting_phone_numbers` lists all. */
const INCLUDED_NUMBERS = 50;

/** A porting order as the API answers it (`PortingOrder` of the SDK). */
export function orderView(order: Order, withNumbers: boolean): Record<string, unknown> {
  const draft = order.status === 'draft';
  return {
    id: order.id,
    record_type: 'porting_order',
    status: statusView(order),
    customer_reference: order.customerReference,
    customer_group_reference: order.customerGroupReference,
    support_key: draft ? null : order.supportKey,
    parent_support_key: null,
    description: '',
    created_at: order.createdAt,
    updated_at: order.updatedAt,
    old_service_provider_ocn: order.losing,
    phone_number_type: order.type,
    porting_phone_numbers_count: order.numbers.length,
    phone_numbers: withNumbers
      ? order.numbers.slice(0, INCLUDED_NUMBERS).map((number) => numberView(order, number))
      : [],
    activation_settings: {
      fast_port_eligible: order.fastPort,
      foc_datetime_requested: order.focRequested,
      foc_datetime_actual: order.focActual,
      activation_status: northAmerican(order) ? (order.numbers[0]?.activationStatus ?? null) : null,
    },
    end_user: order.endUser,
    misc: order.misc,
    messaging: messagingView(order),
    phone_number_configuration: order.phoneNumberConfiguration,
    documents: order.documents,
    requirements: [],
    requirements_met: true,
    additional_steps: [],
    user_feedback: { user_comment: null, user_rating: null },
    user_id: '00000000-0000-4000-8000-000000000001',
    webhook_url: order.webhookUrl,
  };
}

export function statusView(order: Order): Record<string, unknown> {
  return { value: order.status, details: order.details };
}

export function messagingView(order: Order): Record<string, unknown> {
  return {
    enable_messaging: order.enableMessaging,
    messaging_capable: order.messagingCapable,
    messaging_port_status: order.messagingStatus,
    messaging_port_completed: order.messagingStatus === 'ported',
  };
}

/** `PortingPhoneNumber` of the SDK. */
export function numberView(order: Order, number: Order['numbers'][number]): Record<string, unknown> {
  return {
    record_type: 'porting_phone_number',
    phone_number: number.phoneNumber,
    phone_number_type: order.type,
    porting_order_id: order.id,
    porting_order_status: order.status,
    support_key: order.status === 'draft' ? null : order.supportKey,
    // The NPAC's states: there are none outside the US and Canada.
    activation_status: northAmerican(order) ? number.activationStatus : null,
    portability_status: northAmerican(order) ? 'confirmed' : 'provisional',
    requirements_status: 'approved',
  };
}

/** `PortingOrdersActivationJob` of the SDK. */
export function jobView(job: ActivationJob): Record<string, unknown> {
  return {
    record_type: 'porting_activation_job',
    id: job.id,
    status: job.status,
    activation_type: 'on-demand',
    activate_at: job.closesAt,
    activation_windows: [{ start_at: job.opensAt, end_at: job.closesAt }],
    created_at: job.createdAt,
    updated_at: job.updatedAt,
  };
}

/** `PortingOrdersComment` of the SDK. */
export function commentView(order: Order, comment: Comment): Record<string, unknown> {
  return {
    record_type: 'porting_comment',
    id: comment.id,
    body: comment.body,
    porting_order_id: order.id,
    user_type: comment.userType,
    created_at: comment.createdAt,
  };
}

/** Toll-free numbers have none either: there a RespOrg changes. */
function northAmerican({ country, type }: Order): boolean {
  return (country === 'US' || country === 'CA') && type !== 'toll_free';
}
