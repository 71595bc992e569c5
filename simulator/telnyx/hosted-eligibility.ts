import type { World } from '../world/world.ts';

/** `eligible_status` of the API, as its guide writes it. */
export type EligibleStatus =
  | 'eligible'
  | 'number_can_not_be_validated'
  | 'number_can_not_be_wireless'
  | 'number_can_not_be_in_telnyx'
  | 'number_can_not_be_active_in_your_account'
  | 'number_is_not_a_us_number'
  | 'number_is_not_a_valid_routing_number'
  | 'number_is_not_in_e164_format';

const E164 = /^\+[1-9]\d{6,14}$/;

/** Whether the carrier can host the texts of a number that is elsewhere. */
export function eligibility(world: World, phoneNumber: string): EligibleStatus {
  if (!E164.test(phoneNumber)) return 'number_is_not_in_e164_format';
  const number = world.numbers.get(phoneNumber);
  if (!number) return 'number_can_not_be_validated';
  if (number.country !== 'US') return 'number_is_not_a_us_number';
  if (number.type === 'mobile') return 'number_can_not_be_wireless';
  if (world.numbers.voiceCarrier(phoneNumber) === 'telnyx') return 'number_can_not_be_in_telnyx';
  if (world.numbers.smsRoute(phoneNumber)?.carrier === 'telnyx') return 'number_can_not_be_active_in_your_account';
  return number.messagingCapable ? 'eligible' : 'number_is_not_a_valid_routing_number';
}
