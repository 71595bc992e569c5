import { expect, test } from 'vitest';
import { brokenContentRules } from '../../domain/wording.ts';

const all = ['sender-named', 'opt-out', 'no-link', 'no-phone-number'] as const;

test.each<[string, string | undefined, readonly string[]]>([
  ['Northwind: boots. Reply STOP to end.', 'Northwind', []],
  ['NORTHWIND: boots. Répondez ARRÊT.', 'northwind', []],
  ['Café Bleu: Offre. STOP pour ne plus rien recevoir.', 'Cafe  Bleu', []],
  ['Zum Abbestellen: Nordwind schreibt nicht mehr', 'Nordwind', []],
  ['Boots. STOP', undefined, ['sender-named']],
  ['Boots. STOP', 'Northwind', ['sender-named']],
  ['Northwind: the stoppers are here', 'Northwind', ['opt-out']],
  ['Northwind: nonstop boots', 'Northwind', ['opt-out']],
  ['Northwind: https://nw.example/bye', 'Northwind', ['no-link']],
  ['Northwind: nw.example/bye', 'Northwind', ['no-link']],
  ['Northwind: see nwnd.co', 'Northwind', ['no-link']],
  ['Northwind: 20.50 off, STOP. Only today', 'Northwind', []],
  ['Northwind STOP +971 4 123 4567', 'Northwind', ['no-phone-number']],
  ['Northwind STOP (04) 123-4567', 'Northwind', ['no-phone-number']],
  ['Northwind STOP 100 %, 2026', 'Northwind', []],
])('%s', (text, brand, broken) => {
  expect(brokenContentRules(text, brand, all)).toEqual(broken);
});

test('weighs only what is asked', () => {
  expect(brokenContentRules('Boots', undefined, ['no-link'])).toEqual([]);
});
