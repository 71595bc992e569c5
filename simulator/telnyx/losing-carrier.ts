import type { World } from '../world/world.ts';
import type { Order } from './order.ts';

export interface Objection {
  readonly code: string;
  readonly description: string;
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  ACCOUNT_NUMBER_MISMATCH: 'The account number does not match the records of the current service provider.',
  PASSCODE_PIN_INVALID: 'The PIN or passcode is missing or invalid.',
  POSTAL_CODE_MISMATCH: 'The postal code does not match the service address on record.',
  ENTITY_NAME_MISMATCH: 'The entity name does not match the records of the current service provider.',
  PHONE_NUMBER_MISMATCH: 'A phone number does not belong to the account.',
  PHONE_NUMBER_NOT_PORTABLE: 'A phone number cannot be ported.',
};

/** What the losing carrier wants to see and has not been given. @param given the kinds that the order has */
export function missingDocuments(world: World, order: Order, given: ReadonlySet<string>): string[] {
  const wanted = order.numbers.flatMap(({ phoneNumber }) => world.numbers.get(phoneNumber)?.requiresDocuments ?? []);
  return [...new Set(wanted)].filter((type) => !given.has(type));
}

/** What the losing carrier finds wrong with an order: by what it really knows of its subscriber. */
export function objections(world: World, order: Order, missing: readonly string[]): Objection[] {
  const codes = new Set<string>();
  // None of the codes is about documents: which ones, a comment says.
  if (missing.length > 0) codes.add('OTHER');
  const { admin = {}, location = {} } = order.endUser;
  for (const { phoneNumber } of order.numbers) {
    const number = world.numbers.get(phoneNumber);
    if (!number || world.numbers.voiceCarrier(phoneNumber) !== order.losing) {
      codes.add('PHONE_NUMBER_MISMATCH');
      continue;
    }
    const { account, rejections } = number;
    if (!number.portable) codes.add('PHONE_NUMBER_NOT_PORTABLE');
    if (!same(admin.account_number, account.accountNumber)) codes.add('ACCOUNT_NUMBER_MISMATCH');
    if (account.pin !== '' && !same(admin.pin_passcode, account.pin)) codes.add('PASSCODE_PIN_INVALID');
    if (!same(location.postal_code, account.postalCode)) codes.add('POSTAL_CODE_MISMATCH');
    if (!same(admin.entity_name, account.entityName)) codes.add('ENTITY_NAME_MISMATCH');
    const ordered = rejections[order.submissions - 1];
    if (ordered) codes.add(ordered);
  }
  return [...codes].map((code) => ({
    code,
    description: DESCRIPTIONS[code] ?? 'The current service provider has rejected the request.',
  }));
}

/** Carriers compare letters and digits, not how they are set. */
function same(given: string | null | undefined, onRecord: string): boolean {
  const plain = (value: string) =>
    value
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]/gu, '');
  return plain(given ?? '') === plain(onRecord);
}
