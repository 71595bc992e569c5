import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import codes from '../../../domain/facts/authorization-codes.json' with { type: 'json' };
import doubts from '../../../domain/facts/port-request-doubts.json' with { type: 'json' };
import postal from '../../../domain/facts/postal-codes.json' with { type: 'json' };
import { type NumberFacts, type PortFacts, predictRejections } from '../../../domain/port-check.ts';
import { givenFields, type PortRequest } from '../../../domain/port-request.ts';

const request: PortRequest = {
  subscriber: {
    name: 'Ada Example',
    accountNumber: 'A-77123',
    pin: '4711',
    serviceAddress: { street: '1 Main St', city: 'Springfield', region: 'IL', postalCode: '62701', country: 'US' },
    authorizedBy: 'Ada Example',
  },
};
const us: NumberFacts = { valid: true, country: 'US', type: 'mobile', spid: '1111', check: { portable: true } };
const clean: PortFacts = {
  numbers: [us],
  gaining: { id: 'telnyx', adapter: 'telnyx', spids: ['2222'] },
  losing: { id: 'alpha', spids: ['1111'] },
  messagingPlan: 'move',
  portType: 'full',
  activation: 'automatic',
  given: givenFields(request),
  request,
  portsBillingNumber: false,
  clocks: { earliestFocAt: '2026-06-05T05:00:00.000Z', latestFocAt: '2026-07-01T15:00:00.000Z' },
  now: new Date('2026-06-01T15:00:00Z'),
};
const numbers = (...over: Partial<NumberFacts>[]) => ({ numbers: over.map((each) => ({ ...us, ...each })) });
/** With other data of the subscriber, which is all given. */
const asking = (change: Partial<PortRequest['subscriber']>, more: Partial<PortRequest> = {}): Partial<PortFacts> => {
  const changed = { ...request, ...more, subscriber: { ...request.subscriber, ...change } };
  return { request: changed, given: givenFields(changed) };
};
const living = (address: Partial<PortRequest['subscriber']['serviceAddress']>) =>
  asking({ serviceAddress: { ...request.subscriber.serviceAddress, ...address } });
const coded = (
  country: string,
  authorizationCodes: PortRequest['authorizationCodes'],
  region?: string,
): Partial<PortFacts> => ({
  ...numbers({ country, type: 'mobile' }),
  ...asking(
    {
      serviceAddress: {
        street: '1 Main St',
        city: 'Town',
        region,
        country,
        postalCode: { GB: 'SW1A 1AA', FR: '75001', IN: '400001' }[country] ?? '',
      },
    },
    { authorizationCodes },
  ),
});
const carrierSays = (reason: string, adapter = 'telnyx') => ({
  ...numbers({ check: { portable: false, reason } }),
  gaining: { ...clean.gaining, adapter },
});
const issuedAt = '2026-05-30T15:00:00Z';

it('a clean port has none', () => {
  expect(predictRejections(clean)).toEqual([]);
});

