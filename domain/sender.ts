import senderRules from './facts/sender-rules.json' with { type: 'json' };
import { type PhoneNumberProblem, type PhoneNumberType, parsePhoneNumber } from './phone-number.ts';

/** Who a text is from. Its kind decides TON and NPI in SMPP, where it may be sent, and whether STOP can reach it. */
export type Sender =
  | { readonly kind: 'e164'; readonly value: string; readonly country: string; readonly type: PhoneNumberType }
  | { readonly kind: 'short-code'; readonly value: string }
  | { readonly kind: 'alphanumeric'; readonly value: string };

export type ParsedSender =
  | { readonly ok: true; readonly sender: Sender }
  | { readonly ok: false; readonly code: PhoneNumberProblem | 'sender-invalid'; readonly message: string };

export type SenderAllowance =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: 'sender-not-allowed-in-country'; readonly message: string };

/** Short codes have 3 to 8 digits, by country (5 or 6 in the US and Canada). */
const shortCode = /^[1-9]\d{2,7}$/;

/**
 * 3GPP TS 23.040 §9.1.2.5 gives 11 characters. Letters, digits and spaces pass everywhere; the punctuation below is what
 * brand names need and most carriers take.
 */
const alphanumeric = /^[A-Za-z0-9][A-Za-z0-9 &+._-]{0,10}$/;
const holdsLetter = /[A-Za-z]/;

/** Reads a sender: a number in E.164, a short code, or a name of at most 11 characters with at least one letter. */
export function parseSender(input: string): ParsedSender {
  if (input.startsWith('+')) {
    const number = parsePhoneNumber(input);
    if (!number.ok) return number;
    return { ok: true, sender: { kind: 'e164', value: number.e164, country: number.country, type: number.type } };
  }
  if (shortCode.test(input)) return { ok: true, sender: { kind: 'short-code', value: input } };
  if (alphanumeric.test(input) && holdsLetter.test(input) && !input.endsWith(' ')) {
    return { ok: true, sender: { kind: 'alphanumeric', value: input } };
  }
  return {
    ok: false,
    code: 'sender-invalid',
    message:
      'A sender is a number in E.164 (with its plus), a short code of 3 to 8 digits, or a name of at most 11 letters, digits, spaces and &+._- with at least one letter.',
  };
}

const withoutNames = new Set(senderRules.alphanumericForbidden.map((row) => row.country));

/**
 * Whether networks of a country take texts from this kind of sender.
 * @param country ISO 3166 alpha-2, of the recipient
 */
export function senderAllowedTo(sender: Sender, country: string): SenderAllowance {
  if (sender.kind !== 'alphanumeric' || !withoutNames.has(country)) return { allowed: true };
  return {
    allowed: false,
    code: 'sender-not-allowed-in-country',
    message: `Networks in ${country} take no texts from a name: send from a number or a short code.`,
  };
}
