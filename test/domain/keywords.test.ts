import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import facts from '../../domain/facts/keywords.json' with { type: 'json' };
import { readKeyword } from '../../domain/keywords.ts';

describe('readKeyword', () => {
  it.each([
    ['STOP', 'opt-out'],
    ['stop', 'opt-out'],
    [' Stop. ', 'opt-out'],
    ['STOP!!!', 'opt-out'],
    ['S.T.O.P', 'opt-out'],
    ['ＳＴＯＰ', 'opt-out'],
    ['"stop"', 'opt-out'],
    ['🛑 stop', 'opt-out'],
    ['st\u200bop', 'opt-out'],
    ['STOPALL', 'opt-out'],
    ['Stop all', 'opt-out'],
    ['opt-out', 'opt-out'],
    ['OptOut', 'opt-out'],
    ['Revoke', 'opt-out'],
    ['STOP PLEASE', 'opt-out'],
    ['please stop, thanks', 'opt-out'],
    ['Please stop texting me', 'opt-out'],
    ['I asked you twice: STOP SENDING these!', 'opt-out'],
    ["Don't text me again", 'opt-out'],
    ['Don’t text me again', 'opt-out'],
    ['take me off your list', 'opt-out'],
    ['ARRÊT', 'opt-out'],
    ['Désabonner svp', 'opt-out'],
    ['arret s’il vous plaît', 'opt-out'],
    ['BAJA por favor', 'opt-out'],
    ['Stopp', 'opt-out'],
    ['bitte abmelden', 'opt-out'],
    ['SAIR', 'opt-out'],
    ['cancella', 'opt-out'],
    ['Afmelden', 'opt-out'],
    ['START', 'opt-in'],
    ['unstop', 'opt-in'],
    ['help', 'help'],
    ['INFO?', 'help'],
    ['Hilfe bitte', 'help'],
    ['aide', 'help'],
  ])('%j is %s', (text, expected) => {
    expect(readKeyword(text)).toBe(expected);
  });

  it.each([
    '',
    '   ',
    '!!!',
    '1',
    'yes',
    'YES',
    'Y',
    'please',
    'start please',
    'Where is the bus stop?',
    'I will stop by at five',
    'cancel my order 1234',
    "don't stop texting me, I like it",
    'never stop sending these',
    'please help me with my order',
    'the end of the month',
    'more info please at the desk',
    'unstoppable',
    'stopover',
  ])('%j is an ordinary text', (text) => {
    expect(readKeyword(text)).toBeUndefined();
  });

  it('knows every word of its list in any case and among punctuation', () => {
    const listed = facts.keywords.flatMap((row) => row.words.map((word) => [word, row.reads] as const));
    fc.assert(
      fc.property(
        fc.constantFrom(...listed),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        fc.string({ unit: fc.constantFrom('.', '!', ' ', '\n', '…', '*', '👍'), maxLength: 4 }),
        ([word, reads], upper, around) => {
          const written = [...word].map((letter, i) => (upper[i] ? letter.toUpperCase() : letter)).join('');
          expect(readKeyword(around + written + around)).toBe(reads);
        },
      ),
    );
  });

  it('reads any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect([undefined, 'opt-out', 'opt-in', 'help']).toContain(readKeyword(text));
      }),
    );
  });
});