describe('predicted is', () => {
  it.each<[string, Partial<PortFacts>, string, string, boolean]>([
    // Of numbers.
    ['our own lock', numbers({ portOutLocked: true }), 'port-out-locked', 'phoneNumbers', true],
    ['a lock at the losing carrier', carrierSays('Number is locked'), 'port-out-locked', 'phoneNumbers', true],
    ['a freeze', carrierSays('LOCAL_FREEZE'), 'number-frozen', 'phoneNumbers', true],
    ['a number that is disconnected', carrierSays('LINE_NOT_ACTIVE'), 'number-disconnected', 'phoneNumbers', true],
    ['another order at the losing carrier', carrierSays('LSR_PENDING'), 'port-pending-elsewhere', 'phoneNumbers', true],
    [
      'another order at the gaining one',
      carrierSays('7205', 'bandwidth'),
      'port-pending-elsewhere',
      'phoneNumbers',
      true,
    ],
    ['another port with us', numbers({ otherPortOpen: true }), 'port-already-open', 'phoneNumbers', true],
    ['no coverage', carrierSays('no_coverage'), 'number-not-covered', 'phoneNumbers', true],
    [
      'a special feature',
      carrierSays('PHONE_NUMBER_HAS_SPECIAL_FEATURE'),
      'number-has-special-feature',
      'phoneNumbers',
      true,
    ],
    ['a port by hand', carrierSays('22133', 'twilio'), 'number-by-hand-only', 'phoneNumbers', true],
    ['a reason that nobody knows', carrierSays('XYZZY'), 'number-not-portable', 'phoneNumbers', true],
    [
      'texts hosted, by the carrier',
      carrierSays('Hosted SMS at another provider'),
      'texts-hosted-elsewhere',
      'phoneNumbers',
      true,
    ],
    [
      'texts hosted, by our record',
      numbers({ textsAt: { id: 'gamma', spids: ['9999'] } }),
      'texts-hosted-elsewhere',
      'phoneNumbers',
      false,
    ],
    ['the wrong number type', numbers({ type: 'other' }), 'number-type-not-portable', 'phoneNumbers', true],
    ['mixed types', numbers({}, { type: 'fixed' }), 'mixed-types', 'phoneNumbers', true],
    [
      'mixed carriers',
      { ...numbers({}, { spid: '3333' }), losing: undefined },
      'mixed-losing-carriers',
      'phoneNumbers',
      true,
    ],
    [
      'on demand, where the carrier does not',
      { ...numbers({ check: { portable: true, onDemand: false } }), activation: 'on-demand' },
      'on-demand-not-available',
      'activation',
      false,
    ],
    // Of the subscriber's data: the losing carrier's record decides.
    ['no account number', asking({ accountNumber: '' }), 'field-missing', 'subscriber.accountNumber', true],
    [
      'no account number to speak of',
      asking({ accountNumber: 'N/A' }),
      'account-number-doubtful',
      'subscriber.accountNumber',
      false,
    ],
    ['no PIN', asking({ pin: undefined }), 'field-missing', 'subscriber.pin', true],
    ['a PIN that is a word', asking({ pin: 'secret' }), 'pin-doubtful', 'subscriber.pin', false],
    ['a PIN of two digits', asking({ pin: '12' }), 'pin-doubtful', 'subscriber.pin', false],
    ['a name of one letter', asking({ name: 'X' }), 'name-doubtful', 'subscriber.name', false],
    [
      'a company that signs',
      asking({ authorizedBy: 'Example LLC' }),
      'authorized-person-doubtful',
      'subscriber.authorizedBy',
      false,
    ],
    [
      'a post-office box',
      living({ street: 'P.O. Box 12' }),
      'service-address-doubtful',
      'subscriber.serviceAddress.street',
      false,
    ],
    [
      'a ZIP of four digits',
      living({ postalCode: '6270' }),
      'postal-code-malformed',
      'subscriber.serviceAddress.postalCode',
      false,
    ],
    [
      'a ZIP of another state',
      living({ postalCode: '90210' }),
      'postal-code-elsewhere',
      'subscriber.serviceAddress.postalCode',
      false,
    ],
    [
      'a state that is none',
      living({ region: 'Bavaria' }),
      'region-unknown',
      'subscriber.serviceAddress.region',
      false,
    ],
    ['no state', living({ region: undefined }), 'field-missing', 'subscriber.serviceAddress.region', false],
    [
      'an address abroad',
      living({ country: 'GB', region: 'England', postalCode: 'SW1A 1AA' }),
      'address-abroad',
      'subscriber.serviceAddress.country',
      false,
    ],
    // Of the codes by which numbers are released.
    [
      'a PAC of another form',
      coded('GB', { pac: '12345' }),
      'authorization-code-malformed',
      'authorizationCodes.pac',
      true,
    ],
    [
      'a PAC that is too old',
      coded('GB', { pac: 'ABC123456', issuedAt: '2026-05-02T14:59:59Z' }),
      'authorization-code-expired',
      'authorizationCodes.pac',
      true,
    ],
    [
      'a PAC that will be too old',
      {
        ...coded('GB', { pac: 'ABC123456', issuedAt: '2026-05-10T15:00:00Z' }),
        requestedFocAt: new Date('2026-06-15T10:00:00Z'),
      },
      'authorization-code-expired',
      'authorizationCodes.pac',
      false,
    ],
    [
      'a RIO of another form',
      coded('FR', { rio: '01X123456ABC' }),
      'authorization-code-malformed',
      'authorizationCodes.rio',
      true,
    ],
    [
      'a UPC of another form',
      coded('IN', { upc: 'ABC' }),
      'authorization-code-malformed',
      'authorizationCodes.upc',
      true,
    ],
    [
      'a UPC that is five days old',
      coded('IN', { upc: 'AB123456', issuedAt: '2026-05-27T15:00:00Z' }),
      'authorization-code-expired',
      'authorizationCodes.upc',
      true,
    ],
    [
      'a SIM that was changed less than a week ago',
      {
        ...coded('IN', { upc: 'AB123456' }),
        ...numbers({ country: 'IN', simChangedAt: new Date('2026-05-25T15:00:01Z') }),
      },
      'sim-changed-lately',
      'phoneNumbers',
      true,
    ],
    [
      'a British line, partially, without those that remain',
      {
        ...numbers({ country: 'GB', type: 'fixed' }),
        ...living({ country: 'GB', region: undefined, postalCode: 'SW1A 1AA' }),
        portType: 'partial',
      },
      'field-missing',
      'remainingNumbers',
      true,
    ],
    // Of the date.
    [
      'a date in the past',
      { requestedFocAt: new Date('2026-06-01T15:00:00Z') },
      'requested-date-past',
      'requestedFocAt',
      true,
    ],
    [
      'a date that is too near',
      { requestedFocAt: new Date('2026-06-05T04:59:59Z') },
      'requested-date-too-near',
      'requestedFocAt',
      false,
    ],
    [
      'a date that is too far',
      { requestedFocAt: new Date('2026-07-01T15:00:01Z') },
      'requested-date-too-far',
      'requestedFocAt',
      true,
    ],
  ])('%s', (_, over, code, field, certain) => {
    const problems = predictRejections({ ...clean, ...over });
    expect(problems.map((each) => [each.code, each.field, each.certain])).toEqual([[code, field, certain]]);
    expect(problems[0]?.fix).toMatch(/\.$/);
    expect(problems[0]?.message).toMatch(/\.$/);
  });
});

