import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js';
import type { SmppConfig } from './config.ts';

export interface Address {
  readonly ton: number;
  readonly npi: number;
  readonly digits: string;
}

const international = 1;
const national = 2;
const alphanumeric = 5;
/** Digits of a short code at most, worldwide; anything longer is a subscriber's number. */
const shortCodeDigits = 8;

/** How an address of ours is written in a PDU, by its kind (SMPP 3.4 §5.2.5, §5.2.6; the numbers are the carrier's choice). */
export function toAddress(address: string, config: SmppConfig): Address {
  if (/^\+\d+$/.test(address)) return { ...config.international, digits: address.slice(1) };
  if (/^\d{1,8}$/.test(address)) return { ...config.shortCode, digits: address };
  return { ...config.alphanumeric, digits: address };
}

/**
 * Reads an address out of a PDU. Carriers differ in what they write under an unknown type of number: with and without
 * the country, with and without a plus.
 * @param country ISO 3166 alpha-2; where a national number is at home
 * @returns E.164 with `+`, or the address as it is when it isn't a subscriber's number
 */
export function fromAddress(digits: string, ton: number, country: string): string {
  if (ton === alphanumeric || !/^\+?\d+$/.test(digits)) return digits;
  if (digits.startsWith('+')) return digits;
  if (ton === international) return `+${digits}`;
  if (digits.length <= shortCodeDigits && ton !== national) return digits;
  const here = parsePhoneNumberFromString(digits, country as CountryCode);
  if (ton === national) return here?.isPossible() ? here.number : digits;
  const anywhere = parsePhoneNumberFromString(`+${digits}`);
  if (anywhere?.isValid()) return anywhere.number;
  return here?.isPossible() ? here.number : digits;
}
