import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePhoneNumber } from '../../domain/phone-number.ts';

describe('parsePhoneNumber', () => {
  it.each([
    ['+12025550100', 'US', 'fixed-or-mobile'],
    ['+14165550100', 'CA', 'fixed-or-mobile'],
    ['+18005550199', 'US', 'toll-free'],
    ['+442079460000', 'GB', 'fixed'],
    ['+4915112345678', 'DE', 'mobile'],
    ['+61491570006', 'AU', 'mobile'],
    ['+390612345678', 'IT', 'fixed'],
    ['+80012345678', '001', 'toll-free'],
  ])('%s is %s, %s', (e164, country, type) => {
    expect(parsePhoneNumber(e164)).toEqual({ ok: true, e164, country, type });
  });

  it.each([
    ['', 'phone-number-malformed'],
    ['2025550100', 'phone-number-malformed'],
    ['+1 202 555 0100', 'phone-number-malformed'],
    ['+1-202-555-0100', 'phone-number-malformed'],
    ['0012025550100', 'phone-number-malformed'],
    ['+12025550100x5', 'phone-number-malformed'],
    ['+01202555010', 'phone-number-malformed'],
    ['+1234567890123456', 'phone-number-malformed'],
    ['+12345', 'phone-number-malformed'],
    ['tel:+12025550100', 'phone-number-malformed'],
    ['+12025550100\n', 'phone-number-malformed'],
    ['+4402079460000', 'phone-number-malformed'],
    ['+1202555010', 'phone-number-invalid'],
    ['+15555550100', 'phone-number-invalid'],
    ['+9990000000', 'phone-number-invalid'],
  ])('refuses %j as %s', (input, code) => {
    const result = parsePhoneNumber(input);
    expect(result).toMatchObject({ ok: false, code });
  });

  it('keeps the spelling of what it takes, and repeats no digit of what it refuses (invariant 9)', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^\+[1-9]\d{6,14}$/), fc.stringMatching(/^\+1[2-9]\d{9}$/)),
        (input) => {
          const result = parsePhoneNumber(input);
          if (result.ok) expect(result.e164).toBe(input);
          // Of letters, and of two digits, the wording itself may have some.
          else for (const digits of input.match(/\d{3,}/g) ?? []) expect(result.message).not.toContain(digits);
        },
      ),
    );
  });
});