describe('nothing is predicted of', () => {
  it.each<[string, Partial<PortFacts>]>([
    ['the earliest date itself', { requestedFocAt: new Date('2026-06-05T05:00:00Z') }],
    ['the latest date itself', { requestedFocAt: new Date('2026-07-01T15:00:00Z') }],
    ['a date without clocks', { requestedFocAt: new Date('2026-06-02T15:00:00Z'), clocks: {} }],
    ['a ZIP+4', living({ postalCode: '62701-1234' })],
    ['a state by its name', living({ region: 'Illinois' })],
    ['texts at the losing carrier', numbers({ textsAt: { id: 'alpha', spids: ['1111'] } })],
    ['texts at the gaining carrier already', numbers({ textsAt: { id: 'telnyx', spids: ['2222'] } })],
    [
      'texts elsewhere that stay there',
      { ...numbers({ textsAt: { id: 'gamma', spids: ['9999'] } }), messagingPlan: 'stay' },
    ],
    [
      'on-demand of a number that can',
      { ...numbers({ check: { portable: true, onDemand: true } }), activation: 'on-demand' },
    ],
    ['a PAC in its last moment', coded('GB', { pac: 'abc 123456', issuedAt: '2026-05-02T15:00:01Z' })],
    ['a RIO', coded('FR', { rio: '01P1A2B3C+4D' })],
    [
      'a SIM that was changed a week ago',
      {
        ...coded('IN', { upc: 'AB123456' }),
        ...numbers({ country: 'IN', simChangedAt: new Date('2026-05-25T15:00:00Z') }),
      },
    ],
    ['a SIM elsewhere', numbers({ simChangedAt: new Date('2026-06-01T10:00:00Z') })],
    ['a UPC', coded('IN', { upc: 'ab123456', issuedAt })],
    [
      'a UPC of Jammu and Kashmir, good for 30 days',
      coded('IN', { upc: 'AB123456', issuedAt: '2026-05-10T15:00:00Z' }, 'JK'),
    ],
    ['a PAC for a US number', asking({}, { authorizationCodes: { pac: 'whatever' } })],
    [
      'a toll-free number from anywhere',
      { ...numbers({ type: 'toll-free' }), ...living({ country: 'GB', region: 'England', postalCode: 'SW1A 1AA' }) },
    ],
    ['data for texts alone', { ...asking({ accountNumber: 'none', pin: 'x' }), messagingPlan: 'messaging-only' }],
  ])('%s', (_, over) => {
    expect(predictRejections({ ...clean, ...over })).toEqual([]);
  });
});

