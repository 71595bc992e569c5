import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { givenFields } from '../../domain/port-request.ts';
import {
  type GivenDocument,
  type RequiringPort,
  requirementRows,
  requirementsOf,
} from '../../domain/port-requirements.ts';

const row = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]+$/),
    field: z.string().optional(),
    document: z.enum(['loa', 'invoice', 'csr', 'identity']).optional(),
    countries: z.array(z.string().regex(/^[A-Z]{2}$/)).optional(),
    types: z.array(z.enum(['mobile', 'fixed', 'fixed-or-mobile', 'toll-free', 'voip'])).optional(),
    portType: z.enum(['full', 'partial']).optional(),
    plans: z.array(z.enum(['move', 'stay', 'messaging-only'])).optional(),
    need: z.enum(['always', 'likely', 'sometimes']),
    fix: z.string().regex(/\.$/),
    source: z.string().min(3),
    verifiedAt: z.string().regex(/^2026/),
    confidence: z.enum(['R', 'K', 'U']),
  })
  .refine(({ field, document }) => (field === undefined) !== (document === undefined), 'A field or a document.')
  .refine(({ need, confidence }) => need !== 'always' || confidence !== 'U', 'What is uncertain is never «always».');

const port = (country: string, type: RequiringPort['numbers'][number]['type'], more: Partial<RequiringPort> = {}) => ({
  numbers: [{ valid: true, country, type }],
  portType: 'full' as const,
  messagingPlan: 'move' as const,
  portsBillingNumber: false,
  ...more,
});
const namesOf = (each: RequiringPort, need?: string) =>
  requirementsOf(each, [], []).flatMap((one) => (need === undefined || one.need === need ? [one.name] : []));

describe('the rows of requirements', () => {
  it.each(requirementRows.map((each) => [each.id, each] as const))('%s has its form, source and date', (_, each) => {
    expect(row.parse(each)).toEqual(each);
  });

  it('have names of their own', () => {
    const ids = requirementRows.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });
});

describe('what a port takes', () => {
  const basics = [
    'subscriber.name',
    'subscriber.authorizedBy',
    'subscriber.serviceAddress.street',
    'subscriber.serviceAddress.city',
    'subscriber.serviceAddress.postalCode',
    'subscriber.serviceAddress.country',
  ];
  it.each<[string, RequiringPort, string[]]>([
    ['a US number', port('US', 'fixed-or-mobile'), ['subscriber.accountNumber']],
    ['a US mobile number', port('US', 'mobile'), ['subscriber.accountNumber', 'subscriber.pin']],
    ['a US toll-free number', port('US', 'toll-free'), []],
    ['a Canadian number', port('CA', 'fixed'), ['subscriber.accountNumber']],
    ['a British mobile number', port('GB', 'mobile'), ['authorizationCodes.pac']],
    ['a British line', port('GB', 'fixed'), []],
    ['a British line, partially', port('GB', 'fixed', { portType: 'partial' }), ['remainingNumbers']],
    ['a French number', port('FR', 'mobile'), ['authorizationCodes.rio']],
    ['an Indian number', port('IN', 'mobile'), ['authorizationCodes.upc']],
    ['a German number', port('DE', 'mobile'), []],
    [
      'the billing number, partially',
      port('US', 'fixed', { portType: 'partial', portsBillingNumber: true }),
      ['subscriber.accountNumber', 'newBillingNumber'],
    ],
  ])('always: %s', (_, each, more) => {
    expect(namesOf(each, 'always')).toEqual([...basics, ...more]);
  });

  it.each<[string, RequiringPort, string[]]>([
    ['a US line', port('US', 'fixed'), ['loa', 'invoice', 'csr']],
    ['a US mobile number', port('US', 'mobile'), ['loa', 'invoice']],
    ['an Indian number', port('IN', 'mobile'), ['loa', 'invoice', 'identity']],
    ['a Spanish number', port('ES', 'mobile'), ['loa', 'invoice', 'identity']],
    ['texts alone', port('US', 'fixed', { messagingPlan: 'messaging-only' }), ['loa', 'invoice']],
  ])('documents: %s', (_, each, documents) => {
    const wanted = requirementsOf(each, [], []).filter(({ kind }) => kind === 'document');
    expect(wanted.map(({ name }) => name)).toEqual(documents);
  });

  it('asks for a field once, by the stronger need', () => {
    const numbers = [
      { valid: true, country: 'US', type: 'fixed-or-mobile' as const },
      { valid: true, country: 'US', type: 'mobile' as const },
    ];
    const pins = requirementsOf(port('US', 'mobile', { numbers }), [], []).filter(
      ({ name }) => name === 'subscriber.pin',
    );
    expect(pins).toMatchObject([{ need: 'always' }]);
  });

  it('asks nothing for numbers that are none', () => {
    expect(namesOf(port('US', 'mobile', { numbers: [{ valid: false, country: '', type: 'other' }] }))).toEqual([]);
  });
});

