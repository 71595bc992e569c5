import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NumberFacts, type PortFacts, predictRejections } from '../../domain/port-check.ts';
import { requirementRows } from '../../domain/port-requirements.ts';

const basics = [
  'subscriber.name',
  'subscriber.authorizedBy',
  'subscriber.serviceAddress.street',
  'subscriber.serviceAddress.city',
  'subscriber.serviceAddress.region',
  'subscriber.serviceAddress.postalCode',
  'subscriber.serviceAddress.country',
];
const us: NumberFacts = {
  valid: true,
  country: 'US',
  type: 'fixed-or-mobile',
  spid: '1111',
  check: { portable: true },
};
const clean: PortFacts = {
  numbers: [us, us],
  gaining: { id: 'beta', spids: ['2222'] },
  losing: { id: 'alpha', spids: ['1111', '1112'] },
  messagingPlan: 'move',
  portType: 'full',
  given: [...basics, 'subscriber.accountNumber', 'subscriber.pin'],
  portsBillingNumber: false,
  now: new Date('2026-06-01T12:00:00Z'),
};
const codes = (over: Partial<PortFacts>) => predictRejections({ ...clean, ...over }).map((problem) => problem.code);
const numbers = (...over: Partial<NumberFacts>[]) => ({ numbers: over.map((each) => ({ ...us, ...each })) });