it('no value of the request is repeated (invariant 9)', () => {
  const odd = asking({ name: 'Z', accountNumber: 'unknown', pin: 'hunter2', authorizedBy: 'Secretive LLC' });
  const told = JSON.stringify(predictRejections({ ...clean, ...odd, ...coded('GB', { pac: 'NOTAPAC' }) }));
  for (const value of ['hunter2', 'Secretive', 'NOTAPAC', 'A-77123', 'Ada']) expect(told).not.toContain(value);
});

it('what the carrier and the database both say is said once', () => {
  const { numbers: both } = numbers(
    { spid: '2222', check: { portable: false, reason: 'ALREADY_ON_TELNYX' } },
    { spid: '2222' },
  );
  expect(predictRejections({ ...clean, losing: undefined, numbers: both })).toMatchObject([
    { code: 'already-at-gaining-carrier', positions: [0, 1] },
  ]);
});

describe('the facts behind', () => {
  const known = {
    source: z.string().min(3),
    verifiedAt: z.string().regex(/^2026/),
    confidence: z.enum(['R', 'K', 'U']),
  };
  const pattern = z.string().refine((text) => new RegExp(text, 'iu') instanceof RegExp);
  const regions = z.array(z.string().regex(/^[A-Z]{2}$/));

  it('codes, postal codes and doubts have their form, source and date', () => {
    const code = z.strictObject({
      code: z.enum(['pac', 'upc', 'rio']),
      countries: regions,
      types: z.array(z.enum(['mobile', 'fixed'])),
      regions: regions.optional(),
      pattern,
      form: z.string(),
      validDays: z.int().positive().optional(),
      simRestDays: z.int().positive().optional(),
      fix: z.string().regex(/\.$/),
      ...known,
    });
    for (const row of codes.rows) expect(code.parse(row)).toEqual(row);
    const postalRow = z.strictObject({
      country: z.string().length(2),
      pattern,
      form: z.string(),
      regionsByStart: z.record(z.string().length(1), regions).optional(),
      ...known,
    });
    for (const row of postal.rows) expect(postalRow.parse(row)).toEqual(row);
    const { rows, ...about } = doubts;
    expect(z.strictObject(known).parse(about)).toEqual(about);
    const doubt = z.strictObject({
      code: z.string(),
      field: z.string(),
      countries: regions.optional(),
      types: z.array(z.string()).optional(),
      pattern,
      message: z.string().regex(/\.$/),
      fix: z.string().regex(/\.$/),
    });
    for (const row of rows) expect(doubt.parse(row)).toEqual(row);
  });

  it('every state and province has a postal code', () => {
    for (const { country, regionsByStart } of postal.rows) {
      if (!regionsByStart) continue;
      const covered = new Set(Object.values(regionsByStart).flat());
      expect([country, covered.size]).toEqual([country, country === 'US' ? 51 : 13]);
    }
  });
});