describe('where a requirement stands', () => {
  const us = port('US', 'mobile');
  const given = ['subscriber.name', 'subscriber.accountNumber', 'subscriber.serviceAddress.street'];
  const stateOf = (
    name: string,
    documents: readonly GivenDocument[] = [],
    verdict?: Parameters<typeof requirementsOf>[3],
  ) => requirementsOf(us, given, documents, verdict).find((each) => each.name === name)?.state;

  it.each<[string, string, Parameters<typeof requirementsOf>[3], string]>([
    ['not given', 'subscriber.pin', undefined, 'missing'],
    ['given, and nobody has said anything', 'subscriber.accountNumber', undefined, 'under-review'],
    [
      'refused by its path',
      'subscriber.accountNumber',
      { refused: ['subscriber.accountNumber'], accepted: false },
      'refused',
    ],
    [
      'refused as a whole',
      'subscriber.serviceAddress.street',
      { refused: ['subscriber.serviceAddress'], accepted: false },
      'refused',
    ],
    [
      'beside what was refused',
      'subscriber.name',
      { refused: ['subscriber.serviceAddress'], accepted: false },
      'under-review',
    ],
    ['after a yes', 'subscriber.accountNumber', { refused: [], accepted: true }, 'accepted'],
    ['missing even after a yes', 'subscriber.pin', { refused: [], accepted: true }, 'missing'],
  ])('%s', (_, name, verdict, state) => {
    expect(stateOf(name, [], verdict)).toBe(state);
  });

  it.each<[string, GivenDocument[], string]>([
    ['none', [], 'missing'],
    ['another kind', [{ kind: 'csr', state: 'accepted' }], 'missing'],
    ['handed over', [{ kind: 'invoice', state: 'under-review' }], 'under-review'],
    ['refused', [{ kind: 'invoice', state: 'refused' }], 'refused'],
    [
      'refused and replaced',
      [
        { kind: 'invoice', state: 'refused' },
        { kind: 'invoice', state: 'under-review' },
      ],
      'under-review',
    ],
    [
      'accepted at last',
      [
        { kind: 'invoice', state: 'refused' },
        { kind: 'invoice', state: 'accepted' },
      ],
      'accepted',
    ],
  ])('a document: %s', (_, documents, state) => {
    expect(stateOf('invoice', documents)).toBe(state);
  });

  it('whatever was given: each once, missing exactly where it was not given', () => {
    const fields = requirementRows.flatMap(({ field }) => field ?? []);
    const type = fc.constantFrom('mobile', 'fixed', 'fixed-or-mobile', 'toll-free', 'voip', 'other');
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ valid: fc.boolean(), country: fc.constantFrom('US', 'GB', 'FR', 'IN', 'ES', 'AU'), type }),
          {
            maxLength: 4,
          },
        ),
        fc.constantFrom('full', 'partial'),
        fc.constantFrom('move', 'stay', 'messaging-only'),
        fc.boolean(),
        fc.subarray(fields),
        fc.subarray(fields),
        fc.boolean(),
        (numbers, portType, messagingPlan, portsBillingNumber, some, refused, accepted) => {
          const wanted = requirementsOf({ numbers, portType, messagingPlan, portsBillingNumber }, some, [], {
            refused,
            accepted,
          });
          const names = wanted.map(({ name }) => name);
          expect(names).toEqual([...new Set(names)]);
          for (const each of wanted) {
            expect(each.state === 'missing').toBe(each.kind === 'document' || !some.includes(each.name));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

it('given are the paths that hold something', () => {
  expect(
    givenFields({
      subscriber: {
        name: 'Ada',
        accountNumber: '',
        serviceAddress: { street: '1 Main St', city: 'Springfield', postalCode: '62701', country: 'US' },
        authorizedBy: 'Ada',
      },
      authorizationCodes: { pac: 'ABC123456' },
      remainingNumbers: [],
    }),
  ).toEqual([
    'subscriber.name',
    'subscriber.serviceAddress.street',
    'subscriber.serviceAddress.city',
    'subscriber.serviceAddress.postalCode',
    'subscriber.serviceAddress.country',
    'subscriber.authorizedBy',
    'authorizationCodes.pac',
  ]);
});
