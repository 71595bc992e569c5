import type { NumberType } from '../world/business-number.ts';
import type { CarrierId } from '../world/networks.ts';

export type OrderStatus =
  | 'draft'
  | 'in-process'
  | 'submitted'
  | 'exception'
  | 'foc-date-confirmed'
  | 'cancel-pending'
  | 'ported'
  | 'cancelled';

export type ActivationStatus =
  | 'New'
  | 'Pending'
  | 'Conflict'
  | 'Cancel Pending'
  | 'Failed'
  | 'Concurred'
  | 'Activate RDY'
  | 'Sending'
  | 'Active'
  | 'Cancelled';

export type MessagingPortStatus =
  | 'not_applicable'
  | 'pending'
  | 'activating'
  | 'exception'
  | 'canceled'
  | 'partial_port_complete'
  | 'ported';

export interface EndUser {
  admin?: {
    entity_name?: string | null;
    auth_person_name?: string | null;
    billing_phone_number?: string | null;
    account_number?: string | null;
    pin_passcode?: string | null;
    tax_identifier?: string | null;
    business_identifier?: string | null;
  };
  location?: {
    street_address?: string | null;
    extended_address?: string | null;
    locality?: string | null;
    administrative_area?: string | null;
    postal_code?: string | null;
    country_code?: string | null;
  };
}

export interface OrderedNumber {
  readonly phoneNumber: string;
  activationStatus: ActivationStatus;
  /** Milliseconds since 1970: when its texts follow. */
  smsMovesAt?: number;
  smsMoved: boolean;
}

export interface ActivationJob {
  readonly id: string;
  readonly createdAt: string;
  readonly opensAt: string;
  readonly closesAt: string;
  status: 'created' | 'in-process' | 'completed' | 'failed';
  updatedAt: string;
}

export interface Comment {
  readonly id: string;
  readonly body: string;
  readonly createdAt: string;
  readonly userType: 'admin' | 'user' | 'system';
}

/** What happens to an order by itself, and when (milliseconds since 1970). */
export interface NextStep {
  readonly does: 'submit' | 'review' | 'reach-foc' | 'activate' | 'finish' | 'cancel';
  readonly at: number;
}

/** A porting order as the carrier keeps it. */
export interface Order {
  readonly id: string;
  readonly createdAt: string;
  updatedAt: string;
  customerReference: string | null;
  customerGroupReference: string | null;
  readonly supportKey: string;
  readonly losing: CarrierId | 'foreign';
  readonly country: string;
  readonly type: NumberType;
  readonly fastPort: boolean;
  readonly messagingCapable: boolean;
  status: OrderStatus;
  details: { code: string; description: string }[];
  readonly numbers: OrderedNumber[];
  endUser: EndUser;
  misc: {
    type?: 'full' | 'partial';
    remaining_numbers_action?: string | null;
    new_billing_phone_number?: string | null;
  } | null;
  phoneNumberConfiguration: Record<string, unknown>;
  enableMessaging: boolean;
  messagingStatus: MessagingPortStatus;
  focRequested: string | null;
  focActual: string | null;
  webhookUrl: string | null;
  /** How many times it has gone to the losing carrier. */
  submissions: number;
  job?: ActivationJob;
  comments: Comment[];
  /** Ids of documents. */
  documents: { loa: string | null; invoice: string | null };
  additionalDocuments: {
    readonly id: string;
    readonly documentId: string;
    readonly type: 'loa' | 'invoice' | 'csr' | 'other';
    readonly createdAt: string;
  }[];
  next?: NextStep;
}
