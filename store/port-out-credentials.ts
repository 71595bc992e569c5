import { timingSafeEqual } from 'node:crypto';
import {
  comparable,
  type PortOutAccount,
  type PortOutAccountField,
  portOutAccountFields,
} from '../domain/port-out-account.ts';
import type { Comparison } from '../domain/port-out-check.ts';
import type { Vault } from './vault.ts';

/**
 * Account number, PIN and postal code as they stand in a number's record: each as an HMAC under the configured secret and bound to its
 * number, so that nobody can read them, or see that two numbers share a PIN.
 */
export type RegisteredAccount = Readonly<Partial<Record<PortOutAccountField, string>>> & { readonly setAt: Date };

export function registeredAccount(
  vault: Vault,
  numberKey: string,
  account: PortOutAccount,
  setAt: Date,
): RegisteredAccount {
  const entries = portOutAccountFields.flatMap((field) => {
    const value = account[field];
    return value === undefined ? [] : [[field, fingerprint(vault, numberKey, field, value)] as const];
  });
  return { ...Object.fromEntries(entries), setAt };
}

/**
 * Compares a value of a request with the registered one, in a time that says nothing about either.
 * @param tells whether the carrier tells this value at all
 */
export function compareAccount(
  vault: Vault,
  numberKey: string,
  field: PortOutAccountField,
  registered: RegisteredAccount | undefined,
  given: PortOutAccount,
  tells: boolean,
): Comparison {
  const expected = registered?.[field];
  const value = given[field];
  if (expected === undefined) return 'unregistered';
  if (value === undefined) return tells ? 'missing' : 'untold';
  const same = timingSafeEqual(Buffer.from(fingerprint(vault, numberKey, field, value)), Buffer.from(expected));
  return same ? 'match' : 'mismatch';
}

function fingerprint(vault: Vault, numberKey: string, field: PortOutAccountField, value: string): string {
  return vault.fingerprint('port-out-account', numberKey, field, comparable(field, value));
}