describe('predictRejections', () => {
  it('finds nothing in a clean port', () => {
    expect(predictRejections(clean)).toEqual([]);
  });

  it.each<[string, Partial<PortFacts>, string[]]>([
    ['an invalid number', numbers({ valid: false, country: '', type: 'other' }), ['phone-number-invalid']],
    ['a premium number', numbers({ type: 'other' }), ['number-type-not-portable']],
    ['a number of no country', numbers({ country: '001', type: 'toll-free' }), ['number-type-not-portable']],
    ['a number in another port', numbers({ otherPortOpen: true }), ['port-already-open']],
    ['a number that the carrier cannot port', numbers({ check: { portable: false } }), ['number-not-portable']],
    [
      'texts that the carrier cannot carry',
      numbers({ check: { portable: true, messagingCapable: false } }),
      ['messaging-not-supported'],
    ],
    [
      'the same, when the texts stay',
      { ...numbers({ check: { portable: true, messagingCapable: false } }), messagingPlan: 'stay' },
      [],
    ],
    ['a number that is there already', numbers({ spid: '2222' }), ['already-at-gaining-carrier']],
    ['a SPID that both carriers ride', { ...numbers({ spid: '1111' }), gaining: { id: 'beta', spids: ['1111'] } }, []],
    ['two countries', numbers({}, { country: 'CA' }), ['mixed-countries']],
    ['toll-free among others', numbers({}, { type: 'toll-free' }), ['mixed-types']],
    ['mobile where the plan cannot tell', numbers({}, { type: 'mobile' }), []],
    ['mobile and fixed', numbers({ type: 'mobile' }, { type: 'fixed' }), ['mixed-types']],
    ['two SPIDs of the losing carrier', numbers({}, { spid: '1112' }), []],
    ['numbers that the database does not know', numbers({ spid: undefined }, { spid: undefined }), []],
    ['two losing carriers', { ...numbers({}, { spid: '3333' }), losing: undefined }, ['mixed-losing-carriers']],
    ['another losing carrier than named', numbers({ spid: '3333' }), ['losing-carrier-mismatch']],
    ['the gaining carrier as the losing one', { losing: { id: 'beta', spids: ['2222'] } }, ['gaining-is-losing']],
    ['no account number', { given: [...basics, 'subscriber.pin'] }, ['field-missing']],
    ['no PIN where it may be needed', { given: [...basics, 'subscriber.accountNumber'] }, ['field-missing']],
    ['a toll-free number without PIN or account', { ...numbers({ type: 'toll-free' }), given: basics }, []],
    [
      'a British mobile without PAC',
      { ...numbers({ country: 'GB', type: 'mobile' }), given: [...basics, 'subscriber.accountNumber'] },
      ['field-missing'],
    ],
    [
      'a French number without RIO',
      { ...numbers({ country: 'FR', type: 'mobile' }), given: basics },
      ['field-missing'],
    ],
    [
      'an Indian mobile without UPC',
      { ...numbers({ country: 'IN', type: 'mobile' }), given: basics },
      ['field-missing'],
    ],
    [
      'a partial British port that forgets the rest',
      { ...numbers({ country: 'GB', type: 'fixed' }), portType: 'partial' },
      ['field-missing'],
    ],
    [
      'the billing number, partially',
      { portType: 'partial', portsBillingNumber: true },
      ['new-billing-number-missing'],
    ],
    [
      'the same with a new billing number',
      { portType: 'partial', portsBillingNumber: true, given: [...clean.given, 'newBillingNumber'] },
      [],
    ],
    ['the billing number, fully', { portsBillingNumber: true }, []],
    ['a date in the past', { requestedFocAt: new Date('2026-06-01T11:59:59Z') }, ['requested-date-past']],
    ['a date to come', { requestedFocAt: new Date('2026-06-02T12:00:00Z') }, []],
    [
      'hosted texts, wherever voice is',
      { ...numbers({ spid: '2222', check: { portable: true } }), messagingPlan: 'messaging-only', given: [] },
      [],
    ],
    [
      'texts that cannot be hosted: said once, as the carrier’s check of texts says it',
      {
        ...numbers({ check: { portable: false, messagingCapable: false } }),
        messagingPlan: 'messaging-only',
        given: [],
      },
      ['messaging-not-supported'],
    ],
  ])('%s', (_, over, expected) => {
    expect(codes(over)).toEqual(expected);
  });

  it('names the numbers by position and the field to mend', () => {
    expect(predictRejections({ ...clean, ...numbers({}, { otherPortOpen: true }, { otherPortOpen: true }) })).toEqual([
      expect.objectContaining({ code: 'port-already-open', field: 'phoneNumbers', positions: [1, 2], certain: true }),
    ]);
  });

  it('puts what is certain first and says what is only likely', () => {
    const problems = predictRejections({ ...clean, ...numbers({ spid: '3333', otherPortOpen: true }), given: basics });
    expect(problems.map((problem) => problem.certain)).toEqual([true, true, false, false]);
  });

  it('asks for a PIN with certainty once the number is known to be wireless', () => {
    const given = [...basics, 'subscriber.accountNumber'];
    expect(predictRejections({ ...clean, given })).toMatchObject([{ field: 'subscriber.pin', certain: false }]);
    expect(predictRejections({ ...clean, given, ...numbers({ type: 'mobile' }) })).toMatchObject([
      { field: 'subscriber.pin', certain: true },
    ]);
  });

  it('always gives code, field, message and fix, and positions that exist', () => {
    const anyNumber: fc.Arbitrary<NumberFacts> = fc.record({
      valid: fc.boolean(),
      country: fc.constantFrom('US', 'CA', 'GB', 'FR', 'IN', '001'),
      type: fc.constantFrom('mobile', 'fixed', 'fixed-or-mobile', 'toll-free', 'voip', 'other'),
      spid: fc.constantFrom(undefined, '1111', '2222', '3333'),
      otherPortOpen: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(anyNumber, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('move', 'stay', 'messaging-only'),
        fc.constantFrom('full', 'partial'),
        fc.subarray(requirementRows.flatMap((row) => row.field ?? [])),
        fc.boolean(),
        (list, messagingPlan, portType, given, portsBillingNumber) => {
          for (const problem of predictRejections({
            ...clean,
            numbers: list,
            messagingPlan,
            portType,
            given,
            portsBillingNumber,
          })) {
            for (const text of [problem.code, problem.field, problem.message, problem.fix]) expect(text).not.toBe('');
            for (const position of problem.positions ?? []) expect(list[position]).toBeDefined();
            expect(problem.positions).not.toEqual([]);
          }
        },
      ),
    );
  });
});
