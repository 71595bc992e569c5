import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  assessNumber,
  type NumberFinding,
  numbersPerOrder,
  type OrderKind,
  type PlanTerms,
  splitIntoOrders,
} from '../../domain/port-plan.ts';

const finding = (rest: Partial<NumberFinding> = {}): NumberFinding => ({
  country: 'US',
  type: 'fixed-or-mobile',
  spid: '1234',
  check: { portable: true, messagingCapable: true },
  otherPortOpen: false,
  ...rest,
});
const terms: PlanTerms = {
  gaining: { id: 'telnyx', spids: ['073H'] },
  carriers: [
    { id: 'alpha', spids: ['1234', '1235'] },
    { id: 'beta', spids: ['5678'] },
    { id: 'telnyx', spids: ['073H'] },
  ],
  messagingPlan: 'move',
  now: new Date('2027-01-01T00:00:00Z'),
};

describe('what kind of order a number belongs to', () => {
  const alpha = { losingCarrier: 'alpha' };
  test.each<[string, Partial<NumberFinding>, Partial<PlanTerms>, object]>([
    ['the database names a SPID of ours', {}, {}, alpha],
    ['another SPID of the same carrier', { spid: '1235' }, {}, alpha],
    [
      'the database says more than the request',
      { spid: '5678' },
      { losingCarrier: 'alpha' },
      { losingCarrier: 'beta' },
    ],
    ['a SPID of nobody we know', { spid: '9999' }, {}, { spid: '9999' }],
    [
      'a SPID of nobody, but of a carrier that rides another',
      { spid: '9999', registeredWith: 'alpha' },
      {},
      { spid: '9999', losingCarrier: 'alpha' },
    ],
    [
      'the database knows nothing, the record does',
      { spid: undefined, registeredWith: 'beta' },
      {},
      { losingCarrier: 'beta' },
    ],
    ['nobody knows, the request does', { spid: undefined }, { losingCarrier: 'alpha' }, alpha],
    ['nobody knows', { spid: undefined }, {}, {}],
    [
      'another country',
      { country: 'GB', type: 'mobile' },
      {},
      { losingCarrier: 'alpha', country: 'GB', type: 'mobile' },
    ],
    [
      'activated on demand',
      { check: { portable: true, onDemand: true } },
      {},
      { losingCarrier: 'alpha', onDemand: true },
    ],
  ])('%s', (_what, found, said, kind) => {
    const assessment = assessNumber(finding(found), { ...terms, ...said });
    expect(assessment).toEqual({ kind: { country: 'US', type: 'fixed-or-mobile', ...kind } });
  });

  test.each<[string, Partial<NumberFinding>, Partial<PlanTerms>, string]>([
    ['a premium number', { type: 'other' }, {}, 'number-type-not-portable'],
    ['a number of no country', { country: '001' }, {}, 'number-type-not-portable'],
    ['another open port (invariant 7)', { otherPortOpen: true }, {}, 'port-already-open'],
    ['not portable', { check: { portable: false } }, {}, 'number-not-portable'],
    ['no texts there', { check: { portable: true, messagingCapable: false } }, {}, 'messaging-not-supported'],
    ['there already', { spid: '073H' }, {}, 'already-at-gaining-carrier'],
    ['there already, by its record', { spid: undefined, registeredWith: 'telnyx' }, {}, 'already-at-gaining-carrier'],
    [
      'registered with another than the losing one',
      { registeredWith: 'beta' },
      { losingCarrier: 'alpha' },
      'losing-carrier-mismatch',
    ],
  ])('%s goes into none', (_what, found, said, code) => {
    expect(assessNumber(finding(found), { ...terms, ...said })).toMatchObject({ problem: { code } });
  });

  it('texts that stay are no reason against a port', () => {
    const check = { portable: true, messagingCapable: false };
    expect(assessNumber(finding({ check }), { ...terms, messagingPlan: 'stay' })).toHaveProperty('kind');
  });
});

const kind = fc.record<OrderKind>(
  {
    losingCarrier: fc.constantFrom('alpha', 'beta'),
    spid: fc.constantFrom('1', '2'),
    country: fc.constantFrom('US', 'GB', 'FR'),
    type: fc.constantFrom('mobile', 'fixed', 'toll-free'),
    onDemand: fc.boolean(),
  },
  { requiredKeys: ['country', 'type'] },
);
const kinds = fc.array(fc.option(kind, { nil: undefined, freq: 6 }), { maxLength: 300 });

describe('splitting into orders', () => {
  it('fills an order up to 500 and begins the next', () => {
    const one: OrderKind = { country: 'US', type: 'mobile' };
    const orders = splitIntoOrders(Array.from({ length: 1201 }, () => one));
    expect(orders.map(({ positions }) => positions.length)).toEqual([500, 500, 201]);
    expect(numbersPerOrder).toBe(500);
  });

  it('puts every number into exactly one order, or into none when it has no kind', () => {
    fc.assert(
      fc.property(kinds, fc.integer({ min: 1, max: 40 }), (all, most) => {
        const placed = splitIntoOrders(all, most).flatMap(({ positions }) => positions);
        const wanted = all.flatMap((each, position) => (each ? [position] : []));
        expect(placed.toSorted((a, b) => a - b)).toEqual(wanted);
      }),
    );
  });

  it('makes orders of one kind, none empty, none too large, numbers in the order of the request', () => {
    fc.assert(
      fc.property(kinds, fc.integer({ min: 1, max: 40 }), (all, most) => {
        for (const { kind: of, positions } of splitIntoOrders(all, most)) {
          expect(positions.length).toBeGreaterThan(0);
          expect(positions.length).toBeLessThanOrEqual(most);
          expect(positions).toEqual(positions.toSorted((a, b) => a - b));
          for (const position of positions) expect(all[position]).toEqual(of);
        }
      }),
    );
  });

  it('leaves at most one order of each kind unfilled', () => {
    fc.assert(
      fc.property(kinds, fc.integer({ min: 1, max: 40 }), (all, most) => {
        const unfilled = splitIntoOrders(all, most).filter(({ positions }) => positions.length < most);
        const names = unfilled.map(({ kind: of }) => JSON.stringify(Object.entries(of).sort()));
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  it('gives the same orders every time (invariant 4)', () => {
    fc.assert(
      fc.property(kinds, (all) => {
        expect(splitIntoOrders(structuredClone(all), 20)).toEqual(splitIntoOrders(all, 20));
      }),
    );
  });
});
