import type Telnyx from 'telnyx';
import type { PortOrderRequest } from '../carrier.ts';

/** What an order is updated with after it was created as a draft, and again by a SUPP. */
export function toOrderUpdate(request: PortOrderRequest): Telnyx.PortingOrderUpdateParams {
  const { subscriber, messagingPlan, portType, requestedFocAt } = request;
  const { serviceAddress: address } = subscriber;
  return {
    misc: { type: portType },
    messaging: { enable_messaging: messagingPlan === 'move' },
    ...(requestedFocAt && { activation_settings: { foc_datetime_requested: requestedFocAt } }),
    end_user: {
      admin: {
        entity_name: subscriber.entityName ?? subscriber.name,
        auth_person_name: subscriber.authorizedBy,
        account_number: subscriber.accountNumber,
        ...(subscriber.pin !== undefined && { pin_passcode: subscriber.pin }),
        ...(subscriber.billingNumber !== undefined && { billing_phone_number: subscriber.billingNumber }),
        ...(subscriber.taxId !== undefined && { tax_identifier: subscriber.taxId }),
      },
      location: {
        street_address: address.street,
        ...(address.extended !== undefined && { extended_address: address.extended }),
        locality: address.city,
        ...(address.region !== undefined && { administrative_area: address.region }),
        postal_code: address.postalCode,
        country_code: address.country,
      },
    },
  };
}
