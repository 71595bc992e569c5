import { expect, test } from 'vitest';
import facts from '../../../domain/facts/number-places.json' with { type: 'json' };
import { placesOf } from '../../../domain/jurisdictions/recipient-places.ts';
import { jurisdictions } from '../../../domain/jurisdictions/rules.ts';

test.each<[string, string, string[], string[]]>([
  ['a state by its area code', '+12065550123', ['US-WA'], ['America/Los_Angeles']],
  ['an overlay of another area code', '+14485550123', ['US-FL'], ['America/Chicago', 'America/New_York']],
  ['El Paso, an hour behind the rest of Texas', '+19155550123', ['US-TX'], ['America/Denver']],
  ['Puerto Rico', '+17875550123', ['US-PR'], ['America/Puerto_Rico']],
  ['a province of Canada', '+19025550123', ['CA-NS'], ['America/Halifax']],
  ['a country with one zone', '+33612345678', ['FR'], ['Europe/Paris']],
  ['La Réunion', '+262692123456', ['RE'], ['Indian/Reunion']],
  ['a Brazilian mobile by its area code', '+5568991234567', ['BR-AC'], ['America/Rio_Branco']],
  ['a number of no country', '+80012345678', ['001'], []],
  ['what is no number', '+999', ['001'], []],
])('%s', (_, number, places, zones) => {
  expect(placesOf(number)).toEqual({ places, zones });
});

test('a number that tells no state may be anywhere in the country', () => {
  const { places, zones } = placesOf('+18005550123');
  expect(places).toEqual(['US']);
  expect(zones).toContain('America/New_York');
  expect(zones).toContain('Pacific/Honolulu');
});

test('what is declared is added: a state with every zone of its area codes', () => {
  expect(placesOf('+12065550123', ['US-TX', 'US-WA'])).toEqual({
    places: ['US-WA', 'US-TX'],
    zones: ['America/Chicago', 'America/Denver', 'America/Los_Angeles'],
  });
  expect(placesOf('+12065550123', ['DE-BY'])).toEqual({
    places: ['US-WA', 'DE-BY'],
    zones: ['America/Los_Angeles', 'Europe/Berlin'],
  });
});

test('a country that is declared says nothing new of a number that tells the state; of another country it does', () => {
  expect(placesOf('+12065550123', ['US'])).toEqual(placesOf('+12065550123'));
  expect(placesOf('+12065550123', ['US', 'US-TX'])).toEqual(placesOf('+12065550123', ['US-TX']));
  expect(placesOf('+12065550123', ['CA']).zones).toContain('America/Halifax');
});

test('no area code stands there twice, and every country with a row has its zones', () => {
  for (const rows of [facts.northAmerica, facts.brazil]) {
    const codes = rows.flatMap((row) => row.codes);
    expect(new Set(codes).size).toBe(codes.length);
  }
  const zones: Record<string, unknown> = facts.countries;
  const countries = jurisdictions.rows.flatMap((row) => row.countries ?? []);
  expect(countries.filter((country) => !zones[country])).toEqual([]);
});
