import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { domainOf } from '../../../npdb/enum/enum-database.ts';
import { type NaptrRecord, readPortability } from '../../../npdb/enum/naptr.ts';

const number = '+12025550199';
const naptr = (regexp: string, more: Partial<NaptrRecord> = {}): NaptrRecord => ({
  flags: 'u',
  service: 'E2U+pstn:tel',
  regexp,
  replacement: '',
  order: 10,
  preference: 10,
  ...more,
});

describe('readPortability', () => {
  it.each([
    [
      'a ported number',
      '!^.*$!tel:+1-202-555-0199;npdi;rn=+1-202-555-0100;spn=1234!',
      { ported: true, lrn: '+12025550100', spid: '1234' },
    ],
    ['a number that was never ported', '!^.*$!tel:+12025550199;npdi;spn=1234!', { ported: false, spid: '1234' }],
    [
      'a routing number in its context',
      '!^.*$!tel:+12025550199;npdi;rn=2025550100;rn-context=+1!',
      { ported: true, lrn: '+12025550100' },
    ],
    [
      'a routing number without context',
      '!^.*$!tel:+12025550199;npdi;rn=202-555-0100!',
      { ported: true, lrn: '+12025550100' },
    ],
    ['groups of the expression', '!^\\+1(.*)$!tel:+1\\1;npdi;rn=+1202\\1!', { ported: true, lrn: '+12022025550199' }],
    [
      'another delimiter and case',
      '#^.*$#TEL:+12025550199;NPDI;RN=+12025550100#i',
      { ported: true, lrn: '+12025550100' },
    ],
  ])('reads %s', (_, regexp, portability) => {
    expect(readPortability([naptr(regexp)], number)).toEqual(portability);
  });

  it('takes the first usable record in the order of the database (RFC 3403 §4.1)', () => {
    const uri = (spn: string) => `!^.*$!tel:${number};npdi;spn=${spn}!`;
    const records = [
      naptr(uri('third'), { order: 20, preference: 1 }),
      naptr(uri('second'), { preference: 20 }),
      naptr(uri('sip'), { service: 'E2U+sip', order: 1 }),
      naptr(uri('not terminal'), { flags: '', order: 2 }),
      naptr('!^.*$!sip:info@example.net!', { order: 3 }),
      naptr('!^\\+44!tel:+44!', { order: 4 }),
      naptr('!(!tel:+1!', { order: 5 }),
      naptr('', { order: 6 }),
      naptr(uri('first')),
    ];
    expect(readPortability(records, number)?.spid).toBe('first');
    expect(readPortability(records.slice(2, -1), number)).toBeUndefined();
  });

  it.each(['E2U+pstn:tel', 'e2u+PSTN:TEL', 'E2U+pstn:tel+sip', 'E2U+sip+pstn:tel'])(
    'knows the service %s',
    (service) => {
      expect(readPortability([naptr('!^.*$!tel:+1;npdi!', { service })], number)).toEqual({ ported: false });
    },
  );

  it('survives any expression', () => {
    fc.assert(fc.property(fc.string(), (regexp) => void readPortability([naptr(regexp)], number)));
  });
});

describe('domainOf', () => {
  it('writes the digits backwards (RFC 6116 §3.2)', () => {
    expect(domainOf('+12025550199', 'e164.arpa')).toBe('9.9.1.0.5.5.5.2.0.2.1.e164.arpa');
  });
});
