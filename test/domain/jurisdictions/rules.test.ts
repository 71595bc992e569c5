import { describe, expect, it, test } from 'vitest';
import facts from '../../../domain/facts/jurisdictions.json' with { type: 'json' };
import { jurisdictions, readJurisdictions } from '../../../domain/jurisdictions/rules.ts';

const row = {
  code: 'US',
  name: 'United States',
  countries: ['US'],
  hours: { open: [{ days: 'mon-sun', from: '08:00', to: '21:00' }], holidays: 'open' },
  source: 'the law',
  verifiedAt: '2026-01-15',
  confidence: 'R',
};
const fileOf = (...rows: unknown[]) => ({ title: 't', version: 1, reviewMonths: { R: 12, K: 6 }, rows });

describe('a broken file of rules is refused with its row and what is wrong', () => {
  test.each<[string, unknown, RegExp]>([
    ['no object', 'rules', /^rules\.json is not a valid list of jurisdictions, so nothing is sent: the file: /],
    ['no rows', fileOf(), /rows: /],
    [
      'hours that end before they begin',
      fileOf({ ...row, hours: { ...row.hours, open: [{ days: 'mon', from: '21:00', to: '08:00' }] } }),
      /US\.hours\.open\.0: `from` must be before `to`/,
    ],
    [
      'a time that no clock shows',
      fileOf({ ...row, hours: { ...row.hours, open: [{ days: 'mon', from: '8', to: '25:00' }] } }),
      /US\.hours\.open\.0\.to: must be a time of day/,
    ],
    [
      'days in no order',
      fileOf({ ...row, hours: { ...row.hours, open: [{ days: 'sun-mon', from: '08:00', to: '21:00' }] } }),
      /US\.hours\.open\.0\.days: must be weekdays/,
    ],
    [
      'a zone that is none',
      fileOf({ ...row, hours: { ...row.hours, alsoZones: ['America/Atlantis'] } }),
      /alsoZones\.0: must be a zone/,
    ],
    ['an unknown rule', fileOf({ ...row, curfew: true }), /US: .*curfew/],
    ['a row without a source', fileOf({ ...row, source: '' }), /US\.source: /],
    ['a row that was verified on no day', fileOf({ ...row, verifiedAt: 'lately' }), /US\.verifiedAt: /],
    ['a row twice', fileOf(row, row), /US\.code: «US» stands there twice/],
    [
      'a state without its country',
      fileOf(row, { ...row, code: 'CA-ON', countries: undefined }),
      /CA-ON\.code: has no row of its country CA/,
    ],
    [
      'a country that protects nobody',
      fileOf({ ...row, countries: undefined }),
      /US\.countries: must name the countries/,
    ],
  ])('%s', (_, content, message) => {
    expect(() => readJurisdictions(content, 'rules.json')).toThrow(message);
  });

  it('takes one that is right', () => {
    expect(readJurisdictions(fileOf(row), 'rules.json').rows).toHaveLength(1);
  });
});

describe('the rows', () => {
  it('are due for review a year after they were read, half a year after they were only known', () => {
    const rules = readJurisdictions(
      fileOf(row, { ...row, code: 'CA', countries: ['CA'], confidence: 'K' }),
      'rules.json',
    );
    expect(rules.dueBy('2026-07-14')).toEqual([]);
    expect(rules.dueBy('2026-07-15').map((due) => [due.row.code, due.dueOn])).toEqual([['CA', '2026-07-15']]);
    expect(rules.dueBy('2027-01-15').map((due) => due.row.code)).toEqual(['CA', 'US']);
  });

  it('keep what sources disagree about', () => {
    const conflicting = jurisdictions.rows.filter(({ conflicts }) => conflicts.length > 0).map(({ code }) => code);
    expect(conflicting).toEqual(['US-MS', 'FR', 'BR', 'AE']);
    expect(facts.version).toBe(jurisdictions.version);
  });

  it('join: the strictest consent, the lowest cap, all wordings', () => {
    const terms = jurisdictions.termsOf({ places: ['US-FL', 'GB', 'CA-ON'], zones: ['America/New_York'] });
    expect(terms).toMatchObject({
      rows: ['US', 'US-FL', 'CA', 'GB'],
      unknownPlace: undefined,
      consent: 'express-written',
      impliedMonths: 24,
      cap: { texts: 3, hours: 24 },
      content: ['sender-named', 'opt-out'],
    });
  });

  it('name a place that has none', () => {
    expect(jurisdictions.termsOf({ places: ['US', 'CH'], zones: [] }).unknownPlace).toBe('CH');
    expect(jurisdictions.termsOf({ places: ['US-CA'], zones: [] }).unknownPlace).toBeUndefined();
  });
});
