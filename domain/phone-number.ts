import { type NumberType, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { remembered } from './remembered.ts';

/**
 * What a number is for. `fixed-or-mobile` where the numbering plan doesn't tell (all of North America);
 * `other` are premium, shared-cost, pager and the like, which neither port nor take texts in the ordinary way.
 */
export type PhoneNumberType = 'mobile' | 'fixed' | 'fixed-or-mobile' | 'toll-free' | 'voip' | 'other';

export type PhoneNumberProblem = 'phone-number-malformed' | 'phone-number-invalid';

export type ParsedPhoneNumber =
  | {
      readonly ok: true;
      readonly e164: string;
      /** ISO 3166 alpha-2; `001` (UN M.49, the world) for numbers of no country, like +800. */
      readonly country: string;
      readonly type: PhoneNumberType;
    }
  | { readonly ok: false; readonly code: PhoneNumberProblem; readonly message: string };

const typeNames: Partial<Record<NonNullable<NumberType>, PhoneNumberType>> = {
  MOBILE: 'mobile',
  FIXED_LINE: 'fixed',
  FIXED_LINE_OR_MOBILE: 'fixed-or-mobile',
  TOLL_FREE: 'toll-free',
  VOIP: 'voip',
};

/** ITU-T E.164: a plus, at most 15 digits, no leading zero. */
const e164Form = /^\+[1-9]\d{6,14}$/;

const malformed = (message: string) => ({ ok: false, code: 'phone-number-malformed', message }) as const;

/** Numbers whose reading is remembered: a text's sender and recipient are read several times on its way, at some 30 µs each. */
const mostRemembered = 10_000;

/**
 * Reads a number in E.164 and in no other form, so that one number has one spelling (its identity is a hash of it).
 * Uses libphonenumber's full metadata: the smaller sets know neither the types of fixed lines nor toll-free numbers,
 * which are what is ported. The message repeats nothing of the input, so that it may be logged.
 */
export const parsePhoneNumber: (input: string) => ParsedPhoneNumber = remembered(mostRemembered, parse, ({ ok }) => ok);

function parse(input: string): ParsedPhoneNumber {
  if (!e164Form.test(input)) {
    return malformed(
      'Not a number in E.164: write a plus, the country code and the number, digits only, 7 to 15 of them.',
    );
  }
  const parsed = parsePhoneNumberFromString(input);
  if (parsed !== undefined && parsed.number !== input) {
    return malformed('The number holds a national prefix: leave out the zero after the country code.');
  }
  // With the full metadata a number is valid that has a type; to ask for both would be to look twice.
  const type = parsed?.getType();
  if (!parsed || type === undefined) {
    return {
      ok: false,
      code: 'phone-number-invalid',
      message: 'No numbering plan has such a number: check its country code and its digits.',
    };
  }
  return {
    ok: true,
    e164: input,
    country: parsed.country ?? '001',
    type: typeNames[type] ?? 'other',
  };
}
