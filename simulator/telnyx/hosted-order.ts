/** `MessagingHostedNumberOrder.status` of the SDK. */
export type HostedOrderStatus =
  | 'carrier_rejected'
  | 'compliance_review_failed'
  | 'deleted'
  | 'failed'
  | 'incomplete_documentation'
  | 'incorrect_billing_information'
  | 'ineligible_carrier'
  | 'loa_file_invalid'
  | 'loa_file_successful'
  | 'pending'
  | 'provisioning'
  | 'successful';

/** `HostedNumber.status` of the SDK. */
export type HostedNumberStatus =
  | 'deleted'
  | 'failed'
  | 'failed_activation'
  | 'failed_carrier_rejected'
  | 'failed_ineligible_carrier'
  | 'failed_number_already_hosted'
  | 'failed_number_not_found'
  | 'failed_ownership_verification'
  | 'failed_timeout'
  | 'pending'
  | 'provisioning'
  | 'successful';

export interface HostedNumber {
  readonly id: string;
  readonly phoneNumber: string;
  readonly createdAt: string;
  status: HostedNumberStatus;
  /** Its owner has given the code back. */
  verified: boolean;
  code?: string;
  /** Milliseconds since 1970: when its texts come here, or go back. */
  changesAt?: number;
}

/** What happens to an order by itself, and when (milliseconds since 1970). */
export interface HostedStep {
  readonly does: 'review' | 'provision';
  readonly at: number;
}

/** An order for texts alone as the carrier keeps it. */
export interface HostedOrder {
  readonly id: string;
  readonly messagingProfileId: string | null;
  status: HostedOrderStatus;
  readonly numbers: HostedNumber[];
  /** What was handed in; `unreadable` is no PDF. */
  papers: { loa?: 'readable' | 'unreadable'; bill?: 'readable' | 'unreadable' };
  /** How many times its papers have been reviewed. */
  reviews: number;
  next?: HostedStep;
}

/** States in which the carrier takes papers, and other ones. */
export const takesPapers: readonly HostedOrderStatus[] = [
  'pending',
  'incomplete_documentation',
  'incorrect_billing_information',
  'loa_file_invalid',
  'compliance_review_failed',
  'carrier_rejected',
];

/** What a provisioned number's `rejections` can order for the review of its order. */
export const reviewOutcomes: readonly HostedOrderStatus[] = [
  'carrier_rejected',
  'compliance_review_failed',
  'failed',
  'incorrect_billing_information',
  'ineligible_carrier',
  'loa_file_invalid',
];

/** As the API answers it. */
export function hostedOrderView(order: HostedOrder): Record<string, unknown> {
  return {
    id: order.id,
    record_type: 'messaging_hosted_number_order',
    messaging_profile_id: order.messagingProfileId,
    status: order.status,
    phone_numbers: order.numbers.map(({ id, phoneNumber, status }) => ({
      id,
      record_type: 'messaging_hosted_number',
      phone_number: phoneNumber,
      status,
    })),
  };
}

/** `PhoneNumberWithMessagingSettings` of the SDK. */
export function hostedNumberView(order: HostedOrder, number: HostedNumber): Record<string, unknown> {
  return {
    id: number.id,
    record_type: 'messaging_settings',
    phone_number: number.phoneNumber,
    country_code: 'US',
    messaging_profile_id: order.messagingProfileId,
    messaging_product: 'A2P',
    type: 'longcode',
    created_at: number.createdAt,
    updated_at: number.createdAt,
  };
}
